"""Tables of postings, one module a format: read batches, write batches, keep every cell.

A reader gives the input's rows as Arrow batches and, where the format has one, each row as it
stands in the file. A writer of the same format writes that row back as it stood and puts the new
cells behind it; a writer of another format writes the cells.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa

from pipeline.documents import check_file
from pipeline.posting import InputError, OutputError
from pipeline.tables.rows import Reader, Writer

MakeWriter = Callable[[Path, Reader, pa.Schema], Writer]

BOOKS = (".xlsx", ".xlsm", ".xls", ".ods")
SUFFIXES = (".csv", ".tsv", *BOOKS, ".parquet", ".jsonl")


def is_table(path: Path) -> bool:
    """Whether the file's suffix names a table that can be read."""
    return path.suffix.lower() in SUFFIXES


def open_table(
    path: Path,
    encoding: str | None = None,
    sheet: str | None = None,
    text_column: str | None = None,
) -> Reader:
    """Return a reader of a table.

    Args:
        path: the file; its suffix says what it is.
        encoding: of a CSV or TSV, where the rule would find a wrong one.
        sheet: name of a workbook's sheet; the one that looks like postings where left out.
        text_column: name of the text's column; sheet and header row are looked for by it.

    Raises:
        InputError: the file is missing, empty, damaged, protected, or of another kind.
    """
    check_file(path)
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise InputError(
            f"{path}: a {suffix or 'file without suffix'} is no table that is read here;"
            f" use {', '.join(SUFFIXES)}."
        )
    if sheet and suffix not in BOOKS:
        raise InputError(f"{path}: a {suffix} has no sheets; leave --sheet out.")
    if encoding and suffix not in (".csv", ".tsv"):
        raise InputError(f"{path}: a {suffix} says its encoding itself; leave --encoding out.")
    if suffix in BOOKS:
        from pipeline.tables.workbook import WorkbookReader

        return WorkbookReader(path, sheet, text_column)
    if suffix == ".parquet":
        from pipeline.tables.parquet import ParquetReader

        return ParquetReader(path)
    if suffix == ".jsonl":
        from pipeline.tables.jsonl import JsonlReader

        return JsonlReader(path)
    from pipeline.tables.delimited import DelimitedReader

    return DelimitedReader(path, encoding, text_column)


def writer_for(output: Path, source: Path) -> MakeWriter:
    """Return what makes a writer for a file: (path, reader, new columns).

    The output's suffix decides its kind; one without suffix is of the source's kind.

    Raises:
        OutputError: no table that can be written has this suffix.
    """
    suffix = (output.suffix or source.suffix).lower()
    if suffix in (".csv", ".tsv"):
        from pipeline.tables.delimited import DelimitedWriter

        return DelimitedWriter
    if suffix in (".xlsx", ".xlsm"):
        from pipeline.tables.workbook_writer import workbook_writer

        return workbook_writer
    if suffix == ".parquet":
        from pipeline.tables.parquet import ParquetWriter

        return ParquetWriter
    if suffix == ".jsonl":
        from pipeline.tables.jsonl import JsonlWriter

        return JsonlWriter
    if suffix in BOOKS:
        raise OutputError(f"{output}: a {suffix} is not written here; name it .xlsx.")
    raise OutputError(f"{output}: a {suffix} cannot be written; use {', '.join(SUFFIXES)}.")
