"""DuckDB, through its own interface, which gives and takes Arrow."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from pipeline.database.session import Measured, Session, Table, one_line, quoted
from pipeline.encoding import readable
from pipeline.posting import FrontbackError
from pipeline.tables.rows import as_text

#: DuckDB works on so many rows at a time.
_VECTOR_ROWS = 2_048
_CAUSES = {
    "lock on file": "another program has the file open; close it there, then run it again",
    "not a valid DuckDB": "this is no DuckDB database; check that it is the right file",
    "Cannot open file": "the file cannot be opened; check the folder and your right to it",
    "Is a directory": "this is a folder; name a file in it",
    "read-only": "the file may not be changed; ask for the right to it, or name another",
    "conflict target": "nothing says that the key is unique in the table of tags; make it its"
    " primary key, or name a table that does not exist yet",
    "NOT NULL": "{}; name a table of tags, or one that does not exist yet",
    "Parser Error": "the query is not understood ({}); try it in duckdb first",
    "No space": "the disk is full; free some space, then run the same command again",
    "write-write conflict": "another program is changing the same rows; run it again",
}


class DuckSession(Session):
    """A connection to a DuckDB file."""

    kind = "duckdb"
    cased = False
    faults = (duckdb.Error, pa.ArrowException, OSError)  # the latter of results as Arrow

    def __init__(self, target: str, failure: type[FrontbackError]) -> None:
        self.failure = failure
        self.name = target
        self._path = Path(target)
        with self.explained():
            # A file that may not be written cannot be opened as one that may.
            closed = self._path.exists() and not os.access(self._path, os.W_OK)
            self._connection = duckdb.connect(self._path, read_only=closed)
            self._connection.execute("SET timezone = 'UTC'")

    def explain(self, error: Exception) -> str:
        """Return what went wrong and what to do next, as a sentence without its full stop."""
        said = str(error)
        causes = (cause for sign, cause in _CAUSES.items() if sign in said)
        first = said.split("\n\n")[0]  # the rest repeats the statement
        return next(causes, "{}; check tables, columns and query").format(one_line(first))

    def identity(self) -> tuple[str, ...]:
        """Return what is equal for two sessions with the same database."""
        return (self.kind, str(self._path.resolve()))

    def tables(self) -> list[Table]:
        """Return all tables and views, those that are near first."""
        found = self._fetch(
            "SELECT table_schema, table_name, table_schema = current_schema() AS near"
            " FROM information_schema.tables WHERE table_catalog = current_database()"
            " ORDER BY near DESC, table_schema, table_name"
        )
        return [Table(schema, name, near) for schema, name, near in found]

    def columns(self, table: Table) -> list[str]:
        """Return the names of a table's columns."""
        return [name for name, *_ in self._fetch(f"DESCRIBE {table.quoted}")]

    def primary_key(self, table: Table) -> list[str]:
        """Return the columns of a table's primary key, if it has one."""
        found = self._fetch(
            "SELECT constraint_column_names FROM duckdb_constraints()"
            " WHERE constraint_type = 'PRIMARY KEY' AND database_name = current_database()"
            " AND schema_name = ? AND table_name = ?",
            (table.schema, table.name),
        )
        return list(found[0][0]) if found else []

    def hold(self, query: str) -> list[str]:
        """Hold what a query gives as it is now, and return the names of its columns.

        In a temporary table, which even a read-only transaction may make: run once more, a query
        may give other rows than those that were counted.
        """
        with self.explained():
            self._connection.execute("BEGIN TRANSACTION READ ONLY")
            self._connection.execute(
                f"CREATE TEMP TABLE held AS SELECT * FROM (\n{query}\n) AS postings"
            )
            return list(self._connection.sql("SELECT * FROM temp.main.held").columns)

    def measure(self, key: str) -> Measured:
        """Return what the query that is held gives."""
        name = quoted(key)
        rows, keyed, distinct = self._fetch(
            f"SELECT count(*), count({name}), count(DISTINCT {name}) FROM temp.main.held"
        )[0]
        with self.explained():
            empty = self._connection.sql("SELECT * FROM temp.main.held LIMIT 0")
            schema = empty.to_arrow_table().schema
            types = dict(zip(empty.columns, empty.types, strict=True))
        return Measured(schema, rows, keyed, distinct, str(types[key]))

    def batches(self, schema: pa.Schema, key: str, size: int) -> Iterator[pa.RecordBatch]:
        """Yield these columns of the query that is held, in the order of the key."""
        wanted = ", ".join(quoted(name) for name in schema.names)
        with self.explained():
            result = self._connection.sql(
                f"SELECT {wanted} FROM temp.main.held ORDER BY {quoted(key)}"
            )
            yield from result.to_arrow_reader(max(size, _VECTOR_ROWS))

    def release(self) -> None:
        """Hold no longer; the temporary table goes with its transaction."""
        with self.explained():
            self._connection.execute("ROLLBACK")

    def run(self, *statements: str) -> None:
        """Run statements, all or none, and commit."""
        with self.explained():
            self._connection.execute("BEGIN TRANSACTION")
            try:
                for statement in statements:
                    self._connection.execute(statement).fetchall()
                self._connection.execute("COMMIT")
            except BaseException:
                with suppress(duckdb.Error):  # a failed commit has undone it already
                    self._connection.execute("ROLLBACK")
                raise

    def arriving(self, table: Table) -> str:
        """Return what a statement selects all arriving rows from."""
        return "arriving"

    def values(self, names: Sequence[str]) -> list[str]:
        """Return how a statement calls the arriving row's values."""
        return [f"arriving.{quoted(name)}" for name in names]

    def write(self, statement: str, rows: pa.RecordBatch) -> None:
        """Run a statement for these rows, and commit."""
        columns = [_column(column) for column in rows.columns]
        with self.explained():
            self._connection.register(
                "arriving", pa.RecordBatch.from_arrays(columns, names=rows.schema.names)
            )
            self._connection.execute(statement).fetchall()
            self._connection.unregister("arriving")

    def close(self) -> None:
        """End the connection; what is not committed is undone; never raises."""
        with suppress(duckdb.Error):
            self._connection.close()

    def _fetch(self, statement: str, parameters: Sequence[str] = ()) -> list[tuple[Any, ...]]:
        with self.explained():
            return self._connection.execute(statement, parameters).fetchall()


def _column(column: pa.Array) -> pa.Array:
    kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return readable(column)
    if pa.types.is_nested(kind) or pa.types.is_dictionary(kind):
        return pa.array(as_text(column), pa.string())
    return column
