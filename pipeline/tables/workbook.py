"""Excel workbooks (.xlsx): the new columns stand beside the table, the rest of the book stays."""

from __future__ import annotations

import errno
import io
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from copy import copy
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import lxml.etree
import openpyxl
import pyarrow as pa
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from pipeline.documents import refuse_protected
from pipeline.posting import InputError, OutputError
from pipeline.tables.columns import has_text_name, looks_like_header
from pipeline.tables.rows import Reader, Rows, Writer, plain

MAX_ROWS = 1_048_576
MAX_CELL = 32_767
_HEADER_ROWS = 10
_PLAIN = (bool, int, float, str, datetime, date, time, timedelta)


class WorkbookReader(Reader):
    """The first sheet of a workbook that has a table of postings.

    Attributes:
        book: the workbook, formulas and formats included.
        sheet: the sheet that is read.
        header_row: number of the row with the column names, from 1.
        width: number of columns.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        refuse_protected(path)
        self.book = self._load(values=False)
        self.sheet, self.header_row = self._find_table()
        self._values = self._read_values()
        if not self._values:
            raise InputError(f"{path}: there is no cell with anything in it; export it again.")
        header, *self._values = self._values
        self.width = len(header)
        self.rows = len(self._values)
        names = ["" if name is None else str(name) for name in header]
        columns = list(zip(*self._values, strict=True)) or [()] * self.width
        self._columns = [_array(column) for column in columns]
        self.schema = pa.schema(
            [pa.field(name, array.type) for name, array in zip(names, self._columns, strict=True)]
        )
        self.described = f"sheet {self.sheet.title!r}"

    def _load(self, values: bool) -> openpyxl.Workbook:
        try:
            return openpyxl.load_workbook(self.path, data_only=values)
        except Exception as error:  # a damaged file makes the reader raise just anything
            raise InputError(
                f"{self.path}: not a readable .xlsx; open it in Excel and save it again."
            ) from error

    def _find_table(self) -> tuple[Worksheet, int]:
        """Return the first sheet, and row in it, that looks like a header of postings."""
        if not self.book.worksheets:
            raise InputError(f"{self.path}: the workbook has no sheet with cells.")
        first: tuple[Worksheet, int] | None = None
        begun: list[Worksheet] = []
        for sheet in self.book.worksheets:
            rows = sheet.iter_rows(max_row=_HEADER_ROWS, values_only=True)
            for number, cells in enumerate(rows, 1):
                names = [str(cell) for cell in cells if cell is not None]
                begins = bool(names) and sheet not in begun
                if looks_like_header(names) or (begins and has_text_name(names)):
                    return sheet, number
                if begins:
                    begun.append(sheet)
                    first = first or (sheet, number)
        return first or (self.book.worksheets[0], 1)

    def _read_values(self) -> list[tuple[Any, ...]]:
        sheet = self.sheet
        cells = sheet.iter_rows(min_row=self.header_row)
        if any(cell.data_type == "f" for row in cells for cell in row):
            # The book keeps its formulas; their last results are in a second reading of it.
            sheet = self._load(values=True)[sheet.title]
        rows = list(sheet.iter_rows(min_row=self.header_row, values_only=True))
        while rows and all(value is None for value in rows[-1]):
            rows.pop()
        width = max(
            (place for row in rows for place, value in enumerate(row, 1) if value is not None),
            default=0,
        )
        return [row[:width] for row in rows]

    def batches(self, size: int) -> Iterator[Rows]:
        """Yield all rows in order, at most ``size`` at a time."""
        table = pa.RecordBatch.from_arrays(self._columns, schema=self.schema)
        for start in range(0, self.rows, size):
            yield Rows(table.slice(start, size))


def _array(values: Sequence[Any]) -> pa.Array:
    """Return an Arrow array in the type that all values share; text where they differ."""
    kinds = {type(value) for value in values if value is not None}
    if kinds <= {int, float} or (len(kinds) == 1 and kinds <= set(_PLAIN)):
        try:
            return pa.array(values, pa.string() if not kinds else None)
        except (pa.ArrowInvalid, OverflowError):
            pass
    return pa.array([plain(value) for value in values], pa.string())


def workbook_writer(path: Path, reader: Reader, added: pa.Schema) -> Writer:
    """Return a writer of .xlsx: into the input's own workbook where it is one."""
    if isinstance(reader, WorkbookReader):
        return _SameBook(path, reader, added)
    return _NewBook(path, reader, added)


