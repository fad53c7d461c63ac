"""What a batch adds to a table: tags, or languages; columns title and text in, these out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa

from pipeline.arrow import TAG_SCHEMA, cleaned, pick
from pipeline.language import CODES, VARIETIES, Detector, languages_in

if TYPE_CHECKING:
    from pipeline.tagger import Tagger

TAG_MARKS = ("office", "p_front", "model")
TAG_COLUMNS = ("office", "p_front", "share", "language", "reason", "model")


_PREFIX = "frontback_"


class Annotation(NamedTuple):
    """What is added to a table.

    Attributes:
        answer: from a batch of postings to the added columns, row for row.
        schema: the added columns.
        marks: names of those that tell a table to which all this has been added before.
    """

    answer: Callable[[pa.RecordBatch], pa.RecordBatch]
    schema: pa.Schema
    marks: tuple[str, ...]


def names_added(
    names: Sequence[str], marks: Sequence[str], *tables: Sequence[str]
) -> tuple[str, ...]:
    """Return what added columns are called, the same for all of some tables.

    Where all tables were annotated before, the columns take the places of what was added then;
    elsewhere a table's own columns are left alone, and an added one of the name of one is called
    ``frontback_…``.

    Args:
        names: what they are called where nothing is in the way.
        marks: see `Annotation`.
        tables: names of the columns that each table has.
    """
    there: Counter[str] = Counter()
    for table in tables:
        there |= Counter(table)
    known = all(mark in table or _PREFIX + mark in table for table in tables for mark in marks)
    given = []
    for name in names:
        place = _PREFIX + name if _PREFIX + name in there else name
        if there[place] > (1 if known else 0):
            place = _PREFIX + name
            while place in there:
                place = _PREFIX + place
        given.append(place)
    return tuple(given)


LANGUAGE_SCHEMA = pa.schema(
    [
        pa.field("language", pa.string()),
        pa.field("language_confidence", pa.float64()),
        pa.field("variety", pa.string()),
        pa.field("mixed", pa.bool_()),
    ]
)


def tags_by(tagger: Tagger) -> Annotation:
    """Return what adds the tag columns of this tagger."""

    def answer(batch: pa.RecordBatch) -> pa.RecordBatch:
        return tagger.tag_batch(batch).select(list(TAG_COLUMNS))

    schema = pa.schema([TAG_SCHEMA.field(name) for name in TAG_COLUMNS])
    return Annotation(answer, schema, TAG_MARKS)


def languages_by(detector: Detector) -> Annotation:
    """Return what adds language, confidence, variety and whether it is mixed."""

    def answer(batch: pa.RecordBatch) -> pa.RecordBatch:
        texts, _ = cleaned(batch.column("text"))
        found = languages_in(texts, detector)
        columns = [
            pick(CODES, found.codes),
            pa.array(found.confidence),
            pick(VARIETIES, found.varieties),
            pa.array(found.mixed),
        ]
        return pa.RecordBatch.from_arrays(columns, schema=LANGUAGE_SCHEMA)

    return Annotation(answer, LANGUAGE_SCHEMA, ("language", "language_confidence"))
