"""Which columns can be the key of tags."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b

import numpy as np
import pyarrow as pa

from pipeline.posting import InputError
from pipeline.tables.rows import Reader, as_text

_ROWS = 2_000


def check_keys(reader: Reader, key: str) -> None:
    """Raise `InputError` unless each row has a value of its own in the column of this name.

    Done before anything is written: of two rows with the same key only one would have tags. Of each
    key eight bytes are held.
    """
    names = reader.schema.names
    if names.count(key) != 1:
        there = "two columns" if key in names else "no column"
        shown = ", ".join(name for name in names[:20] if name)
        raise InputError(
            f"{reader.path}: there is {there} {key!r}; name one of these with --key: {shown}."
        )
    hashes = np.empty(reader.rows, np.uint64)
    for row, value in enumerate(_values(reader, names.index(key))):
        if not value:
            raise InputError(
                f"{reader.path}: row {row + 1:,} has no value in {key!r}; fill it in, or name"
                " another column with --key."
            )
        hashes[row] = _hash(value)
    order = np.argsort(hashes, kind="stable")
    again = np.flatnonzero(hashes[order][1:] == hashes[order][:-1])
    if len(again):
        first, second = order[again[0]] + 1, order[again[0] + 1] + 1
        raise InputError(
            f"{reader.path}: rows {first:,} and {second:,} have the same value in {key!r}; remove"
            " one, or name another column with --key."
        )


def can_be_key(kind: pa.DataType) -> bool:
    """Whether a value of this type, written down as text, is the same value when it is read."""
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    if pa.types.is_timestamp(kind):
        return bool(kind.unit != "ns")  # Python's end at microseconds
    plain = (
        pa.types.is_integer,
        pa.types.is_floating,
        pa.types.is_decimal,
        pa.types.is_string,
        pa.types.is_large_string,
        pa.types.is_date,
    )
    return any(is_so(kind) for is_so in plain)


def _values(reader: Reader, column: int) -> Iterator[str | None]:
    for rows in reader.batches(_ROWS):
        yield from as_text(rows.cells.column(column))


def _hash(value: str) -> int:
    return int.from_bytes(blake2b(value.encode(), digest_size=8).digest(), "little")
