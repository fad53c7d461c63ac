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

SUFFIXES = (".csv", ".tsv", ".xlsx", ".parquet", ".jsonl")


def is_table(path: Path) -> bool:
    """Whether the file's suffix names a table that can be read."""
    return path.suffix.lower() in SUFFIXES


def open_table(path: Path, encoding: str | None = None) -> Reader:
    """Return a reader of a table.

    Raises:
        InputError: the file is missing, empty, damaged, protected, or of another kind.
    """
    check_file(path)
    suffix = path.suffix.lower()
    if suffix in (".csv", ".tsv"):
        from pipeline.tables.delimited import DelimitedReader

        return DelimitedReader(path, encoding)
    if suffix == ".xlsx":
        from pipeline.tables.workbook import WorkbookReader

        return WorkbookReader(path)
    if suffix == ".parquet":
        from pipeline.tables.parquet import ParquetReader

        return ParquetReader(path)
    if suffix == ".jsonl":
        from pipeline.tables.jsonl import JsonlReader

        return JsonlReader(path)
    raise InputError(
        f"{path}: a {suffix or 'file without suffix'} is no table that is read here;"
        f" use {', '.join(SUFFIXES)}."
    )


def writer_for(suffix: str) -> MakeWriter:
    """Return what makes a writer of the kind that a suffix names: (path, reader, new columns).

    Raises:
        OutputError: no table that can be written has this suffix.
    """
    suffix = suffix.lower()
    if suffix in (".csv", ".tsv"):
        from pipeline.tables.delimited import DelimitedWriter

        return DelimitedWriter
    if suffix == ".xlsx":
        from pipeline.tables.workbook import workbook_writer

        return workbook_writer
    if suffix == ".parquet":
        from pipeline.tables.parquet import ParquetWriter

        return ParquetWriter
    if suffix == ".jsonl":
        from pipeline.tables.jsonl import JsonlWriter

        return JsonlWriter
    raise OutputError(f"a {suffix} cannot be written; use {', '.join(SUFFIXES)}.")
