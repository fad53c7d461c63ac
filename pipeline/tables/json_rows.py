"""JSON objects as rows: which columns they have, of which types, and their cells."""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from pipeline.encoding import Encoding, detect_file_encoding, has_misfits, mended
from pipeline.posting import InputError
from pipeline.tables.rows import Reader, Rows, at_a_time
from pipeline.tables.sightings import Sightings

_SCALARS = {bool: pa.bool_(), int: pa.int64(), float: pa.float64()}
_INT64 = range(-(2**63), 2**63)


class Item(NamedTuple):
    """An object as it stands in the file, and what it says: None where it is none."""

    line: int
    raw: str
    row: Mapping[str, Any] | None


class JsonReader(Reader):
    """A file of JSON objects; the columns are all keys that occur.

    Attributes:
        encoding: how its bytes are read.
    """

    encoding: Encoding

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.encoding = detect_file_encoding(path)
        if self.encoding.name == "cp1252":
            raise InputError(f"{path}: not UTF-8, as JSON is; save it as UTF-8.")

    @abstractmethod
    def items(self) -> Iterator[Item]:
        """Yield the objects in order."""

    def _survey(self) -> None:
        """Read through once: how many rows, which columns, what is odd."""
        types: dict[str, set[type]] = {}
        misfits, may_misfit = Sightings(), self.encoding.errors != "strict"
        self.rows = 0
        for line, raw, row in self.items():
            self.rows += 1
            if may_misfit and has_misfits(raw):
                misfits.add(line)
            for key, value in (row or {}).items():
                if (known := types.get(key)) is None:
                    known = types[key] = set()
                known.add(_kind(value))
        fields = {_valid(key): _column_type(kinds) for key, kinds in types.items()}
        self.schema = pa.schema(list(fields.items()))
        self.notes += misfits.note("misfits", encoding=self.encoding.described)

    def batches(self, size: int) -> Iterator[Rows]:
        """Yield all rows in order, at most ``size`` or `at_a_time` at once."""
        size, items = at_a_time(size, self), self.items()
        while some := list(islice(items, size)):
            rows = [item.row for item in some]
            columns = [_column(field, rows) for field in self.schema]
            faults = {place: "unreadable row" for place, row in enumerate(rows) if row is None}
            batch = pa.RecordBatch.from_arrays(columns, schema=self.schema)
            yield Rows(batch, [item.raw for item in some], faults)


def _column(field: pa.Field, rows: list[Mapping[str, Any] | None]) -> pa.Array:
    values = [None if row is None else row.get(field.name) for row in rows]
    with suppress(pa.ArrowException, UnicodeEncodeError):
        return pa.array(values, field.type)
    if pa.types.is_string(field.type):
        values = [None if value is None else _valid(_text(value)) for value in values]
    elif pa.types.is_floating(field.type):
        values = [None if value is None else float(value) for value in values]
    return pa.array(values, field.type)


def _text(value: Any) -> str:
    """Return a JSON value as text: a string as it is, everything else as JSON."""
    if isinstance(value, dict) and isinstance(value.get("@value"), str):
        return str(value["@value"])  # JSON-LD: a text with its language beside it
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _kind(value: object) -> type:
    if type(value) is int and value not in _INT64:
        return str
    return type(value)


def _column_type(kinds: set[type]) -> pa.DataType:
    kinds = kinds - {type(None)}
    if kinds == {int, float}:
        return pa.float64()
    return _SCALARS.get(next(iter(kinds)), pa.string()) if len(kinds) == 1 else pa.string()


def _valid(text: str) -> str:
    """Return the text without lone surrogates, which JSON can spell and Arrow cannot hold."""
    return mended(text).encode("utf-8", "replace").decode("utf-8")
