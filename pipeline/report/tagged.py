"""A table that was tagged: its rows, and what was answered to each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from pipeline.annotate import TAG_COLUMNS, TAG_MARKS, WHY, names_added
from pipeline.decision import OFFICES
from pipeline.encoding import readable
from pipeline.language import CODES
from pipeline.layout import Layout
from pipeline.posting import InputError
from pipeline.tables import open_table
from pipeline.tables.columns import find_columns
from pipeline.tables.rows import Rows

#: The place of what is none of `OFFICES`: a row that has no tag.
UNTAGGED = len(OFFICES)

_AS_FOUND = Layout()
#: Rows that are read at a time, where a reader does not know better; nothing depends on it.
_ROWS = 1_000
_UNKNOWN = CODES.index("unknown")


class TaggedRows(NamedTuple):
    """Some rows of a tagged table; arrays of shape (n,).

    Attributes:
        first: number of the first, as a spreadsheet shows it.
        rows: the cells.
        offices: places in `OFFICES`, `UNTAGGED` where there is no tag.
        p_front: 0 to 1, NaN where there is none.
        shares: percent, 0 to 100, NaN where there is none.
        languages: places in `pipeline.language.CODES`.
        reasons, models: as they stand, "" where there is none.
    """

    first: int
    rows: Rows
    offices: np.ndarray
    p_front: np.ndarray
    shares: np.ndarray
    languages: np.ndarray
    reasons: list[str]
    models: list[str]


class TaggedTable:
    """A table that ``frontback batch`` wrote, read as often as wanted, in parts.

    Attributes:
        path: the file.
        name: what people call it.
        names: of its columns.
        columns: where title and text are.
        own: places of the columns that are neither these nor tags.
        has_shares: whether there is a column of shares.
        rows: how many there are.
    """

    def __init__(self, path: Path, layout: Layout = _AS_FOUND, name: str | None = None) -> None:
        """Open the table and find its columns.

        Args:
            path: the file.
            layout: how it is to be read, where what is found by itself would be wrong.
            name: what people call it, if not by its file's name.

        Raises:
            InputError: it cannot be read, has no text, or was not tagged.
        """
        self.path, self.name = path, name or path.name
        self.reader = open_table(path, layout.encoding, layout.sheet, layout.text, layout.delimiter)
        self.names: list[str] = self.reader.schema.names
        self.columns = find_columns(self.names, path, layout.title, layout.text)
        added = names_added((*TAG_COLUMNS, WHY.name), TAG_MARKS, self.names)
        self._places = {
            column: self.names.index(name)
            for column, name in zip((*TAG_COLUMNS, WHY.name), added, strict=True)
            if name in self.names
        }
        if not set(TAG_MARKS) <= set(self._places):
            raise InputError(
                f"{path}: nothing in it was tagged (there are no columns"
                f" {', '.join(TAG_MARKS)}); tag it first with 'frontback batch'."
            )
        taken = {*self.columns, *self._places.values()}
        self.own = [place for place in range(len(self.names)) if place not in taken]
        self.has_shares = "share" in self._places
        self.rows = self.reader.rows

    def batches(self) -> Iterator[TaggedRows]:
        """Yield all rows, in order.

        Raises:
            InputError: the table turned out damaged.
        """
        first = self.reader.above + 1
        for rows in self.reader.batches(_ROWS):
            yield self._read(first, rows)
            first += len(rows.cells)

    def _read(self, first: int, rows: Rows) -> TaggedRows:
        offices = _places_in(OFFICES, self._cells(rows, "office"), UNTAGGED)
        return TaggedRows(
            first,
            rows,
            offices,
            self._numbers(rows, "p_front", 1),
            self._numbers(rows, "share", 100),
            _places_in(CODES, self._cells(rows, "language"), _UNKNOWN),
            self._cells(rows, "reason"),
            self._cells(rows, "model"),
        )

    def _cells(self, rows: Rows, column: str) -> list[str]:
        place = self._places.get(column)
        return [""] * len(rows.cells) if place is None else cells_of(rows, place)

    def _numbers(self, rows: Rows, column: str, most: float) -> np.ndarray:
        """Return a column of numbers from 0 to the most, NaN for what is none."""
        place = self._places.get(column)
        if place is None:
            return np.full(len(rows.cells), np.nan)
        array = rows.cells.column(place)
        if pa.types.is_floating(array.type) or pa.types.is_integer(array.type):
            found = np.asarray(array.cast(pa.float64()).to_numpy(zero_copy_only=False), np.float64)
        else:
            found = np.array([_number(cell) for cell in cells_of(rows, place)], np.float64)
        return np.where((found >= 0) & (found <= most), found, np.nan)


def cells_of(rows: Rows, column: int) -> list[str]:
    """Return a column as text, without what is blank around it; "" for a null."""
    return [cell.strip() if cell else "" for cell in readable(rows.text(column)).to_pylist()]


def _number(cell: str) -> float:
    # A CSV with semicolons has decimal commas.
    try:
        return float(cell.replace(",", "."))
    except ValueError:
        return float("nan")


def _places_in(names: tuple[str, ...], cells: list[str], other: int) -> np.ndarray:
    known = {name: place for place, name in enumerate(names)}
    return np.array([known.get(cell.casefold(), other) for cell in cells], np.int64)
