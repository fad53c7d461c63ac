"""Which columns of a batch are read, and where the tags go: as on one machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from pipeline.annotate import TAG_COLUMNS, TAG_MARKS, names_added
from pipeline.arrow import TAG_SCHEMA
from pipeline.tables.columns import Columns
from pipeline.tables.rows import Places, Rows
from pipeline.tagger import Tagger


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
    """Return what the tag columns are called: the same in all tables that have these columns."""
    return names_added(TAG_COLUMNS, TAG_MARKS, *tables)


def layout(there: Sequence[str], read: Columns, names: tuple[str, ...]) -> Layout:
    """Return what happens to a table that has these columns when tags of these names are added."""
    return Layout(read, names, Places.of(there, names))


def with_tags(cells: pa.RecordBatch, layout: Layout, tagger: Tagger) -> pa.RecordBatch:
    """Return the rows of a table with their tags, in the same order."""
    postings = Rows(cells).postings(*layout.read)
    tags = tagger.tag_batch(postings).select(list(TAG_COLUMNS))
    columns = layout.places.merge(cells.columns, tags.columns)
    return pa.RecordBatch.from_arrays(columns, schema=with_tag_fields(cells.schema, layout))


def with_tag_fields(schema: pa.Schema, layout: Layout) -> pa.Schema:
    """Return a table's schema with that of the tags."""
    pairs = zip(TAG_COLUMNS, layout.names, strict=True)
    fields = [TAG_SCHEMA.field(name).with_name(place) for name, place in pairs]
    return pa.schema(layout.places.merge(list(schema), fields), metadata=schema.metadata)
