"""Tables of postings, one module a format: read batches, write batches, keep every cell.

A reader gives the input's rows as Arrow batches and, where the format has one, each row as it
stands in the file. A writer of the same format writes that row back as it stood and puts the new
cells behind it; a writer of another format writes the cells.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

import pyarrow as pa

from pipeline.documents import check_file
from pipeline.posting import InputError, OutputError
from pipeline.tables.rows import Reader, Writer

MakeWriter = Callable[[Path, Reader, pa.Schema], Writer]

BOOKS = (".xlsx", ".xlsm", ".xls", ".ods")
SUFFIXES = (".csv", ".tsv", *BOOKS, ".parquet", ".jsonl", ".ndjson", ".json", ".jsonld")
PACKED = (".gz", ".zst")
_READ_ONLY = (".xls", ".ods")


def kind_of(path: Path) -> str:
    """Return the suffix that says what kind of table it is: ``.csv`` of ``jobs.csv.gz``."""
    suffix = path.suffix.lower()
    return Path(path.stem).suffix.lower() if suffix in PACKED else suffix


def is_table(path: Path) -> bool:
    """Whether the file's suffix names a table that can be read."""
    return kind_of(path) in SUFFIXES


def check_kind(path: Path) -> None:
    """Raise `InputError` where the file's suffix names no table that can be read."""
    if not is_table(path):
        raise InputError(
            f"{path}: a {kind_of(path) or 'file without suffix'} is no table that is read here;"
            f" use {', '.join(SUFFIXES)}."
        )


def open_table(
    path: Path,
    encoding: str | None = None,
    sheet: str | None = None,
    text_column: str | None = None,
    delimiter: str | None = None,
    name: Path | None = None,
) -> Reader:
    """Return a reader of a table, or of a folder of documents.

    Args:
        path: the file; its suffix says what it is.
        encoding: of a CSV or TSV, where the rule would find a wrong one.
        sheet: name of a workbook's sheet; the one that looks like postings where left out.
        text_column: name of the text's column; sheet and header row are looked for by it.
        delimiter: of a CSV or TSV, where a wrong one would be found.
        name: what messages call the file, if not by its path.

    Raises:
        InputError: the file is missing, empty, damaged, protected, or of another kind.
    """
    options = (encoding, sheet, text_column, delimiter)
    if name is None:
        return _open(path, *options)
    from pipeline.tables.compressed import named

    return named(path, name, lambda content: _open(content, *options))


def _open(
    path: Path,
    encoding: str | None,
    sheet: str | None,
    text_column: str | None,
    delimiter: str | None,
) -> Reader:
    with suppress(OSError):
        if path.is_dir():
            from pipeline.tables.folder import FolderReader

            return FolderReader(path)
    check_file(path)
    if path.suffix.lower() in PACKED:
        from pipeline.tables.compressed import open_unpacked

        options = (encoding, sheet, text_column, delimiter)
        return open_unpacked(path, lambda content: _open(content, *options))
    check_kind(path)
    suffix = path.suffix.lower()
    if sheet and suffix not in BOOKS:
        raise InputError(f"{path}: a {suffix} has no sheets; leave --sheet out.")
    if encoding and suffix not in (".csv", ".tsv"):
        raise InputError(f"{path}: a {suffix} says its encoding itself; leave --encoding out.")
    if delimiter and suffix not in (".csv", ".tsv"):
        raise InputError(f"{path}: a {suffix} has no delimiter; leave --delimiter out.")
    if suffix in BOOKS:
        from pipeline.tables.workbook import WorkbookReader

        return WorkbookReader(path, sheet, text_column)
    if suffix == ".parquet":
        from pipeline.tables.parquet import ParquetReader

        return ParquetReader(path)
    if suffix in (".jsonl", ".ndjson"):
        from pipeline.tables.jsonl import JsonlReader

        return JsonlReader(path)
    if suffix in (".json", ".jsonld"):
        from pipeline.tables.json_document import open_json

        return open_json(path)
    from pipeline.tables.delimited import DelimitedReader

    return DelimitedReader(path, encoding, text_column, delimiter)


def writer_for(output: Path, source: Path, raw_formulas: bool = False) -> MakeWriter:
    """Return what makes a writer for a file: (path, reader, new columns).

    The output's suffix decides its kind; one without suffix is of the source's kind.

    Args:
        output: the file to write.
        source: the file that is read.
        raw_formulas: whether a CSV written from another kind of table has texts that begin as
            formulas do as they are, without the apostrophe that makes them safe.

    Raises:
        OutputError: no table that can be written has this suffix.
    """
    named = output if output.suffix else source
    make = _writer_of(kind_of(named), output, raw_formulas)
    if named.suffix.lower() not in PACKED:
        return make
    from pipeline.tables.compressed import PackedWriter, codec_of

    return partial(PackedWriter, make=make, codec=codec_of(named), kind=kind_of(named))


def _writer_of(kind: str, output: Path, raw_formulas: bool) -> MakeWriter:
    if kind in (".csv", ".tsv"):
        from pipeline.tables.delimited_writer import delimited_writer

        return partial(delimited_writer, kind=kind, raw_formulas=raw_formulas)
    if kind in (".xlsx", ".xlsm"):
        from pipeline.tables.workbook_writer import workbook_writer

        return workbook_writer
    if kind == ".parquet":
        from pipeline.tables.parquet import ParquetWriter

        return ParquetWriter
    if kind in (".jsonl", ".ndjson"):
        from pipeline.tables.json_writer import jsonl_writer

        return jsonl_writer
    if kind in (".json", ".jsonld"):
        from pipeline.tables.json_writer import json_writer

        return json_writer
    if kind in _READ_ONLY:
        raise OutputError(f"{output}: a {kind} is not written here; name it .xlsx.")
    written = ", ".join(suffix for suffix in SUFFIXES if suffix not in _READ_ONLY)
    raise OutputError(
        f"{output}: a {kind or 'file without kind'} cannot be written; use {written}."
    )
