"""The key of a table that is no database's: whether it tells all rows apart."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b

import numpy as np

from pipeline.posting import InputError
from pipeline.tables.rows import Reader

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


def _values(reader: Reader, column: int) -> Iterator[str | None]:
    for rows in reader.batches(_ROWS):
        yield from rows.text(column).to_pylist()


def _hash(value: str) -> int:
    return int.from_bytes(blake2b(value.encode(), digest_size=8).digest(), "little")
