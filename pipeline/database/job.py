"""Jobs with a database at one end or at both."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pipeline.database.source import DatabaseReader
from pipeline.job import Job
from pipeline.output import check_output
from pipeline.tables import writer_for
from pipeline.tables.columns import find_columns


@dataclass
class FromDatabase(Job):
    """Rows of a database that go into a file."""

    def check_unchanged(self) -> None:
        """Do nothing: what was held in the beginning is what was read."""


def from_database(
    reader: DatabaseReader,
    output: Path,
    *,
    title_column: str | None = None,
    text_column: str | None = None,
    overwrite: bool = False,
) -> FromDatabase:
    """Return the job that reads a database's rows and writes a file.

    Raises:
        InputError: there is no column of texts.
        OutputError: the output may not be written.
    """
    make_writer = writer_for(output, reader.path)
    check_output(output, reader.path, overwrite)
    columns = find_columns(reader.schema.names, reader.path, title_column, text_column)
    return FromDatabase(reader.path, reader, columns, output, make_writer, range(reader.rows))
