"""SQLite, through Python's own sqlite3."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipeline.database.session import Measured, Session, Table, next_size, one_line, quoted
from pipeline.posting import FrontbackError
from pipeline.tables.rows import as_text

#: How long another program may hold the file before it counts as locked.
_WAIT_SECONDS = 30
# What sqlite3 has Arrow types for; a column of several kinds is read as text.
_TYPES = {
    frozenset({"integer"}): pa.int64(),
    frozenset({"real"}): pa.float64(),
    frozenset({"integer", "real"}): pa.float64(),
    frozenset({"blob"}): pa.binary(),
}

#: The type of a key in a column without one, which would keep "7" and 7 apart.
_KEYS = {"integer": "INTEGER", "real": "REAL", "text": "TEXT"}

_CAUSES = {
    "unable to open": "the file cannot be opened; check the folder and your right to it",
    "not a database": "this is no SQLite database; check that it is the right file",
    "malformed": "the file is damaged; restore it from a copy",
    "locked": "another program is writing to the file; run the same command again later",
    "readonly": "the file may not be changed; ask for the right to it, or name another",
    "read-only": "the file may not be changed; ask for the right to it, or name another",
    "disk is full": "the disk is full; free some space, then run the same command again",
    "disk I/O error": "the disk refused; see that it has room, then run the same command again",
    "ON CONFLICT": "nothing says that the key is unique in the table of tags; make it its primary"
    " key, or name a table that does not exist yet",
    "NOT NULL": "{}; name a table of tags, or one that does not exist yet",
    "syntax error": "the query is not understood ({}); try it in sqlite3 first",
}


def cause_of(error: Exception, otherwise: str) -> str:
    """Return what SQLite says went wrong, and what to do next: ``otherwise`` where it is unusual.

    A sentence without its full stop.
    """
    said = str(error)
    causes = (cause for sign, cause in _CAUSES.items() if sign in said)
    return next(causes, f"{{}}; {otherwise}").format(one_line(said))


class SqliteSession(Session):
    """A connection to a SQLite file."""

    kind = "sqlite"
    cased = False
    differs = "IS NOT"  # older versions lack the standard's words
    faults = (sqlite3.Error,)

    def __init__(self, target: str, failure: type[FrontbackError]) -> None:
        self.failure = failure
        self.name = target
        self._path = Path(target)
        with self.explained():
            self._connection = sqlite3.connect(
                self._path, timeout=_WAIT_SECONDS, isolation_level=None, check_same_thread=False
            )
            # SQLite keeps any bytes as text.
            self._connection.text_factory = lambda text: text.decode("utf-8", "replace")
            try:
                self._connection.execute("SELECT count(*) FROM sqlite_master")
            except sqlite3.Error:
                self._connection.close()
                raise

    def explain(self, error: Exception) -> str:
        """Return what went wrong and what to do next, as a sentence without its full stop."""
        return cause_of(error, "check tables, columns and query")

    def identity(self) -> tuple[str, ...]:
        """Return what is equal for two sessions with the same database."""
        return (self.kind, str(self._path.resolve()))

    def tables(self) -> list[Table]:
        """Return all tables and views, those that are near first."""
        found = self._fetch(
            "SELECT name FROM sqlite_master WHERE type IN ('table', 'view')"
            " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
        )
        return [Table("main", name) for (name,) in found]

    def columns(self, table: Table) -> list[str]:
        """Return the names of a table's columns."""
        return [name for name, _ in self._table_info(table)]

    def primary_key(self, table: Table) -> list[str]:
        """Return the columns of a table's primary key, if it has one."""
        return [name for name, in_key in self._table_info(table) if in_key]

    def hold(self, query: str) -> list[str]:
        """Hold what a query gives as it is now, and return the names of its columns.

        In a temporary table: a file that is being read could not be written, not even by us.
        """
        with self.explained():
            # Asked for first: what changes something is refused here, as no row source.
            names = self._names(f"SELECT * FROM (\n{query}\n) LIMIT 0")
            self._connection.execute(f"CREATE TEMP TABLE held AS SELECT * FROM (\n{query}\n)")
            self._connection.execute("PRAGMA query_only = ON")
        return names

    def measure(self, key: str) -> Measured:
        """Return what the query that is held gives."""
        name = quoted(key)
        names = self._names("SELECT * FROM temp.held LIMIT 0")
        kinds = "".join(f", group_concat(DISTINCT typeof({quoted(each)}))" for each in names)
        rows, keyed, distinct, *found = self._fetch(
            f"SELECT count(*), count({name}), count(DISTINCT {name}){kinds} FROM temp.held"
        )[0]
        types = [_TYPES.get(frozenset((each or "").split(",")) - {"null"}) for each in found]
        schema = pa.schema(
            [(each, kind or pa.string()) for each, kind in zip(names, types, strict=True)]
        )
        declared = self._fetch("SELECT name, type FROM pragma_table_info('held', 'temp')")
        key_type = dict(declared)[key] or _KEYS.get(found[names.index(key)] or "text", "")
        return Measured(schema, rows, keyed, distinct, key_type)

    def batches(self, schema: pa.Schema, key: str, size: int) -> Iterator[pa.RecordBatch]:
        """Yield these columns of the query that is held, in the order of the key."""
        wanted = ", ".join(quoted(name) for name in schema.names)
        with self.explained():
            cursor = self._connection.execute(
                f"SELECT {wanted} FROM temp.held ORDER BY {quoted(key)}"
            )
            while rows := cursor.fetchmany(size):
                arrays = [
                    _array(cells, field.type)
                    for cells, field in zip(zip(*rows, strict=True), schema, strict=True)
                ]
                batch = pa.RecordBatch.from_arrays(arrays, schema=schema)
                size = next_size(batch, size)
                yield batch

    def release(self) -> None:
        """Hold no longer."""
        with self.explained():
            self._connection.execute("PRAGMA query_only = OFF")
            self._connection.execute("DROP TABLE temp.held")

    def run(self, *statements: str) -> None:
        """Run statements, all or none, and commit."""
        with self._transaction():
            for statement in statements:
                self._connection.execute(statement)

    def arriving(self, table: Table) -> str:
        """Return nothing: a statement runs for each row."""
        return ""

    def values(self, names: Sequence[str]) -> list[str]:
        """Return how a statement calls the arriving row's values."""
        return [f"?{place}" for place in range(1, len(names) + 1)]

    def write(self, statement: str, rows: pa.RecordBatch) -> None:
        """Run a statement for these rows, and commit."""
        cells = (_cells(column) for column in rows.columns)
        with self._transaction():
            self._connection.executemany(statement, zip(*cells, strict=True))

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self.explained():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):  # a full disk has undone it already
                    self._connection.execute("ROLLBACK")
                raise

    def close(self) -> None:
        """End the connection; what is not committed is undone; never raises."""
        with suppress(sqlite3.Error):
            self._connection.close()

    def _fetch(self, statement: str) -> list[tuple[Any, ...]]:
        with self.explained():
            return self._connection.execute(statement).fetchall()

    def _table_info(self, table: Table) -> list[tuple[Any, ...]]:
        with self.explained():
            info = "SELECT name, pk FROM pragma_table_info(?)"
            return self._connection.execute(info, (table.name,)).fetchall()

    def _names(self, select: str) -> list[str]:
        with self.explained():
            return [column[0] for column in self._connection.execute(select).description]


def _array(cells: Sequence[Any], kind: pa.DataType) -> pa.Array:
    if pa.types.is_string(kind):
        return pa.array([_text(cell) for cell in cells], kind)
    return pa.array(cells, kind)


def _text(cell: Any) -> str | None:
    if isinstance(cell, bytes):
        return cell.decode("utf-8", "replace")
    return None if cell is None else str(cell)


def _cells(column: pa.Array) -> list[Any]:
    """Return values as sqlite3 takes them: numbers as such, all else as text."""
    kind = column.type
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind):
        return list(column.to_pylist())
    return list(as_text(column))
