"""Excel workbooks (.xlsx), written: into the input's own book, or into a new one."""

from __future__ import annotations

import errno
import io
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from copy import copy
from pathlib import Path
from typing import Any

import lxml.etree
import openpyxl
import pyarrow as pa
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.utils import get_column_letter

from pipeline.posting import OutputError
from pipeline.tables.rows import Reader, Rows, Writer, plain, values
from pipeline.tables.workbook import PLAIN, WorkbookReader

MAX_ROWS = 1_048_576
MAX_CELL = 32_767


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
        for cells in zip(*(column.to_pylist() for column in added.columns), strict=True):
            self._row += 1
            for column, value in enumerate(cells, self._first):
                self._sheet.cell(self._row, column, value)

    def close(self) -> None:
        _save(self._book, self._path)

    def discard(self) -> None:
        self._book.close()


class _NewBook(Writer):
    def __init__(self, path: Path, reader: Reader, added: pa.Schema) -> None:
        if reader.rows >= MAX_ROWS:
            raise OutputError(
                f"{reader.path}: {reader.rows:,} rows do not fit, Excel holds {MAX_ROWS - 1:,}"
                " below the header; write .csv or .parquet."
            )
        self._path, self._source, self._row = path, reader.path, 1
        self._names = [*reader.schema.names, *added.names]
        self._book = openpyxl.Workbook(write_only=True)
        self._sheet = self._book.create_sheet("postings")
        self._sheet.freeze_panes = "A2"
        self._append(self._names)

    def write(self, rows: Rows, added: pa.RecordBatch) -> None:
        columns = [values(column) for column in (*rows.cells.columns, *added.columns)]
        for cells in zip(*columns, strict=True):
            self._row += 1
            with _named_errors():
                self._append(cells)

    def _append(self, cells: Sequence[Any]) -> None:
        self._sheet.append(
            [self._cell(value, name) for value, name in zip(cells, self._names, strict=True)]
        )

    def _cell(self, value: Any, name: str) -> Any:
        if value is None:
            return None
        if not isinstance(value, PLAIN) or (isinstance(value, int) and abs(value) >= 2**53):
            value = plain(value)
        if getattr(value, "tzinfo", None):
            value = value.isoformat()
        if not isinstance(value, str):
            return value
        if len(value) > MAX_CELL:
            raise OutputError(
                f"{self._source}: row {self._row}, column {name!r} has {len(value):,} characters,"
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
