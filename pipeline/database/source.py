"""A table or query of a database as a table of postings."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pyarrow as pa

from pipeline.database.connecting import connect
from pipeline.database.query import select_of
from pipeline.database.session import Session, Table, find_table, no_table
from pipeline.posting import InputError
from pipeline.tables.rows import Reader, Rows


class DatabaseReader(Reader):
    """The rows that a table or query has at one moment, in the order of a key.

    What others write meanwhile is not seen, and nothing can be changed through it. ``path`` is only
    what the rows are called in messages.

    Attributes:
        key: name of the column that tells the rows apart.
        key_type: its type, as the database calls it.
        table: the table that is read; None for a query.
        session: the connection.
    """

    path: Path

    def __init__(
        self, url: str, table: str | None = None, query: str | None = None, key: str | None = None
    ) -> None:
        """Open a database and hold what a table or query gives.

        Args:
            url: see `pipeline.database.connecting.connect`.
            table: name of the table or view, with its schema where that is needed.
            query: a SELECT, in place of a table.
            key: name of a column with another value in each row; a table's primary key where left
                out.

        Raises:
            InputError: no connection, no such table or column, no such right; a query that is no
                SELECT; no key, or one with gaps or doubles.
        """
        if (table is None) == (query is None):
            raise InputError("name what to read from the database: either a table or a query.")
        self.session = connect(url, InputError, exists=True)
        self._closes = weakref.finalize(self, self.session.close)
        try:
            super().__init__(Path(f"{table or 'query'} in {Path(self.session.name).name}"))
            self.table = None if table is None else _table(self.session, table)
            self._query = _select(self.session, self.table, query)
            self._hold(key)
        except BaseException:
            self._closes()
            raise
        self.form = (("plain", self.session.kind),)

    def _hold(self, key: str | None) -> None:
        session = self.session
        if key is None:
            key = self._primary_key()
        names = session.hold(self._query)
        if key not in names:
            raise InputError(
                f"{session.name}: there is no column {key!r}; choose the key from:"
                f" {', '.join(names)}."
            )
        measured = session.measure(key)
        for wrong, what in (
            (measured.rows - measured.keyed, "rows have no value"),
            (measured.keyed - measured.distinct, "values occur again"),
        ):
            if wrong:
                raise InputError(
                    f"{session.name}: {wrong:,} {what} in {key!r}; choose a key that tells all"
                    " rows apart."
                )
        self.key = key
        self.key_type = measured.key_type
        self.schema = measured.schema
        self.rows = measured.rows

    def _primary_key(self) -> str:
        columns = self.session.primary_key(self.table) if self.table else []
        if len(columns) == 1:
            return columns[0]
        what = (
            f"{self.table} has no primary key of one column" if self.table else "a query needs it"
        )
        raise InputError(
            f"{self.session.name}: name the column that tells the rows apart with --key ({what})."
        )

    def batches(self, size: int) -> Iterator[Rows]:
        """Yield all rows in order of the key, ``size`` at a time, or more where they are short."""
        for batch in self.session.batches(self.schema, self.key, size):
            yield Rows(batch)

    def keep(self, names: Sequence[str]) -> None:
        """Read only these columns, and the key."""
        wanted = {*names, self.key}
        self.schema = pa.schema([field for field in self.schema if field.name in wanted])

    def change(self, by: Callable[[], object]) -> None:
        """Have the table changed by somebody else; what is held stands in the way of that.

        The rows are then those of the moment after it; the columns stay as they were found.
        """
        schema = self.schema
        self.session.release()
        by()
        self._hold(self.key)
        self.keep(schema.names)

    def close(self) -> None:
        """End the connection."""
        self._closes()


def _table(session: Session, wanted: str) -> Table:
    tables = session.tables()
    found = find_table(tables, wanted)
    if found is None:
        raise InputError(no_table(session.name, tables, wanted))
    return found


def _select(session: Session, table: Table | None, query: str | None) -> str:
    if table is not None:
        return f"SELECT * FROM {table.quoted}"
    select = select_of(query or "")
    if select is None:
        raise InputError(
            f"{session.name}: the query is not a single SELECT; write one that only reads."
        )
    return select
