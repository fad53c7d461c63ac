"""The statements that write tags: the same words in all databases."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from pipeline.database.session import Session, Table, quoted


def create(table: Table, key: str, key_type: str, added: pa.Schema) -> str:
    """Return what makes a table of tags."""
    columns = [f"{quoted(key)} {key_type} NOT NULL PRIMARY KEY"]
    columns += [f"{quoted(field.name)} {type_of(field.type)}" for field in added]
    return f"CREATE TABLE IF NOT EXISTS {table.quoted} ({', '.join(columns)})"


def add_column(table: Table, field: pa.Field) -> str:
    """Return what gives a table one more column."""
    return f"ALTER TABLE {table.quoted} ADD COLUMN {quoted(field.name)} {type_of(field.type)}"


def upsert(session: Session, table: Table, key: str, names: Sequence[str]) -> str:
    """Return what writes a row of tags: a new one, or over one that differs."""
    columns = ", ".join(quoted(name) for name in (key, *names))
    values = ", ".join(session.values([key, *names]))
    arriving = session.arriving(table)
    rows = f"SELECT {values} FROM {arriving}" if arriving else f"VALUES ({values})"
    return f"INSERT INTO {table.quoted} AS kept ({columns}) {rows}" + _over(session, key, names)


def upsert_nothing(session: Session, table: Table, key: str, names: Sequence[str]) -> str:
    """Return what fails where `upsert` would, and writes nothing."""
    columns = ", ".join(quoted(name) for name in (key, *names))
    return (
        f"INSERT INTO {table.quoted} AS kept ({columns})"
        f" SELECT {columns} FROM {table.quoted} WHERE false" + _over(session, key, names)
    )


def update(session: Session, table: Table, key: str, key_type: str, names: Sequence[str]) -> str:
    """Return what writes the tags of a row into its own columns, where they differ."""
    at, *values = session.values([key, *names])
    arriving = session.arriving(table)
    source = ""
    if arriving:
        source, at = f" FROM {arriving}", f"CAST({at} AS {key_type})"
    return (
        f"UPDATE {table.quoted} AS kept SET {_assigned(names, values)}{source}"
        f" WHERE kept.{quoted(key)} = {at} AND ({_differing(session, names, values)})"
    )


def update_nothing(table: Table, names: Sequence[str]) -> str:
    """Return what fails where `update` would, and writes nothing."""
    own = [quoted(name) for name in names]
    return f"UPDATE {table.quoted} SET {_assigned(names, own)} WHERE false"


def type_of(kind: pa.DataType) -> str:
    """Return the name that all the databases have for a type."""
    if pa.types.is_boolean(kind):
        return "BOOLEAN"
    if pa.types.is_integer(kind):
        return "SMALLINT" if kind.bit_width < 32 else "BIGINT"
    if pa.types.is_floating(kind):
        return "DOUBLE PRECISION"
    return "TEXT"


def _over(session: Session, key: str, names: Sequence[str]) -> str:
    values = [f"excluded.{quoted(name)}" for name in names]
    return (
        f" ON CONFLICT ({quoted(key)}) DO UPDATE SET {_assigned(names, values)}"
        f" WHERE {_differing(session, names, values)}"
    )


def _assigned(names: Sequence[str], values: Sequence[str]) -> str:
    pairs = zip(names, values, strict=True)
    return ", ".join(f"{quoted(name)} = {value}" for name, value in pairs)


def _differing(session: Session, names: Sequence[str], values: Sequence[str]) -> str:
    pairs = zip(names, values, strict=True)
    return " OR ".join(f"kept.{quoted(name)} {session.differs} {value}" for name, value in pairs)
