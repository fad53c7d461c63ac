"""What reading and writing need of a database, whichever it is."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import ClassVar, NamedTuple

import pyarrow as pa

from pipeline.posting import FrontbackError

#: Bytes that are fetched at a time: many rows at once come quicker, few large ones fit as well.
_BATCH_BYTES = 16_000_000
_MOST_ROWS = 10_000
_NAMED = 20


class Table(NamedTuple):
    """A table or view; ``near`` where its name alone is enough to find it."""

    schema: str
    name: str
    near: bool = True

    def __str__(self) -> str:
        return self.name if self.near else f"{self.schema}.{self.name}"

    @property
    def quoted(self) -> str:
        """The name as it stands in a statement."""
        return ".".join(quoted(part) for part in (self.schema, self.name) if part)


class Measured(NamedTuple):
    """What a query gives.

    Attributes:
        schema: its columns, in order.
        rows: how many rows.
        keyed: how many of them have a value in the key's column.
        distinct: how many values are there.
        key_type: the key's type, as the database calls it; empty where its values are of several.
    """

    schema: pa.Schema
    rows: int
    keyed: int
    distinct: int
    key_type: str


class Session(ABC):
    """One connection, either to read one query's result or to write one table.

    Attributes:
        name: what the database is called in messages; never holds a password.
        failure: what everything that goes wrong is raised as.
    """

    kind: ClassVar[str]
    #: How the database spells "is another value, or the one of them is null".
    differs: ClassVar[str] = "IS DISTINCT FROM"
    #: Whether two columns may have names that differ in capitals only.
    cased: ClassVar[bool] = True
    #: What the driver raises.
    faults: ClassVar[tuple[type[Exception], ...]]

    name: str
    failure: type[FrontbackError]

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Turn what the driver raises into a sentence."""
        try:
            yield
        except self.faults as error:
            raise self.failure(f"{self.name}: {one_line(self.explain(error))}.") from error

    def folded(self, names: Sequence[str]) -> list[str]:
        """Return names of columns so that those which are one to the database are equal."""
        return list(names) if self.cased else [name.lower() for name in names]

    @abstractmethod
    def explain(self, error: Exception) -> str:
        """Return what went wrong and what to do next, as a sentence without its full stop."""

    @abstractmethod
    def identity(self) -> tuple[str, ...]:
        """Return what is equal for two sessions with the same database."""

    @abstractmethod
    def tables(self) -> list[Table]:
        """Return all tables and views, those that are near first."""

    @abstractmethod
    def columns(self, table: Table) -> list[str]:
        """Return the names of a table's columns."""

    @abstractmethod
    def primary_key(self, table: Table) -> list[str]:
        """Return the columns of a table's primary key, if it has one."""

    @abstractmethod
    def hold(self, query: str) -> list[str]:
        """Hold what a query gives as it is now, and return the names of its columns.

        Until `release`, nothing that others write changes it, and nothing can be written here.
        """

    @abstractmethod
    def measure(self, key: str) -> Measured:
        """Return what the query that is held gives."""

    @abstractmethod
    def batches(self, schema: pa.Schema, key: str, size: int) -> Iterator[pa.RecordBatch]:
        """Yield these columns of the query that is held, in the order of the key."""

    @abstractmethod
    def release(self) -> None:
        """Hold no longer."""

    @abstractmethod
    def run(self, *statements: str) -> None:
        """Run statements, all or none, and commit."""

    @abstractmethod
    def arriving(self, table: Table) -> str:
        """Return what a statement selects all arriving rows from; empty where it runs for each."""

    @abstractmethod
    def values(self, names: Sequence[str]) -> list[str]:
        """Return how a statement calls the arriving row's values."""

    @abstractmethod
    def write(self, statement: str, rows: pa.RecordBatch) -> None:
        """Run a statement for these rows, and commit."""

    @abstractmethod
    def close(self) -> None:
        """End the connection; what is not committed is undone; never raises."""


def quoted(name: str) -> str:
    """Return a name as a statement takes it, whatever characters it has."""
    return '"' + name.replace('"', '""') + '"'


def find_table(tables: Sequence[Table], wanted: str) -> Table | None:
    """Return the table of this name, ``name`` or ``schema.name``, in this case or else in any."""
    for same in (str.__str__, str.casefold):
        for table in tables:
            if same(wanted) in (same(str(table)), same(f"{table.schema}.{table.name}")):
                return table
    return None


def no_table(name: str, tables: Sequence[Table], wanted: str) -> str:
    """Return the sentence that says which tables there are instead."""
    shown = ", ".join(str(table) for table in tables[:_NAMED])
    if not shown:
        return f"{name}: there is no table {wanted!r}, nor any other that you may see."
    more = f" and {len(tables) - _NAMED} more" if len(tables) > _NAMED else ""
    return f"{name}: there is no table {wanted!r}; choose one of: {shown}{more}."


def next_size(batch: pa.RecordBatch, size: int) -> int:
    """Return how many rows to fetch after this batch; ``size`` is the least."""
    fit = _BATCH_BYTES * batch.num_rows // max(batch.nbytes, 1)
    return max(size, min(fit, _MOST_ROWS))


def one_line(text: str) -> str:
    """Return a text in one line: what servers say often has several."""
    return re.sub(r"\s+", " ", text).strip().rstrip(".")
