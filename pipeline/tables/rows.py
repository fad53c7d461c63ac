"""What readers give and writers take."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.encoding import readable
from pipeline.tables.form import Form, described
from pipeline.wording import words

_BATCH_BYTES = 4_000_000
_BATCH_ROWS = 10_000


class Rows(NamedTuple):
    """Some consecutive rows of a table.

    Attributes:
        cells: the input's columns, with the reader's schema.
        raw: the same rows as they stand in the file, where the format is text, for its own writer.
        faults: what is wrong with a row that could not be read, by its place in ``cells``.
    """

    cells: pa.RecordBatch
    raw: Sequence[str] = ()
    faults: dict[int, str] = {}  # noqa: RUF012 - read only

    def text(self, column: int) -> pa.Array:
        """Return a column as text, whatever its type."""
        array = self.cells.column(column)
        if pa.types.is_string(array.type) or pa.types.is_large_string(array.type):
            return array
        return pa.array(as_text(array), pa.string())

    def postings(self, title: int | None, text: int) -> pa.RecordBatch:
        """Return the columns at these places as ``title`` (null without one) and ``text``."""
        texts = self.text(text)
        titles = pa.nulls(len(texts), pa.string()) if title is None else self.text(title)
        return pa.RecordBatch.from_arrays([titles, texts], names=["title", "text"])


class Reader(ABC):
    """A table that is being read.

    Attributes:
        path: the file as the user named it, for messages.
        content: the file to read from: the same one, or where a compressed one was unpacked to.
        schema: the input's columns.
        rows: how many rows there are.
        above: how many stand above the first of them where a spreadsheet shows the file: the
            header, and what is above it.
        form: what was found out about the file's form.
        notes: what a person should know of it, a line each.
    """

    schema: pa.Schema
    rows: int
    above: int = 0
    form: Form = ()

    def __init__(self, path: Path) -> None:
        self.path = self.content = path
        self.notes: list[str] = []

    @property
    def described(self) -> str:
        """Its form in a few words of the language chosen; may be empty."""
        return described(self.form, words())

    @abstractmethod
    def batches(self, size: int) -> Iterator[Rows]:
        """Yield all rows in order, at most ``size`` at a time."""


def at_a_time(size: int, reader: Reader) -> int:
    """Return how many rows of a text file to read at a time: ``size``, or more if they are small.

    Many rows at once are tagged quicker, few large ones fit as well.
    """
    each = max(reader.content.stat().st_size // max(reader.rows, 1), 1)
    return max(size, min(_BATCH_BYTES // each, _BATCH_ROWS))


class Places(NamedTuple):
    """Where the added columns go.

    Attributes:
        replaced: place of the added column by place of the input's column that it stands in for,
            which is the first one of the same name.
        behind: places of the added columns that stand behind the input's.
    """

    replaced: dict[int, int]
    behind: list[int]

    @classmethod
    def of(cls, own: Sequence[str], added: Sequence[str]) -> Places:
        """Return the places by the names of the input's and the added columns."""
        replaced = {own.index(name): at for at, name in enumerate(added) if name in own}
        return cls(replaced, [at for at, name in enumerate(added) if name not in own])

    def merge(self, own: Sequence[Any], added: Sequence[Any]) -> list[Any]:
        """Return columns, fields or names of the output from those of the input and the added."""
        old = [added[self.replaced[at]] if at in self.replaced else c for at, c in enumerate(own)]
        return old + [added[at] for at in self.behind]


class Writer(ABC):
    """A table that is being written, into a file that appears when all is done.

    An added column that the input has by name already takes that column's place; the others stand
    behind the input's. The same rows give the same bytes, whatever the sizes they come in.
    """

    @abstractmethod
    def write(self, rows: Rows, added: pa.RecordBatch) -> None:
        """Write some rows with their added columns."""

    @abstractmethod
    def close(self) -> None:
        """Finish the file."""

    @abstractmethod
    def discard(self) -> None:
        """Let go of the file, unfinished; never raises."""


def unique_names(names: Sequence[str]) -> list[str]:
    """Return the names for a format that wants each once: ``note``, ``note_2``, ``column_4``."""
    taken = set(names)
    given: dict[str, None] = {}
    tried: dict[str, int] = {}
    for place, name in enumerate(names, 1):
        stem = name or f"column_{place}"
        number, free = tried.get(stem, 1), stem
        while free in given or (free != name and free in taken):
            number += 1
            free = f"{stem}_{number}"
        given[free], tried[stem] = None, number
    return list(given)


def as_text(array: pa.Array) -> list[str | None]:
    """Return the values of an Arrow array as a person would write them; null stays None."""
    if pa.types.is_string(array.type) or pa.types.is_large_string(array.type):
        return list(readable(array).to_pylist())
    python = (pa.types.is_nested, pa.types.is_binary, pa.types.is_temporal, pa.types.is_dictionary)
    if any(kind(array.type) for kind in python):
        return [plain(value) for value in values(array)]
    try:
        return list(pc.cast(array, pa.string()).to_pylist())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return [plain(value) for value in values(array)]


def values(array: pa.Array) -> list[Any]:
    """Return the values as Python's own; as text those that Python cannot hold (the year 15000)."""
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    kind = array.type
    if (pa.types.is_timestamp(kind) or pa.types.is_duration(kind)) and kind.unit == "ns":
        # Python's datetime ends at microseconds.
        coarse = pa.duration("us") if pa.types.is_duration(kind) else pa.timestamp("us", kind.tz)
        array = pc.cast(array, coarse, safe=False)
    elif pa.types.is_time64(kind) and kind.unit == "ns":
        array = pc.cast(array, pa.time64("us"), safe=False)
    elif pa.types.is_string(kind) or pa.types.is_large_string(kind):
        array = readable(array)
    try:
        return list(array.to_pylist())
    except (ValueError, OverflowError, KeyError):  # a far date, an unknown time zone
        return [_value(scalar) for scalar in array]


def _value(scalar: pa.Scalar) -> Any:
    try:
        return scalar.as_py()
    except (ValueError, OverflowError, KeyError):
        pass
    try:
        return scalar.cast(pa.string()).as_py()
    except pa.ArrowInvalid:
        return str(scalar.value)
    except pa.ArrowNotImplementedError:  # texts inside that are not UTF-8
        return str(pa.array([scalar], scalar.type))


def plain(value: Any) -> str | None:
    """Return one value as text: nested ones as JSON, bytes as UTF-8 where they are."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)
