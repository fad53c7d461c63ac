"""Postings and tags as Arrow columns."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from pipeline.decision import OFFICES, REASONS, Decision
from pipeline.encoding import readable
from pipeline.language import CODES
from pipeline.reading_compiled import Texts
from pipeline.text import clean
from pipeline.text_compiled import BLANK, DIRTY, kinds_of

#: One row a posting, `Tag` by columns.
TAG_SCHEMA = pa.schema(
    [
        pa.field("office", pa.string(), nullable=False),
        pa.field("p_front", pa.float64()),
        pa.field("share", pa.int8()),
        pa.field("language", pa.string(), nullable=False),
        pa.field("language_confidence", pa.float64(), nullable=False),
        pa.field("mixed", pa.bool_(), nullable=False),
        pa.field("reason", pa.string(), nullable=False),
        pa.field("model", pa.string(), nullable=False),
    ]
)


def to_batch(decision: Decision, model: str) -> pa.RecordBatch:
    """Return the answers as a record batch of `TAG_SCHEMA`, row for row."""
    n = len(decision.offices)
    columns = [
        pick(OFFICES, decision.offices),
        _or_null(decision.p_front, pa.float64()),
        _or_null(decision.shares, pa.int8()),
        pick(CODES, decision.languages.codes),
        pa.array(decision.languages.confidence),
        pa.array(decision.languages.mixed),
        pick(REASONS, decision.reasons),
        pick([model], np.zeros(n, np.int8)),
    ]
    return pa.record_batch(columns, schema=TAG_SCHEMA)


def _or_null(values: np.ndarray, kind: pa.DataType) -> pa.Array:
    """Return numbers with null for NaN."""
    missing = np.isnan(values)
    return pa.array(np.where(missing, 0, values), mask=missing).cast(kind)


def pick(names: Sequence[str], places: np.ndarray) -> pa.Array:
    """Return the names at these places as a string column."""
    return pa.array(names, pa.string()).take(pa.array(places))


def postings_in(batch: pa.RecordBatch) -> tuple[Texts, Texts, np.ndarray]:
    """Return the titles and texts of a batch as the kernels read them, and which have no text.

    Raises:
        ValueError: there is no column ``text``.
    """
    names = batch.schema.names
    if "text" not in names:
        raise ValueError(f"the batch has columns {names}; it needs 'text'")
    texts, is_empty = cleaned(batch.column("text"))
    titles = texts._replace(ends=texts.starts)
    if "title" in names:
        titles, _ = cleaned(batch.column("title"))
    return titles, texts, is_empty


def cleaned(column: pa.Array) -> tuple[Texts, np.ndarray]:
    """Return a string column as the kernels read it, and which rows have no text.

    Most texts stay where they are; those that `clean` would change are cleaned behind them.
    """
    column = readable(column)
    texts = _buffers(column.cast(pa.large_string()))
    kinds = kinds_of(texts)
    dirty = np.flatnonzero(kinds == DIRTY)
    if len(dirty):
        mended = [clean(text).encode() for text in column.take(pa.array(dirty)).to_pylist()]
        lengths = np.array([len(text) for text in mended])
        data = np.concatenate([texts.data, np.frombuffer(b"".join(mended), np.uint8)])
        texts.ends[dirty] = len(texts.data) + np.cumsum(lengths)
        texts.starts[dirty] = texts.ends[dirty] - lengths
        texts = texts._replace(data=data)
        kinds[dirty[lengths == 0]] = BLANK
    return texts, kinds == BLANK


def _buffers(column: pa.Array) -> Texts:
    """Return the bytes of a large string column; a null is an empty text."""
    _, offsets, data = column.buffers()
    if data is None or len(column) == 0:
        nothing = np.zeros(len(column), np.int64)
        return Texts(np.zeros(0, np.uint8), nothing, nothing.copy())
    bounds = np.frombuffer(offsets, np.int64)[column.offset : column.offset + len(column) + 1]
    starts, ends = bounds[:-1].copy(), bounds[1:].copy()
    if column.null_count:
        missing = column.is_null().to_numpy(zero_copy_only=False)
        ends[missing] = starts[missing]
    return Texts(np.frombuffer(data, np.uint8), starts, ends)
