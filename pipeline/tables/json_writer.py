"""JSON lines and documents, written: in the input's own text, or anew."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipeline.tables.json_document import JsonDocumentReader
from pipeline.tables.json_rows import JsonReader
from pipeline.tables.json_text import BLANK, PLAIN, put
from pipeline.tables.jsonl import JsonlReader
from pipeline.tables.rows import Reader, Rows, Writer, plain, unique_names, values

# Between the members of an object; texts have no bare line ends.
_LINE_BREAK = re.compile(r"[ \t]*[\r\n][ \t\r\n]*")


def jsonl_writer(path: Path, reader: Reader, added: pa.Schema) -> Writer:
    """Return a writer of one JSON object a line."""
    if isinstance(reader, JsonlReader):
        return _SameLines(path, reader, added)
    return _NewLines(path, reader, added)


def json_writer(path: Path, reader: Reader, added: pa.Schema) -> Writer:
    """Return a writer of a JSON document; a .json of one object a line stays one."""
    if isinstance(reader, JsonDocumentReader):
        return _SameDocument(path, reader, added)
    if isinstance(reader, JsonlReader) and reader.content.suffix.lower() in (".json", ".jsonld"):
        return _SameLines(path, reader, added)
    return _NewDocument(path, reader, added)


class _JsonWriter(Writer):
    """What all have in common: a file of text, and each row as an object with its new keys."""

    style = PLAIN
    encoding = ("utf-8", "surrogateescape")  # objects of JSON come with the bytes that they had

    def __init__(self, path: Path, reader: Reader, added: pa.Schema) -> None:
        self._names = unique_names(reader.schema.names)
        self._present = frozenset(reader.schema.names)
        self._as_they_stood = isinstance(reader, JsonReader)
        name, errors = self.encoding
        self._file = path.open("w", encoding=name, errors=errors, newline="")

    def objects(self, rows: Rows, added: pa.RecordBatch) -> Iterator[str]:
        """Yield the rows as JSON objects, the new keys at their ends or in place.

        Those that were lines have the blanks and line ends around them that they had.
        """
        old = _raw_objects(rows) if self._as_they_stood else self._new_objects(rows)
        for before, new in zip(old, added.to_pylist(), strict=True):
            yield put(before, new, self._present, self.style)

    def _new_objects(self, rows: Rows) -> Iterator[str]:
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


class _NewLines(_JsonWriter):
    def write(self, rows: Rows, added: pa.RecordBatch) -> None:
        for each in self.objects(rows, added):
            self._file.write(_LINE_BREAK.sub(" ", each.strip(BLANK)) + "\n")


class _SameLines(_JsonWriter):
    def __init__(self, path: Path, reader: JsonlReader, added: pa.Schema) -> None:
        self.encoding = reader.encoding
        super().__init__(path, reader, added)
        self._file.write(reader.prefix)

    def write(self, rows: Rows, added: pa.RecordBatch) -> None:
        self._file.write("".join(self.objects(rows, added)))


class _NewDocument(_JsonWriter):
    def __init__(self, path: Path, reader: Reader, added: pa.Schema) -> None:
        super().__init__(path, reader, added)
        self._before = self._begin = "[\n"

    def write(self, rows: Rows, added: pa.RecordBatch) -> None:
        for each in self.objects(rows, added):
            self._file.write(self._before + each.strip(BLANK))
            self._before = ",\n"

    def close(self) -> None:
        self._file.write("[]\n" if self._before is self._begin else "\n]\n")
        super().close()


class _SameDocument(_JsonWriter):
    def __init__(self, path: Path, reader: JsonDocumentReader, added: pa.Schema) -> None:
        self.encoding, self.style = reader.encoding, reader.style
        super().__init__(path, reader, added)
        self._text, self._spans, self._written = reader.text, iter(reader.spans), 0

    def write(self, rows: Rows, added: pa.RecordBatch) -> None:
        for each in self.objects(rows, added):
            start, end = next(self._spans)
            self._file.write(self._text[self._written : start] + each)
            self._written = end

    def close(self) -> None:
        self._file.write(self._text[self._written :])
        super().close()


def _raw_objects(rows: Rows) -> Iterator[str]:
    """Yield the objects of a JSON file; a row that is none becomes one that has it in it."""
    for place, raw in enumerate(rows.raw):
        if place not in rows.faults:
            yield raw
            continue
        begins, ends = len(raw) - len(raw.lstrip(BLANK)), len(raw.rstrip(BLANK))
        text = json.dumps({"unreadable": raw[begins:ends]}, ensure_ascii=False)
        yield raw[:begins] + text + raw[ends:]


def _finite(value: Any) -> Any:
    """Return None for NaN and infinity, which JSON cannot spell; everything else as it is."""
    return None if isinstance(value, float) and not math.isfinite(value) else value
