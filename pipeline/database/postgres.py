"""PostgreSQL, through psycopg."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import psycopg
import pyarrow as pa
from psycopg.adapt import Buffer, Loader
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from pipeline.database.session import Measured, Session, Table, next_size, one_line, quoted
from pipeline.posting import FrontbackError
from pipeline.tables.rows import as_text

if TYPE_CHECKING:
    from psycopg import Column, Cursor

_CONNECT_SECONDS = "15"
#: How long another program may use a table that is to be given columns.
_WAIT_SECONDS = 30

# Types that Arrow has as well, by their number; all others come as text, written by the server.
_TYPES: Final = {
    16: pa.bool_(),
    17: pa.binary(),
    19: pa.string(),
    20: pa.int64(),
    21: pa.int16(),
    23: pa.int32(),
    25: pa.string(),
    700: pa.float32(),
    701: pa.float64(),
    1042: pa.string(),
    1043: pa.string(),
    1082: pa.date32(),
    1114: pa.timestamp("us"),
    1184: pa.timestamp("us", "UTC"),
}
_NUMERIC = 1700
# Types whose bare name means a length of 1, by their brothers of any length.
_UNBOUNDED: Final = {"character": "bpchar", "bit": "varbit"}
_TEXTS: Final = (19, 25, 1042, 1043)
# What Python and Arrow cannot hold: infinity, years before 1 and after 9999, numeric's NaN.
_OUTSIDE: Final = {
    1082: "{} NOT BETWEEN '0001-01-01' AND '9999-12-31'",
    1114: "{} NOT BETWEEN '0001-01-01' AND '9999-12-31'",
    1184: "{} NOT BETWEEN '0001-01-02 00:00Z' AND '9999-12-30 00:00Z'",
    _NUMERIC: "{} = 'NaN'",
}

_CAUSES: Final = {
    "21000": "two rows have keys that are the same there; name another column with --key",
    "23502": "{}; name a table of tags, or one that does not exist yet",
    "25006": "only reading is possible there ({}); let the query only select, or ask for the right"
    " to write",
    "40001": "another program is changing the same rows; run the same command again",
    "40P01": "another program is changing the same rows; run the same command again",
    "42501": "{}; ask the database's owner for the right to it",
    "42601": "the query is not understood ({}); try it in psql first",
    "42702": "two columns have the same name ({}); give each its own with AS",
    "42P10": "nothing says that the key is unique in the table of tags; make it its primary key, or"
    " name a table that does not exist yet",
    "53100": "the server's disk is full; free some space, then run the same command again",
    "55P03": "another program is using the table; run the same command again later",
    "57014": "the server stopped the statement ({}); raise its time limit, or run it again",
}
_ELSE = "{}; check tables, columns and query"
_LOST = "the connection was lost ({}); run the same command again, nothing is written twice"


class PostgresSession(Session):
    """A connection to PostgreSQL."""

    kind = "postgresql"
    faults = (psycopg.Error, UnicodeError)

    def __init__(self, target: str, failure: type[FrontbackError]) -> None:
        self.failure = failure
        self.name = "postgresql"
        try:
            given = conninfo_to_dict(target)
        except (psycopg.Error, UnicodeError):
            given = {"host": "@"}
        place = [str(given.get(part) or "") for part in ("host", "port", "dbname", "user")]
        host, port, dbname, user = place
        if "@" in host + dbname or (port and not port.replace(",", "").isdigit()):
            # Such a host or name may be the end of a password: it must not be shown.
            raise failure(
                "postgresql: the address cannot be read; write it as postgresql://user@host/name,"
                " special characters of user and password as %XX (@ is %40, / is %2F)."
            )
        self.name = f"postgresql://{user + '@' if user else ''}{host}{':' + port if port else ''}"
        self.name += f"/{dbname}"
        self._secrets = [str(given[part]) for part in ("password", "sslpassword") if part in given]
        own = {"client_encoding": "utf8", "application_name": "frontback"}
        if "connect_timeout" not in given:
            own["connect_timeout"] = _CONNECT_SECONDS
        self._connection: psycopg.Connection[tuple[Any, ...]] | None = None
        with self.explained():
            self._connection = psycopg.connect(make_conninfo(target, **own))
        if self._open.info.parameter_status("server_encoding") == "SQL_ASCII":
            # Such a database does not check what it is given: texts may be in any encoding.
            self.run("SET client_encoding TO 'SQL_ASCII'")
            for number in _TEXTS:
                self._open.adapters.register_loader(number, _LenientText)
        self._query = ""
        self._types: dict[str, pa.DataType] = {}
        self._numbers: dict[str, int] = {}

    @property
    def _open(self) -> psycopg.Connection[tuple[Any, ...]]:
        assert self._connection is not None
        return self._connection

    def explain(self, error: Exception) -> str:
        """Return what went wrong and what to do next, as a sentence without its full stop."""
        said = str(error)
        for secret in filter(None, self._secrets):
            said = said.replace(secret, "***")
        if self._connection is None:
            reason = said.split("FATAL:")[-1].split("failed: ")[-1].strip()
            return f"no connection to it ({reason}); check host, database, user and password"
        if not isinstance(error, psycopg.Error):
            return f"a text is not UTF-8 ({said}); check the encoding of the database"
        if self._connection.broken or (error.sqlstate or "").startswith(("08", "57P", "25P03")):
            return _LOST.format(one_line(said.splitlines()[0]))
        said = error.diag.message_primary or said.splitlines()[0]
        return _CAUSES.get(error.sqlstate or "", _ELSE).format(one_line(said))

    def identity(self) -> tuple[str, ...]:
        """Return what is equal for two sessions with the same database."""
        place = "SELECT current_database(), pg_postmaster_start_time()::text"
        return (self.kind, *map(str, self._fetch(place)[0]))

    def tables(self) -> list[Table]:
        """Return all tables and views, those that are near first."""
        found = self._fetch(
            "SELECT nspname, relname, pg_table_is_visible(c.oid) AS visible FROM pg_class c"
            " JOIN pg_namespace n ON n.oid = relnamespace"
            " WHERE relkind IN ('r', 'p', 'v', 'm', 'f')"
            " AND nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')"
            " ORDER BY visible DESC, nspname, relname"
        )
        return [Table(schema, name, near) for schema, name, near in found]

    def columns(self, table: Table) -> list[str]:
        """Return the names of a table's columns."""
        with self.explained(), self._open.transaction():
            return [each.name for each in self._described(f"SELECT * FROM {table.quoted}")]

    def primary_key(self, table: Table) -> list[str]:
        """Return the columns of a table's primary key, if it has one."""
        literal = table.quoted.replace("'", "''")
        found = self._fetch(
            "SELECT attname FROM pg_index i JOIN pg_attribute a ON attrelid = indrelid"
            f" AND attnum = ANY (indkey) WHERE indisprimary AND indrelid = '{literal}'::regclass"
        )
        return [name for (name,) in found]

    def hold(self, query: str) -> list[str]:
        """Hold what a query gives as it is now, and return the names of its columns."""
        with self.explained():
            # One snapshot for counting and reading; PostgreSQL itself refuses to write in it.
            self._open.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            self._open.read_only = True
            self._open.execute("SET LOCAL timezone = 'UTC'")
            self._query = query
            described = self._described(query)
            self._types = {each.name: _type(each) for each in described}
            self._numbers = {each.name: each.type_code for each in described}
            return [each.name for each in described]

    def measure(self, key: str) -> Measured:
        """Return what the query that is held gives."""
        checks = {
            name: _OUTSIDE[number].format(quoted(name))
            for name, number in self._numbers.items()
            if number in _OUTSIDE
        }
        outside = "".join(f", coalesce(bool_or({check}), false)" for check in checks.values())
        with self.explained():
            cursor = self._open.execute(
                f"SELECT count(*), count({quoted(key)}), count(DISTINCT {quoted(key)}),"
                f" {self._numbers[key]}::regtype::text{outside}"
                f" FROM (\n{self._query}\n) AS postings".encode()
            )
            rows, keyed, distinct, key_type, *are_outside = cursor.fetchall()[0]
        for name, is_outside in zip(checks, are_outside, strict=True):
            if is_outside:
                self._types[name] = pa.string()
        schema = pa.schema(list(self._types.items()))
        return Measured(schema, rows, keyed, distinct, _UNBOUNDED.get(key_type, key_type))

    def batches(self, schema: pa.Schema, key: str, size: int) -> Iterator[pa.RecordBatch]:
        """Yield these columns of the query that is held, in the order of the key."""
        wanted = [
            f"postings.{quoted(field.name)}"
            # The server writes down what Arrow has no type for.
            + ("::text" if self._as_text(field) else "")
            for field in schema
        ]
        declare = (
            f"DECLARE held NO SCROLL CURSOR FOR SELECT {', '.join(wanted)}"
            f" FROM (\n{self._query}\n) AS postings ORDER BY postings.{quoted(key)}"
        )
        try:
            with self.explained():
                self._open.execute(declare.encode())
                while rows := self._open.execute(f"FETCH {size} FROM held".encode()).fetchall():
                    arrays = [
                        pa.array(cells, field.type)
                        for cells, field in zip(zip(*rows, strict=True), schema, strict=True)
                    ]
                    batch = pa.RecordBatch.from_arrays(arrays, schema=schema)
                    size = next_size(batch, size)
                    yield batch
        finally:
            with suppress(psycopg.Error):  # the connection may have gone
                self._open.execute("CLOSE held")

    def _as_text(self, field: pa.Field) -> bool:
        return pa.types.is_string(field.type) and self._numbers[field.name] not in _TEXTS

    def release(self) -> None:
        """Hold no longer."""
        with self.explained():
            self._open.rollback()

    def run(self, *statements: str) -> None:
        """Run statements, all or none, and commit."""
        with self.explained(), self._open.transaction():
            # A table that somebody reads cannot be given columns; without this we would wait on.
            self._open.execute(f"SET LOCAL lock_timeout = '{_WAIT_SECONDS}s'")
            for statement in statements:
                self._open.execute(statement.encode())

    def arriving(self, table: Table) -> str:
        """Return what a statement selects all arriving rows from."""
        # Many rows in one go, each value taken for what its column in the table is.
        return f"json_populate_recordset(NULL::{table.quoted}, $1::json) AS arriving"

    def values(self, names: Sequence[str]) -> list[str]:
        """Return how a statement calls the arriving row's values."""
        return [f"arriving.{quoted(name)}" for name in names]

    def write(self, statement: str, rows: pa.RecordBatch) -> None:
        """Run a statement for these rows, and commit."""
        cells = (
            [None if cell is None else cell.replace("\0", "\ufffd") for cell in as_text(column)]
            for column in rows.columns
        )
        names = rows.schema.names
        arriving = [dict(zip(names, row, strict=True)) for row in zip(*cells, strict=True)]
        with self.explained(), self._open.transaction():
            psycopg.RawCursor(self._open).execute(statement.encode(), [json.dumps(arriving)])

    def close(self) -> None:
        """End the connection; what is not committed is undone; never raises."""
        with suppress(psycopg.Error):
            self._open.close()

    def _fetch(self, statement: str) -> list[tuple[Any, ...]]:
        with self.explained(), self._open.transaction():
            return self._open.execute(statement.encode()).fetchall()

    def _described(self, query: str) -> list[Column]:
        cursor: Cursor[tuple[Any, ...]] = self._open.execute(
            f"SELECT * FROM (\n{query}\n) AS postings LIMIT 0".encode()
        )
        return list(cursor.description or ())


class _LenientText(Loader):
    """Text with a sign for each byte that is not UTF-8."""

    def load(self, data: Buffer) -> str:
        return bytes(data).decode("utf-8", "replace")


def _type(column: Column) -> pa.DataType:
    if column.type_code == _NUMERIC:
        digits, scale = column.precision, column.scale
        if digits is not None and scale is not None and digits <= 38 and 0 <= scale <= digits:
            return pa.decimal128(digits, scale)
    return _TYPES.get(column.type_code, pa.string())
