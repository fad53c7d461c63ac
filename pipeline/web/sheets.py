"""Sheets that people brought to the page, each in a folder of its own.

    sheets/
      ID/              a sheet; ID is random, and all that an address ever says of it
        known.json     what is known of it
        sheet.xlsx     the file as it came; of `frontback review` it stays where it lies
        tagged/        the same with tags, and the journal while it is made
        reviews.sqlite what people decided; of `frontback review` it lies beside the user's file
      .ID.part/        one that is on its way in or out

The files are what counts, so that a server that is started again, and another one beside it, know
the same. Whatever else lies there is passed over, and so are links.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any, Final, Literal, get_args

from filelock import FileLock, Timeout

from pipeline.model_folder import write_whole
from pipeline.output import cause, check_output, real
from pipeline.posting import InputError, OutputError
from pipeline.sources import target_in
from pipeline.tables import PACKED, SUFFIXES, check_kind, kind_of

State = Literal["waiting", "tagging", "tagged", "failed"]

_STATES: Final = get_args(State)
_RECORD: Final = "known.json"  # no sheet is called so, as `sheet.json` may be
_ID: Final = re.compile(r"[A-Za-z0-9_-]{22}")
_PART: Final = re.compile(r"\.[A-Za-z0-9_-]{22}\.part")
#: Nothing that is on its way goes for so long without a byte; see `pipeline.web.limits`.
_FORGOTTEN_SECONDS: Final = 600.0
_MOST_LETTERS: Final = 200
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


class Sheets:
    """The folder of all sheets.

    Args:
        folder: made where it is not there, for its user alone.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        #: Rows, and rows done, of what is tagged now.
        self.progress: dict[str, tuple[int, int]] = {}
        #: What came of sheets and could not be written: the disk may be full.
        self.unkept: dict[str, Sheet] = {}

    def get(self, id_: str) -> Sheet | None:
        """Return a sheet, None where there is none of this id."""
        home = self.folder / id_
        if not _ID.fullmatch(id_) or home.is_symlink():
            return None
        sheet = _read(home)
        if sheet and id_ in self.unkept:
            return replace(self.unkept[id_])
        if sheet and id_ in self.progress:
            sheet.state = "tagging"
            sheet.rows, sheet.done = self.progress[id_]
        return sheet

    def all(self) -> list[Sheet]:
        """Return the sheets, those that came last first."""
        try:
            names = os.listdir(self.folder)  # noqa: PTH208 (a name is all that is asked)
        except OSError:
            return []
        found = [sheet for name in names if (sheet := self.get(name))]
        return sorted(found, key=lambda sheet: (sheet.added, sheet.id), reverse=True)

    def save(self, sheet: Sheet) -> None:
        """Keep what is known of a sheet.

        Raises:
            OutputError: the system refuses.
        """
        known = asdict(sheet)
        del known["home"]
        try:
            write_whole(sheet.home, _RECORD, json.dumps(known, ensure_ascii=False))
        except OSError as error:
            raise OutputError(f"{sheet.name}: not kept, {cause(error)}.") from error
        self.unkept.pop(sheet.id, None)

    @contextmanager
    def arriving(self, name: str) -> Iterator[Sheet]:
        """Yield a sheet whose file is to be written; it is there afterwards, whole or not at all.

        Args:
            name: what its user calls it.

        Raises:
            InputError: no table has such a suffix.
            OutputError: the system refuses.
        """
        shown = _shown(name)
        check_kind(Path(shown))
        suffix = _suffix_of(shown)
        with self._made(Sheet(_new_id(), shown, suffix, _now())) as sheet:
            yield sheet

    def beside(self, path: Path) -> Sheet:
        """Return the sheet of a user's own file, which is to be tagged again.

        Raises:
            InputError: there is no such file, or it is no table.
            OutputError: what is decided cannot be kept beside it.
        """
        if not path.exists():
            raise InputError(f"{path}: no such file; check the name and the folder.")
        if not path.is_dir():
            check_kind(path)
        own = real(path)
        check_output(reviews_beside(own), own, overwrite=True)
        for sheet in self.all():
            if sheet.beside == str(own):
                sheet.state, sheet.error = "waiting", ""
                self.save(sheet)
                return sheet
        suffix = ".csv" if path.is_dir() else _suffix_of(path.name)
        with self._made(Sheet(_new_id(), _shown(path.name), suffix, _now(), str(own))) as sheet:
            pass
        return sheet

    def remove(self, sheet: Sheet) -> None:
        """Remove a sheet with all that was made of it; a user's own file stays, and its reviews.

        Raises:
            OutputError: another frontback is at it, or the system refuses.
        """
        try:
            with self.claimed(sheet):
                pass
            gone = self.folder / f".{sheet.id}.part"
            sheet.home.rename(gone)
        except Timeout:
            raise OutputError(
                f"{sheet.name}: another frontback is tagging it; remove it when it is done."
            ) from None
        except OSError as error:
            raise OutputError(f"{sheet.name}: not removed, {cause(error)}.") from error
        shutil.rmtree(gone, ignore_errors=True)

    def claimed(self, sheet: Sheet) -> FileLock:
        """Return what keeps other servers from a sheet; it raises `filelock.Timeout` at once."""
        return FileLock(sheet.home / "lock", timeout=0)

    def sweep(self) -> None:
        """Remove what was on its way in or out when a server was killed."""
        with suppress(OSError):
            for each in self.folder.iterdir():
                if _PART.fullmatch(each.name) and not each.is_symlink() and _is_forgotten(each):
                    shutil.rmtree(each, ignore_errors=True)

    @contextmanager
    def _made(self, sheet: Sheet) -> Iterator[Sheet]:
        """Yield a sheet in a folder that gets its name when all went well, and is gone if not."""
        part, home = self.folder / f".{sheet.id}.part", self.folder / sheet.id
        sheet.home = part
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            part.mkdir(mode=0o700)
            (part / "tagged").mkdir(mode=0o700)
            yield sheet
            self.save(sheet)
            part.rename(home)
            sheet.home = home
        except BaseException as error:
            shutil.rmtree(part, ignore_errors=True)
            if isinstance(error, OSError):
                raise OutputError(f"{sheet.name}: not kept, {cause(error)}.") from error
            raise


def reviews_beside(path: Path) -> Path:
    """Return the file of what people decided about a sheet of their own."""
    return path.with_name(f"{path.name}.reviews.sqlite")


def _read(home: Path) -> Sheet | None:
    """Return the sheet of a folder; None where it is none, or one of a later version."""
    record = home / _RECORD
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


def _shown(name: str) -> str:
    """Return a name without folders and without letters that show nothing or turn a line round."""
    last = name.replace("\\", "/").rpartition("/")[2]
    shown = "".join(letter for letter in last if letter.isprintable()).strip()
    if len(shown) <= _MOST_LETTERS:
        return shown
    suffix = PurePosixPath(shown).suffix[:20]
    return shown[: _MOST_LETTERS - len(suffix)] + suffix


def _suffix_of(name: str) -> str:
    path = PurePosixPath(name)
    last = path.suffix.lower()
    return kind_of(Path(name)) + last if last in PACKED else last


def _is_forgotten(part: Path) -> bool:
    newest = max(each.stat().st_mtime for each in (part, *part.iterdir()))
    return time.time() - newest > _FORGOTTEN_SECONDS


def _new_id() -> str:
    return secrets.token_urlsafe(16)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")
