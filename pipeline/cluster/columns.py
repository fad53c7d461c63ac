"""Which columns of a batch are read, and where the tags go: as on one machine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from pipeline.arrow import TAG_SCHEMA
from pipeline.batch import TAG_COLUMNS
from pipeline.tables.columns import Columns
from pipeline.tables.rows import Rows
from pipeline.tagger import Tagger

_PREFIX = "frontback_"
# A table that has these was tagged before.
_MARKS = ("office", "p_front", "model")


@dataclass(frozen=True)
class Places:
    """What happens to the columns of a table.

    Attributes:
        read: where the posting is.
        names: what the tag columns are called.
        at: the column of the table whose place each takes; None for one behind the others.
    """

    read: Columns
    names: tuple[str, ...]
    at: tuple[int | None, ...]


def tag_names(*tables: Sequence[str]) -> tuple[str, ...]:
    """Return what the tag columns are called, the same for all of some tables with these columns.

    Where all were tagged before they take the places of those tags; elsewhere a table's own
    columns are left alone, and a tag of the name of one is called ``frontback_…``.
    """
    there: Counter[str] = Counter()
    for table in tables:
        there |= Counter(table)
    known = all(name in table or _PREFIX + name in table for table in tables for name in _MARKS)
    names = []
    for name in TAG_COLUMNS:
        place = _PREFIX + name if _PREFIX + name in there else name
        if there[place] > (1 if known else 0):
            place = _PREFIX + name
            while place in there:
                place = _PREFIX + place
        names.append(place)
    return tuple(names)


def places(there: Sequence[str], read: Columns, names: tuple[str, ...]) -> Places:
    """Return where tags of these names go in a table that has these columns."""
    at = tuple(list(there).index(name) if name in there else None for name in names)
    return Places(read, names, at)


def with_tags(cells: pa.RecordBatch, places: Places, tagger: Tagger) -> pa.RecordBatch:
    """Return the rows of a table with their tags, in the same order."""
    rows = Rows(cells)
    texts = rows.text(places.read.text)
    titles = pa.nulls(len(texts), pa.string())
    if places.read.title is not None:
        titles = rows.text(places.read.title)
    postings = pa.RecordBatch.from_arrays([titles, texts], names=["title", "text"])
    tags = tagger.tag_batch(postings).select(list(TAG_COLUMNS))
    columns = _put(cells.columns, tags.columns, places)
    return pa.RecordBatch.from_arrays(columns, schema=with_tag_fields(cells.schema, places))


def with_tag_fields(schema: pa.Schema, places: Places) -> pa.Schema:
    """Return a table's schema with that of the tags."""
    fields = [
        TAG_SCHEMA.field(name).with_name(place)
        for name, place in zip(TAG_COLUMNS, places.names, strict=True)
    ]
    return pa.schema(_put(list(schema), fields, places), metadata=schema.metadata)


def _put(own: Sequence[object], added: Sequence[object], places: Places) -> list[object]:
    columns = list(own)
    for place, column in zip(places.at, added, strict=True):
        if place is None:
            columns.append(column)
        else:
            columns[place] = column
    return columns
