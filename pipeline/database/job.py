"""Jobs with a database at one end or at both."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from pipeline.annotate import Annotation
from pipeline.database.sink import DatabaseSink
from pipeline.database.source import DatabaseReader
from pipeline.job import Job, State, stat_of
from pipeline.output import check_output
from pipeline.tables import MakeWriter, open_table, writer_for
from pipeline.tables.columns import Columns, find_columns


@dataclass
class DatabaseJob(Job):
    """Rows of a database, or tags that go into one.

    There is no journal of it: what a database held is gone when the run is, and what was committed
    to one is there for the next run.

    Attributes:
        sink: the table that the tags go into; None for a file.
    """

    resumable: bool = False
    sink: DatabaseSink | None = None

    def claim(self) -> AbstractContextManager[None]:
        """Keep other runs from the output; a database sees to that itself."""
        return nullcontext() if self.sink else super().claim()

    def appear(self, ready: Callable[[], None]) -> AbstractContextManager[Path]:
        """Return what yields the file to write; into a database none is written."""
        return nullcontext(self.output) if self.sink else super().appear(ready)

    def place(self, annotation: Annotation) -> pa.Schema:
        """Return the added columns by the names they get: their own in a table of tags."""
        if self.sink and not self.sink.holds(self.reader):
            return annotation.schema
        return super().place(annotation)

    def check_unchanged(self) -> None:
        """Raise `InputError` where the input has changed; what a database held has not."""
        if not isinstance(self.reader, DatabaseReader):
            super().check_unchanged()


def prepare(
    source: Path | DatabaseReader,
    output: Path | DatabaseSink,
    *,
    title_column: str | None = None,
    text_column: str | None = None,
    sheet: str | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    raw_formulas: bool = False,
    overwrite: bool = False,
) -> DatabaseJob:
    """Check everything that can be checked before the work begins: see `pipeline.job.prepare`.

    Raises:
        InputError: the input cannot be read, or has no text column.
        OutputError: the output may not be written.
    """
    before: State = ()
    if isinstance(source, Path):
        before = stat_of(source) if source.exists() else before
        reader = open_table(source, encoding, sheet, text_column, delimiter)
    else:
        reader = source
    names = reader.schema.names
    columns = find_columns(names, reader.path, title_column, text_column)
    make_writer: MakeWriter
    if isinstance(output, DatabaseSink):
        make_writer, target, sink = output, Path(str(output)), output
        if isinstance(reader, DatabaseReader) and not output.holds(reader):
            # Nothing else of a row is wanted.
            columns = _narrowed(reader, columns)
    else:
        make_writer, target, sink = writer_for(output, reader.path, raw_formulas), output, None
        check_output(output, reader.path, overwrite)
    span = range(reader.rows)
    return DatabaseJob(
        reader.path, reader, columns, target, make_writer, span, _stat=before, sink=sink
    )


def _narrowed(reader: DatabaseReader, columns: Columns) -> Columns:
    """Have only title and text read, and return where they are then."""
    names = reader.schema.names
    title = None if columns.title is None else names[columns.title]
    text = names[columns.text]
    reader.keep([text, title or text])
    kept = reader.schema.names
    return Columns(None if title is None else kept.index(title), kept.index(text))
