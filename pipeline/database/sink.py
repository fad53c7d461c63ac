"""Tags into a table of a database."""

from __future__ import annotations

import weakref
from pathlib import Path
from typing import TypeGuard

import pyarrow as pa

from pipeline.database import statements
from pipeline.database.connecting import connect
from pipeline.database.keys import can_be_key, check_keys
from pipeline.database.session import Table, find_table
from pipeline.database.source import DatabaseReader
from pipeline.posting import InputError, OutputError
from pipeline.tables.rows import Reader, Rows, Writer, as_text

#: Rows that are committed at a time: what is lost when the connection is.
_COMMIT_ROWS = 5_000


class DatabaseSink:
    """A table that tags go into, each under the key of its posting.

    A key that is there already gets the new tags, where they differ; so a run can be repeated, and
    one that was interrupted is finished by running it again. A table that does not exist is made.

    Where postings come from the very same table, the tags become columns of it.
    """

    def __init__(self, url: str, table: str, key: str | None = None) -> None:
        """Connect to a database.

        Args:
            url: see `pipeline.database.connecting.connect`.
            table: name of the table, with its schema where that is needed.
            key: name of the input's column that tells its rows apart, which is the table's as
                well; where left out, that of the `DatabaseReader`.

        Raises:
            OutputError: no connection.
        """
        self.session = connect(url, OutputError, exists=False)
        self.closes = weakref.finalize(self, self.session.close)
        self.table = table
        self.key = key

    def __str__(self) -> str:
        return f"{self.table} in {self.session.name}"

    def holds(self, reader: Reader) -> TypeGuard[DatabaseReader]:
        """Whether the rows come from the very table that the tags go into."""
        if not isinstance(reader, DatabaseReader) or reader.table is None:
            return False
        found = find_table(self.session.tables(), self.table)
        return (
            found is not None
            and reader.table[:2] == found[:2]
            and reader.session.identity() == self.session.identity()
        )

    def __call__(self, path: Path, reader: Reader, added: pa.Schema) -> DatabaseWriter:
        """Return what writes the added columns of a reader's rows; ``path`` is not used.

        Raises:
            InputError: the key has gaps or doubles, or there is no such column.
            OutputError: the table is of another kind, or may not be written.
        """
        return DatabaseWriter(self, reader, added)


class DatabaseWriter(Writer):
    """Writes the added columns of rows under their keys, and commits now and then."""

    def __init__(self, sink: DatabaseSink, reader: Reader, added: pa.Schema) -> None:
        self._sink = sink  # its connection ends with it
        self._session = sink.session
        self._waiting: list[pa.RecordBatch] = []
        self._key, key_type = _key_of(sink, reader)
        self._at = reader.schema.names.index(self._key)
        self._names = [self._key, *added.names]
        if self._session.folded([self._key])[0] in self._session.folded(added.names):
            raise InputError(
                f"{reader.path}: the key {self._key!r} has the name of a tag; rename it, in a query"
                " with AS, or name another column with --key."
            )
        found = find_table(self._session.tables(), sink.table)
        if found is not None and sink.holds(reader):
            self._statement = self._into_source(reader, found, key_type, added)
        else:
            self._statement = self._into_tags(sink, found, key_type, added)

    def _into_tags(
        self, sink: DatabaseSink, found: Table | None, key_type: str, added: pa.Schema
    ) -> str:
        session, names = self._session, added.names
        table = found or _new_table(sink.table)
        if found is None:
            session.run(statements.create(table, self._key, key_type, added))
        there = set(session.folded(session.columns(table)))
        missing = set(session.folded(self._names)) - there
        if missing:
            raise OutputError(
                f"{session.name}: the table {sink.table!r} is no table of tags, it has no column"
                f" {', '.join(sorted(missing))}; name one that does not exist yet."
            )
        session.run(statements.upsert_nothing(session, table, self._key, names))
        return statements.upsert(session, table, self._key, names)

    def _into_source(
        self, reader: DatabaseReader, table: Table, key_type: str, added: pa.Schema
    ) -> str:
        there = self._session.folded(self._session.columns(table))
        named = zip(added, self._session.folded(added.names), strict=True)
        new = [statements.add_column(table, each) for each, name in named if name not in there]
        if new:
            reader.change(lambda: self._session.run(*new))
        self._session.run(statements.update_nothing(table, added.names))
        return statements.update(self._session, table, self._key, key_type, added.names)

    def write(self, rows: Rows, added: pa.RecordBatch) -> None:
        """Write the added columns of some rows."""
        columns = [_plain_key(rows.cells.column(self._at)), *added.columns]
        self._waiting.append(pa.RecordBatch.from_arrays(columns, names=self._names))
        if sum(batch.num_rows for batch in self._waiting) >= _COMMIT_ROWS:
            self._commit()

    def _commit(self) -> None:
        if self._waiting:
            rows = pa.Table.from_batches(self._waiting).combine_chunks().to_batches()[0]
            self._session.write(self._statement, rows)
            self._waiting = []

    def close(self) -> None:
        """Write what is left, and end the connection."""
        self._commit()
        self._sink.closes()

    def discard(self) -> None:
        """End the connection; what was committed stays; never raises."""
        self._sink.closes()


def _key_of(sink: DatabaseSink, reader: Reader) -> tuple[str, str]:
    """Return the key's name, and its type where the tags go."""
    key = reader.key if isinstance(reader, DatabaseReader) else sink.key
    if key is None:
        raise InputError(
            f"{reader.path}: name the column that tells its rows apart with --key; by it their tags"
            f" are found in {sink}."
        )
    if not isinstance(reader, DatabaseReader):
        check_keys(reader, key)
    kind = reader.schema.field(key).type
    key_type = "BIGINT" if pa.types.is_integer(kind) else "TEXT"
    if isinstance(reader, DatabaseReader) and reader.session.kind == sink.session.kind:
        key_type = reader.key_type
    if not key_type or not can_be_key(kind):
        raise InputError(
            f"{reader.path}: no key is made of what {key!r} holds (bytes, several types, or values"
            " of many parts); choose a column of numbers or texts."
        )
    return key, key_type


def _new_table(wanted: str) -> Table:
    schema, _, name = wanted.rpartition(".")
    return Table(schema, name)


def _plain_key(column: pa.Array) -> pa.Array:
    """Return keys as numbers or text, which every database takes for what its column is."""
    if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
        return column
    return pa.array(as_text(column), pa.string())