class _SameBook(Writer):
    def __init__(self, path: Path, reader: WorkbookReader, added: pa.Schema) -> None:
        self._path, self._book, self._sheet = path, reader.book, reader.sheet
        merged = [area.max_col for area in self._sheet.merged_cells.ranges]
        self._first = max([reader.width, *merged]) + 1
        self._row = reader.header_row
        model = self._sheet.cell(self._row, reader.width)
        for column, name in enumerate(added.names, self._first):
            cell = self._sheet.cell(self._row, column, name)
            if model.has_style:
                cell._style = copy(model._style)  # type: ignore[union-attr]
            letter = get_column_letter(column)
            self._sheet.column_dimensions[letter].width = max(12, len(name) + 2)

    def write(self, rows: Rows, added: pa.RecordBatch) -> None:
        for values in zip(*(column.to_pylist() for column in added.columns), strict=True):
            self._row += 1
            for column, value in enumerate(values, self._first):
                self._sheet.cell(self._row, column, value)

    def close(self) -> None:
        _save(self._book, self._path)

    def discard(self) -> None:
        self._book.close()


class _NewBook(Writer):
    def __init__(self, path: Path, reader: Reader, added: pa.Schema) -> None:
        if reader.rows >= MAX_ROWS:
            raise OutputError(
                f"{path}: {reader.rows:,} rows do not fit, Excel holds {MAX_ROWS - 1:,} below"
                " the header; write .csv or .parquet."
            )
        self._path, self._row = path, 1
        self._names = [*reader.schema.names, *added.names]
        self._book = openpyxl.Workbook(write_only=True)
        self._sheet = self._book.create_sheet("postings")
        self._sheet.freeze_panes = "A2"
        self._append(self._names)

    def write(self, rows: Rows, added: pa.RecordBatch) -> None:
        columns = [column.to_pylist() for column in (*rows.cells.columns, *added.columns)]
        for values in zip(*columns, strict=True):
            self._row += 1
            with _named_errors():
                self._append(values)

    def _append(self, values: Sequence[Any]) -> None:
        self._sheet.append(
            [self._cell(value, name) for value, name in zip(values, self._names, strict=True)]
        )

    def _cell(self, value: Any, name: str) -> Any:
        if value is None:
            return None
        if not isinstance(value, _PLAIN) or (isinstance(value, int) and abs(value) >= 2**53):
            value = plain(value)
        if getattr(value, "tzinfo", None):
            value = value.isoformat()
        if not isinstance(value, str):
            return value
        if len(value) > MAX_CELL:
            raise OutputError(
                f"{self._path}: row {self._row}, column {name!r} has {len(value):,} characters,"
                f" an Excel cell holds {MAX_CELL:,}; write .csv or .parquet."
            )
        cell = WriteOnlyCell(self._sheet, ILLEGAL_CHARACTERS_RE.sub("�", value))
        cell.data_type = "s"  # a text that begins with = stays a text
        return cell

    def close(self) -> None:
        _save(self._book, self._path)

    def discard(self) -> None:
        # An unfinished sheet complains when it is collected; a finished one does not.
        with suppress(Exception):
            self._book.save(io.BytesIO())


def _save(book: openpyxl.Workbook, path: Path) -> None:
    # Through memory: on a full disk zipfile would leave a file open and complain at its end.
    content = io.BytesIO()
    with _named_errors():
        book.save(content)
    path.write_bytes(content.getbuffer())


@contextmanager
def _named_errors() -> Iterator[None]:
    """Turn lxml's failure to write openpyxl's temporary file ("IO_ENOSPC") into an OSError."""
    try:
        yield
    except lxml.etree.SerialisationError as error:
        name = str(error).removeprefix("IO_")
        number = getattr(errno, name, errno.EIO)
        raise OSError(number, os.strerror(number)) from error
