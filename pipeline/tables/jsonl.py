"""JSON lines: each object comes back character for character, the new keys before its brace."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipeline.posting import InputError
from pipeline.tables.rows import Reader, Rows, Writer, plain, unique_names, values

_SCALARS = {bool: pa.bool_(), int: pa.int64(), float: pa.float64()}
_INT64 = range(-(2**63), 2**63)


class JsonlReader(Reader):
    """A file of one JSON object a line, UTF-8; the columns are all keys that occur."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.rows = 0
        types: dict[str, set[type]] = {}
        try:
            for _, row in self._objects():
                self.rows += 1
                for key, value in (row or {}).items():
                    types.setdefault(_valid(key), set()).add(_kind(value))
        except UnicodeDecodeError:
            raise InputError(f"{path}: not UTF-8, as JSON is; save it as UTF-8.") from None
        if not types:
            raise InputError(
                f"{path}: no line holds a JSON object; write one object a line, or use .csv."
            )
        self.schema = pa.schema([pa.field(key, _column_type(t)) for key, t in types.items()])

    def _objects(self) -> Iterator[tuple[str, dict[str, Any] | None]]:
        """Yield each line and its object, None where it holds none."""
        with self.path.open(encoding="utf-8-sig", newline="\n") as file:
            for line in file:
                if line.strip():
                    yield line.strip(), _parse(line)

    def batches(self, size: int) -> Iterator[Rows]:
        """Yield all rows in order, at most ``size`` at a time."""
        raw: list[str] = []
        objects: list[dict[str, Any] | None] = []
        for line, row in self._objects():
            raw.append(line)
            objects.append(row)
            if len(raw) == size:
                yield self._rows(raw, objects)
                raw, objects = [], []
        if raw:
            yield self._rows(raw, objects)

    def _rows(self, raw: list[str], objects: list[dict[str, Any] | None]) -> Rows:
        columns = []
        for field in self.schema:
            values = [None if row is None else row.get(field.name) for row in objects]
            if pa.types.is_string(field.type):
                values = [None if v is None else _valid(plain_json(v)) for v in values]
            elif pa.types.is_floating(field.type):
                values = [None if v is None else float(v) for v in values]
            columns.append(pa.array(values, field.type))
        faults = {place: "unreadable row" for place, row in enumerate(objects) if row is None}
        return Rows(pa.RecordBatch.from_arrays(columns, schema=self.schema), raw, faults)


class JsonlWriter(Writer):
    """Writes one JSON object a line."""

    def __init__(self, path: Path, reader: Reader, added: pa.Schema) -> None:
        self._file = path.open("w", encoding="utf-8", newline="\n")
        self._same = isinstance(reader, JsonlReader)
        self._names = unique_names(reader.schema.names)

    def write(self, rows: Rows, added: pa.RecordBatch) -> None:
        """Write some rows, the added keys behind the input's."""
        old = self._as_they_stood(rows) if self._same else self._written_anew(rows)
        for before, new in zip(old, added.to_pylist(), strict=True):
            comma = "" if before[1:-1].strip() == "" else ", "
            addition = json.dumps(new, ensure_ascii=False)[1:]
            self._file.write(before[:-1].rstrip() + comma + addition + "\n")

    def _as_they_stood(self, rows: Rows) -> Iterator[str]:
        for place, line in enumerate(rows.raw):
            faulty = place in rows.faults
            yield json.dumps({"unreadable": line}, ensure_ascii=False) if faulty else line

    def _written_anew(self, rows: Rows) -> Iterator[str]:
        for cells in zip(*(values(column) for column in rows.cells.columns), strict=True):
            row = dict(zip(self._names, map(_finite, cells), strict=True))
            yield json.dumps(row, ensure_ascii=False, default=plain)

    def close(self) -> None:
        """Finish the file."""
        self._file.close()

    def discard(self) -> None:
        """Let go of the file, unfinished; never raises."""
        with suppress(OSError):
            self._file.close()


def _parse(line: str) -> dict[str, Any] | None:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return row if isinstance(row, dict) else None


def _kind(value: object) -> type:
    if type(value) is int and value not in _INT64:
        return str
    return type(value)


def _column_type(kinds: set[type]) -> pa.DataType:
    kinds = kinds - {type(None)}
    if kinds == {int, float}:
        return pa.float64()
    return _SCALARS.get(next(iter(kinds)), pa.string()) if len(kinds) == 1 else pa.string()


def plain_json(value: Any) -> str:
    """Return a JSON value as text: a string as it is, everything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _finite(value: Any) -> Any:
    """Return None for NaN and infinity, which JSON cannot spell; everything else as it is."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _valid(text: str) -> str:
    """Return the text without lone surrogates, which JSON can spell and Arrow cannot hold."""
    return text.encode("utf-8", "replace").decode("utf-8")
