"""Databases for tests, looked into by their own drivers."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import psycopg
import pyarrow as pa

from pipeline.annotate import Annotation
from pipeline.database import DatabaseReader, DatabaseSink
from pipeline.tables.rows import Reader

ADDED = pa.schema(
    [
        pa.field("office", pa.string()),
        pa.field("p_front", pa.float64()),
        pa.field("share", pa.int8()),
    ]
)
_numbers = count(1)


class Database(NamedTuple):
    """A database by its address."""

    url: str

    @property
    def kind(self) -> str:
        return self.url.split(":")[0]

    def sql(self, *statements: str) -> list[tuple[Any, ...]]:
        """Run statements, and return what the last one gives."""
        if self.kind == "postgresql":
            with psycopg.connect(self.url) as postgres:
                for statement in statements:
                    cursor = postgres.execute(statement.encode())
                return cursor.fetchall() if cursor.description else []
        file = self.url.split(":///")[1]
        connect: Any = sqlite3.connect if self.kind == "sqlite" else duckdb.connect
        with closing(connect(file)) as connection:
            for statement in statements:
                rows = connection.execute(statement).fetchall()
            connection.commit()
        return rows

    def reader(self, table: str | None = "postings", **options: Any) -> DatabaseReader:
        return DatabaseReader(self.url, None if "query" in options else table, **options)

    def sink(self, table: str = "tags", key: str | None = None) -> DatabaseSink:
        return DatabaseSink(self.url, table, key)

    def postings(self, rows: int) -> None:
        """Make a table of postings, number 1 with one word, number 2 with two …"""
        numbers = (
            f"WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})"
        )
        repeated = {
            "postgresql": "repeat('ord ', i % 7)",
            "duckdb": "repeat('ord ', i % 7)",
            "sqlite": "substr('ord ord ord ord ord ord ord ', 1, 4 * (i % 7))",
        }[self.kind]
        self.sql(
            "CREATE TABLE postings (id INTEGER PRIMARY KEY, title TEXT, description TEXT)",
            f"INSERT INTO postings {numbers} SELECT i, 'Kokk ' || i, {repeated} FROM n WHERE i > 0",
        )


def tagged(database: Database, table: str = "tags") -> list[tuple[Any, ...]]:
    """Return the tags of a table, in the order of the key."""
    return database.sql(f"SELECT id, office, p_front, share FROM {table} ORDER BY id")


def whole(reader: Reader) -> pa.Table:
    """Return all that a reader reads."""
    return pa.Table.from_batches([rows.cells for rows in reader.batches(200)], reader.schema)


@contextmanager
def own_database(server: str) -> Iterator[Database]:
    """Make a database on a server, and remove it."""
    name = f"test_{next(_numbers)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
        yield Database(server.removesuffix("postgres") + name)
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def annotate(batch: pa.RecordBatch) -> pa.RecordBatch:
    """A tagger that counts words, so that a shifted row would show."""
    words = [len((text or "").split()) for text in batch.column("text").to_pylist()]
    columns = [
        pa.array([f"w{n}" for n in words]),
        pa.array([n / 8 if n else None for n in words], pa.float64()),
        pa.array([n or None for n in words], pa.int8()),
    ]
    return pa.record_batch(columns, schema=ADDED)


ANNOTATION = Annotation(annotate, ADDED, ("office", "p_front"))


def tag_into(
    reader: Reader, sink: DatabaseSink, text: str = "description", rows_at_a_time: int = 200
) -> int:
    """Write the tags of a reader's rows, and return how many rows there were."""
    writer = sink(Path(), reader, ADDED)
    done = 0
    try:
        for rows in reader.batches(rows_at_a_time):
            texts = rows.text(reader.schema.names.index(text))
            writer.write(rows, annotate(pa.record_batch([texts], names=["text"])))
            done += rows.cells.num_rows
        writer.close()
    except BaseException:
        writer.discard()
        raise
    return done
