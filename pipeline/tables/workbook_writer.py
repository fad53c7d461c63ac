"""Workbooks, written: into the input's own book where there is one, or into a new one."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from pipeline.posting import OutputError
from pipeline.tables.excel.new_book import NewBook
from pipeline.tables.excel.same_book import SameBook
from pipeline.tables.rows import Reader, Writer
from pipeline.tables.workbook import WorkbookReader


def workbook_writer(path: Path, reader: Reader, added: pa.Schema) -> Writer:
    """Return a writer of .xlsx or .xlsm: into the input's own workbook where it is one.

    Raises:
        OutputError: macros would get lost, or a name would promise some.
    """
    suffix = path.suffix.lower()
    macros = isinstance(reader, WorkbookReader) and reader.macros
    if macros and suffix != ".xlsm":
        raise OutputError(
            f"{reader.path}: a workbook with macros keeps them only as .xlsm; give the output"
            " that suffix, or write .csv."
        )
    if suffix == ".xlsm" and not macros:
        raise OutputError(f"{reader.path}: has no macros to keep; give the output .xlsx.")
    if isinstance(reader, WorkbookReader) and reader.place:
        return SameBook(path, reader, reader.place, added)
    return NewBook(path, reader, added)
