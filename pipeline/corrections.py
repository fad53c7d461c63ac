"""What people wrote into the column ``correct`` of a table of suspects, taken back in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from pipeline.label_names import LabelNames
from pipeline.layout import Layout
from pipeline.posting import InputError
from pipeline.tables import open_table
from pipeline.tables.columns import normal, place_of

POSTING, CORRECT = "posting", "correct"
#: Instead of a label: the posting is not to be learned from.
OUT = ("out", "leave out")
_ROWS = 1_000
# A letter begins it, or a spreadsheet would read some of them as numbers: 0012…, 12e34….
_KEY = re.compile(r"p([0-9a-f]{16})")


class Correction(NamedTuple):
    """What a person said of one posting.

    Attributes:
        label: front or back; "" where it is to be left out.
        where: file and row.
    """

    label: str
    where: str


def written_key(key: int) -> str:
    """Return the number of a posting (`pipeline.training_set.key_of`) as tables hold it."""
    return f"p{key:016x}"


def read_corrections(files: Sequence[Path], layout: Layout) -> dict[int, Correction]:
    """Return the corrections by the keys of their postings; blank cells say nothing.

    Args:
        files: tables with the columns ``posting`` and ``correct``.
        layout: says what the labels are called.

    Raises:
        InputError: a file cannot be read or has not both columns, a cell says something else, or
            two rows say different things of one posting.
    """
    names = LabelNames(layout)
    found: dict[int, Correction] = {}
    for file in files:
        for key, correction in _read(file, names):
            before = found.setdefault(key, correction)
            if before.label != correction.label:
                raise InputError(
                    f"{correction.where}: {correction.label or OUT[0]!r} for a posting that is"
                    f" {before.label or OUT[0]!r} at {before.where}; keep one of them."
                )
    return found


def _read(file: Path, names: LabelNames) -> list[tuple[int, Correction]]:
    reader = open_table(file, text_column=CORRECT)
    header = reader.schema.names
    posting, correct = place_of(header, POSTING), place_of(header, CORRECT)
    if posting is None or correct is None:
        missing = " and ".join(
            repr(name) for name, place in ((POSTING, posting), (CORRECT, correct)) if place is None
        )
        raise InputError(
            f"{file}: no column {missing}; name a table that 'frontback corpus doctor' wrote."
        )
    found, number = [], reader.above
    for rows in reader.batches(_ROWS):
        cells = (rows.text(place).to_pylist() for place in (posting, correct))
        for at, (key, said) in enumerate(zip(*cells, strict=True)):
            number += 1
            where = f"{file}, row {number:,}"
            if at in rows.faults:
                raise InputError(f"{where}: {rows.faults[at]}; mend the row, or take it out.")
            label = _label(said or "", names, where)
            if label is not None:
                found.append((_key(key or "", where), Correction(label, where)))
    return found


def _label(cell: str, names: LabelNames, where: str) -> str | None:
    """Return front, back or, to leave it out, ""; None for a cell that says nothing."""
    try:
        front = names.front(cell)
    except ValueError as said:
        if normal(cell) in OUT:
            return ""
        raise InputError(
            f"{where}, column {CORRECT!r}: {said} is no correction; write front, back or out, or"
            " leave the cell blank."
        ) from None
    return None if front is None else "front" if front else "back"


def _key(cell: str, where: str) -> int:
    key = _KEY.fullmatch(cell.strip().casefold())
    if key is None:
        raise InputError(
            f"{where}, column {POSTING!r}: {cell[:30]!r} is no key of a posting; copy it from the"
            " table that 'frontback corpus doctor' wrote."
        )
    return int(key[1], 16)
