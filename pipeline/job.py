"""What a run is to do, with all checked that can be checked before the work begins."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from pipeline.annotate import Annotation, names_added
from pipeline.journal import committed, journal_path
from pipeline.output import appearing, check_output, claimed
from pipeline.posting import ChangedError, InputError, OutputError
from pipeline.tables import MakeWriter, kind_of, open_table, writer_for
from pipeline.tables.columns import Columns, find_columns
from pipeline.tables.folder import documents_in
from pipeline.tables.rows import Reader

#: Kinds of table that can be written in parts.
_LINEAR = (".csv", ".tsv", ".jsonl", ".ndjson", ".parquet")

#: Name, size and time of each file that is read.
State = tuple[tuple[str, int, int], ...]


@dataclass
class Job:
    """A table that is ready to be read, and the file that is to be written.

    Attributes:
        source: the input.
        span: the rows of it that are read, by place: first, and the one after the last.
        resume: whether to go on where an earlier run of the same job was stopped.
        name: what messages call the input, if not by its path.
        replace: whether the output may take the place of a file.
        keep_journal: whether the journal stays when the output is there: others may follow.
        renamed: added columns that the input already had, by the name they get instead.
        resumable: whether a journal is of use: what was read can be read again.
    """

    source: Path
    reader: Reader
    columns: Columns
    output: Path
    make_writer: MakeWriter
    span: range
    resume: bool = False
    name: Path | None = None
    renamed: dict[str, str] = field(default_factory=dict)
    replace: bool = True
    resumable: bool = True
    keep_journal: bool = False
    _stat: State = ()

    def claim(self) -> AbstractContextManager[None]:
        """Keep other runs from the output."""
        return claimed(self.output)

    def appear(self, ready: Callable[[], None]) -> AbstractContextManager[Path]:
        """Return what yields the file to write, which then becomes the output."""
        return appearing(self.output, ready, self.replace)

    @property
    def rows(self) -> int:
        """How many rows are read."""
        return len(self.span)

    def place(self, annotation: Annotation) -> pa.Schema:
        """Return the added columns by the names they get, and note which are not the usual ones."""
        usual = annotation.schema.names
        names = names_added(usual, annotation.marks, self.reader.schema.names)
        pairs = zip(usual, names, strict=True)
        self.renamed = {name: place for name, place in pairs if name != place}
        fields = zip(annotation.schema, names, strict=True)
        return pa.schema([each.with_name(name) for each, name in fields])

    def check_unchanged(self) -> None:
        """Raise `InputError` where the input is another file than it was in the beginning."""
        if stat_of(self.source) != self._stat:
            raise ChangedError(f"{self.name or self.source}: changed while it was read; try again.")


def prepare(
    source: Path,
    output: Path,
    *,
    title_column: str | None = None,
    text_column: str | None = None,
    sheet: str | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    raw_formulas: bool = False,
    overwrite: bool = False,
    resume: bool = False,
    shard: tuple[int, int] = (1, 1),
    name: Path | None = None,
) -> Job:
    """Open the input and check everything that can be checked before the work begins.

    Args:
        source: the table.
        output: the file to write; its suffix says of which kind.
        title_column, text_column: names, where they are not to be found out.
        sheet, encoding, delimiter: see `pipeline.tables.open_table`.
        raw_formulas: see `pipeline.tables.writer_for`.
        overwrite: whether the output may replace a file.
        resume: whether to go on where an earlier run of the same job was stopped.
        shard: number i of n, from 1: the i-th of n parts of the rows, about as long as the others.
        name: what messages call the input, if not by its path.

    Raises:
        InputError: the input cannot be read, or has no rows or no text column.
        OutputError: the output may not be written.
    """
    make_writer = writer_for(output, source, raw_formulas)
    part, parts = shard
    if parts > 1 and (kind := kind_of(output) or kind_of(source)) not in _LINEAR:
        raise OutputError(
            f"{output}: a {kind} is not written in parts; write .csv, .jsonl or .parquet,"
            " or leave --shard out."
        )
    replace = overwrite or (resume and committed(journal_path(output)))
    check_output(output, source, replace)
    before = stat_of(source) if source.exists() else ()
    reader = open_table(source, encoding, sheet, text_column, delimiter, name)
    if reader.rows == 0:
        raise InputError(f"{name or source}: there is no row below the header; export it again.")
    columns = find_columns(reader.schema.names, name or source, title_column, text_column)
    span = range((part - 1) * reader.rows // parts, part * reader.rows // parts)
    return Job(
        source,
        reader,
        columns,
        output,
        make_writer,
        span,
        resume,
        name,
        replace=replace,
        _stat=before,
    )


def stat_of(path: Path) -> State:
    """Return what changes when a file does, or one of the documents of a folder."""
    files = documents_in(path) if path.is_dir() else [path]
    return tuple((each.name, *_size_and_time(each)) for each in files)


def _size_and_time(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:  # a link that leads nowhere
        return 0, 0
    return found.st_size, found.st_mtime_ns
