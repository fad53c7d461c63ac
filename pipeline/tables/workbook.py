"""Excel workbooks (.xlsx), read: which sheet and row the table begins in, and its values."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
from openpyxl.cell.rich_text import CellRichText
from openpyxl.worksheet.worksheet import Worksheet

from pipeline.documents import refuse_protected
from pipeline.posting import InputError
from pipeline.tables.columns import find_header
from pipeline.tables.rows import Reader, Rows, plain

_SEARCHED_ROWS = 50
PLAIN = (bool, int, float, str, datetime, date, time, timedelta)


class WorkbookReader(Reader):
    """The sheet of a workbook that has a table of postings.

    Attributes:
        book: the workbook, formulas, rich text and formats included.
        sheet: the sheet that is read.
        header_row: number of the row with the column names, from 1.
        width: number of columns.
    """

    def __init__(
        self, path: Path, sheet: str | None = None, text_column: str | None = None
    ) -> None:
        super().__init__(path)
        refuse_protected(path)
        self.book = self._load(values=False)
        self.sheet, self.header_row = self._find_table(sheet, text_column)
        self.described = f"sheet {self.sheet.title!r}"
        rows = self._read_values()
        if not rows:
            raise InputError(f"{path}: there is no cell with anything in it; export it again.")
        header, *cells = rows
        self.width = len(header)
        self.rows = len(cells)
        names = ["" if name is None else str(name) for name in header]
        columns = list(zip(*cells, strict=True)) or [()] * self.width
        self._columns = [_array(column) for column in columns]
        self.schema = pa.schema(
            [pa.field(name, array.type) for name, array in zip(names, self._columns, strict=True)]
        )

    def _load(self, values: bool) -> openpyxl.Workbook:
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            try:
                # Opened here: where openpyxl fails, it leaves the file open.
                with self.path.open("rb") as file:
                    book = openpyxl.load_workbook(file, data_only=values, rich_text=not values)
            except Exception as error:  # a damaged file makes the reader raise just anything
                raise InputError(
                    f"{self.path}: not a readable .xlsx; open it in Excel and save it again."
                ) from error
        if any("will be removed" in str(warning.message) for warning in warned) and not values:
            self.notes.append(
                "the workbook has newer drop-down lists or formats, which an .xlsx written here"
                " does not keep"
            )
        return book

    def _find_table(self, name: str | None, text_column: str | None) -> tuple[Worksheet, int]:
        """Return the sheet, and row in it, that looks most like a header of postings."""
        sheets = self.book.worksheets
        if not sheets:
            raise InputError(f"{self.path}: the workbook has no sheet with cells.")
        if name is not None:
            sheets = [sheet for sheet in sheets if sheet.title.casefold() == name.casefold()]
            if not sheets:
                there = ", ".join(repr(sheet.title) for sheet in self.book.worksheets)
                raise InputError(f"{self.path}: there is no sheet {name!r}; there are: {there}.")
        found = [(sheet, *self._header(sheet, text_column)) for sheet in sheets]
        # The surest first; a hidden sheet only where no visible one will do.
        best, row, sure = max(
            found,
            key=lambda each: ((each[2] > 0) * 2 + (each[0].sheet_state == "visible"), each[2]),
        )
        others = [repr(each.title) for each, _, at in found if at == sure == 2 and each is not best]
        if others:
            self.notes.append(
                f"only sheet {best.title!r} is read; {', '.join(others)} could be postings too:"
                " choose with --sheet"
            )
        return best, row

    @staticmethod
    def _header(sheet: Worksheet, text_column: str | None) -> tuple[int, int]:
        rows = list(sheet.iter_rows(max_row=_SEARCHED_ROWS, values_only=True))
        place, sure = find_header(rows, text_column)
        # A sheet with nothing in it is the last to be taken.
        return place + 1, sure if any(cell is not None for row in rows for cell in row) else -1

    def _read_values(self) -> list[tuple[Any, ...]]:
        sheet = self.sheet
        cells = sheet.iter_rows(min_row=self.header_row)
        if any(cell.data_type == "f" for row in cells for cell in row):
            # The book keeps its formulas; their last results are in a second reading of it.
            sheet = self._load(values=True)[sheet.title]
            self._note_formulas(sheet)
        rows = list(sheet.iter_rows(min_row=self.header_row, values_only=True))
        while rows and all(value is None for value in rows[-1]):
            rows.pop()
        width = max(
            (place for row in rows for place, value in enumerate(row, 1) if value is not None),
            default=0,
        )
        return [tuple(map(_bare, row[:width])) for row in rows]

    def _note_formulas(self, results: Worksheet) -> None:
        empty = sum(
            cell.data_type == "f" and results[cell.coordinate].value is None
            for row in self.sheet.iter_rows(min_row=self.header_row)
            for cell in row
        )
        if empty:
            self.notes.append(
                f"{empty:,} cells have formulas without a result, which read as empty; open the"
                " workbook in Excel and save it to have them computed"
            )

    def batches(self, size: int) -> Iterator[Rows]:
        """Yield all rows in order, at most ``size`` at a time."""
        table = pa.RecordBatch.from_arrays(self._columns, schema=self.schema)
        for start in range(0, self.rows, size):
            yield Rows(table.slice(start, size))


def _bare(value: Any) -> Any:
    return str(value) if isinstance(value, CellRichText) else value


def _array(values: Sequence[Any]) -> pa.Array:
    """Return an Arrow array in the type that all values share; text where they differ."""
    kinds = {type(value) for value in values if value is not None}
    if kinds == {datetime} and all(value is None or value.time() == time() for value in values):
        values = [value and value.date() for value in values]  # Excel knows no dates without time
    if kinds <= {int, float} or (len(kinds) == 1 and kinds <= set(PLAIN)):
        try:
            return pa.array(values, pa.string() if not kinds else None)
        except (pa.ArrowInvalid, OverflowError):
            pass
    return pa.array([plain(value) for value in values], pa.string())
