"""Which columns of a batch are read, and where the tags go: as on one machine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from pipeline.annotate import TAG_COLUMNS
from pipeline.arrow import TAG_SCHEMA
from pipeline.tables.columns import Columns
from pipeline.tables.rows import Places, Rows
from pipeline.tagger import Tagger

_PREFIX = "frontback_"
# A table that has these was tagged before.
_MARKS = ("office", "p_front", "model")


@dataclass(frozen=True)
class Layout:
    """What happens to the columns of a table.

    Attributes:
        read: where the posting is.
        names: what each of `TAG_COLUMNS` is called.
        places: where each goes.
    """

    read: Columns
    names: tuple[str, ...]
    places: Places


def tag_names(*tables: Sequence[str]) -> tuple[str, ...]:
    """Return what the tag columns are called, the same for all of some tables with these columns.

    Where all were tagged before they take the places of those tags; elsewhere a table's own
    columns are left alone, and a tag of the name of one is called ``frontback_…``. For one table
    this is what `pipeline.job.Job.place` says.
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


def layout(there: Sequence[str], read: Columns, names: tuple[str, ...]) -> Layout:
    """Return what happens to a table that has these columns when tags of these names are added."""
    return Layout(read, names, Places.of(there, names))


def with_tags(cells: pa.RecordBatch, layout: Layout, tagger: Tagger) -> pa.RecordBatch:
    """Return the rows of a table with their tags, in the same order."""
    rows = Rows(cells)
    texts = rows.text(layout.read.text)
    titles = pa.nulls(len(texts), pa.string())
    if layout.read.title is not None:
        titles = rows.text(layout.read.title)
    postings = pa.RecordBatch.from_arrays([titles, texts], names=["title", "text"])
    tags = tagger.tag_batch(postings).select(list(TAG_COLUMNS))
    columns = layout.places.merge(cells.columns, tags.columns)
    return pa.RecordBatch.from_arrays(columns, schema=with_tag_fields(cells.schema, layout))


def with_tag_fields(schema: pa.Schema, layout: Layout) -> pa.Schema:
    """Return a table's schema with that of the tags."""
    pairs = zip(TAG_COLUMNS, layout.names, strict=True)
    fields = [TAG_SCHEMA.field(name).with_name(place) for name, place in pairs]
    return pa.schema(layout.places.merge(list(schema), fields), metadata=schema.metadata)
