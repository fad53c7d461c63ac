"""Tags as Arrow columns."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from pipeline.posting import Tag

#: One row a posting, `Tag` by columns.
TAG_SCHEMA = pa.schema(
    [
        pa.field("office", pa.string(), nullable=False),
        pa.field("p_front", pa.float64()),
        pa.field("language", pa.string(), nullable=False),
        pa.field("language_confidence", pa.float64(), nullable=False),
        pa.field("reason", pa.string(), nullable=False),
        pa.field("model", pa.string(), nullable=False),
    ]
)


def to_batch(tags: Sequence[Tag]) -> pa.RecordBatch:
    """Return tags as a record batch of `TAG_SCHEMA`, row for row."""
    columns = zip(*tags, strict=True) if tags else [()] * len(TAG_SCHEMA)
    arrays = [pa.array(c, field.type) for c, field in zip(columns, TAG_SCHEMA, strict=True)]
    return pa.record_batch(arrays, schema=TAG_SCHEMA)
