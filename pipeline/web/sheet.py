"""What is known of a sheet that somebody brought to the page, and where its files lie."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal, get_args

from pipeline.sources import target_in
from pipeline.tables import PACKED, SUFFIXES

State = Literal["waiting", "tagging", "tagged", "failed"]

#: The file in its folder that says what is known of it.
RECORD: Final = "known.json"  # no sheet is called so, as `sheet.json` may be

_STATES: Final = get_args(State)
_KINDS: Final = {kind + packed for kind in SUFFIXES for packed in ("", *PACKED)}


@dataclass
class Sheet:
    """A sheet, and what came of it.

    Attributes:
        id: random; a path of the server has it in it and nothing else of the sheet.
        name: what its user calls it: to be shown, never to be used as a path.
        suffix: of its file.
        added: when it came: ISO 8601, UTC.
        beside: where the file lies, if it is one that was named to ``frontback review``.
        form: names of the columns of title and text and of a workbook's sheet, where the user said
            so, as `pipeline.job.prepare` takes them.
        state: a sheet that was being tagged when the server ended is waiting.
        rows: how many rows it has; 0 as long as nobody knows.
        done: how many of them are tagged.
        counts: how often each value was given, by column: office, language, reason.
        problems: how many rows could not be read or have no text.
        problem_rows: the first of these: the row as a spreadsheet numbers it, what is wrong.
        columns: the columns of text and of title, by these words; without title where none is.
        names: of all columns.
        notes: what a person should know of how it was read, a line each.
        model: id of the model that tagged it.
        error: why it could not be tagged, as a sentence.
        begun: how often it was begun in vain since it waits: each time the server was killed.
    """

    id: str
    name: str
    suffix: str
    added: str
    beside: str | None = None
    form: dict[str, str] = field(default_factory=dict)
    state: State = "waiting"
    rows: int = 0
    done: int = 0
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    problems: int = 0
    problem_rows: list[tuple[int, str]] = field(default_factory=list)
    columns: dict[str, str] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    model: str = ""
    error: str = ""
    begun: int = 0
    home: Path = Path()

    @property
    def came(self) -> str:
        """When it came, to the minute, by the clock of this machine."""
        return datetime.fromisoformat(self.added).astimezone().strftime("%Y-%m-%d %H:%M")

    @property
    def source(self) -> Path:
        """The file as it came."""
        return Path(self.beside) if self.beside else self.home / f"sheet{self.suffix}"

    @property
    def tagged(self) -> Path:
        """The same with tags: of the same kind where that can be written, else a workbook."""
        return target_in(self.home / "tagged", self.home / f"sheet{self.suffix}")

    @property
    def tagged_suffix(self) -> str:
        """The suffix that a copy of `tagged` has for its user."""
        return self.tagged.name.removeprefix(f"sheet{self.suffix}") or self.suffix

    @property
    def reviews(self) -> Path:
        """The file of what people decided; it need not be there."""
        if self.beside:
            return reviews_beside(Path(self.beside))
        return self.home / "reviews.sqlite"


def reviews_beside(path: Path) -> Path:
    """Return the file of what people decided about a sheet of their own."""
    return path.with_name(f"{path.name}.reviews.sqlite")


def read_sheet(home: Path) -> Sheet | None:
    """Return the sheet of a folder; None where it is none, or one of a later version."""
    record = home / RECORD
    try:
        if record.is_symlink():
            return None
        sheet = _sheet(json.loads(record.read_bytes()), home)
    except (OSError, ValueError, TypeError, RecursionError):
        return None
    own = [sheet.tagged.parent, sheet.tagged, *([] if sheet.beside else [sheet.source])]
    return None if any(each.is_symlink() for each in own) else sheet


def _sheet(known: dict[str, Any], home: Path) -> Sheet:
    """Return the sheet that a record tells of; raise `ValueError` or `TypeError` if it is none."""
    sheet = Sheet(**known, home=home)
    datetime.fromisoformat(sheet.added)
    usual = Sheet("", "", "", "", beside=sheet.beside and "")
    fit = all(type(getattr(usual, name)) is type(value) for name, value in known.items())
    if not fit or sheet.id != home.name or sheet.suffix not in _KINDS or sheet.state not in _STATES:
        raise ValueError(home.name)
    return sheet
