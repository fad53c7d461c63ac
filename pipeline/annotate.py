"""What a batch adds to a table: tags, or languages; columns title and text in, these out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa

from pipeline import __version__
from pipeline.arrow import TAG_SCHEMA, cleaned, pick
from pipeline.encoding import readable
from pipeline.language import CODES, VARIETIES, Detector, languages_in
from pipeline.phrases import why_of
from pipeline.posting import Posting
from pipeline.text import clean

if TYPE_CHECKING:
    from pipeline.scoring import Scorer
    from pipeline.tagger import Tagger

TAG_MARKS = ("office", "p_front", "model")
TAG_COLUMNS = ("office", "p_front", "share", "language", "reason", "model")
WHY = pa.field("why", pa.string())

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


def tags_by(tagger: Tagger, explained: bool = False) -> Annotation:
    """Return what adds the tag columns of this tagger, and ``why`` behind them where asked for."""

    def answer(batch: pa.RecordBatch) -> pa.RecordBatch:
        tags = tagger.tag_batch(batch).select(list(TAG_COLUMNS))
        if explained:
            phrases = _phrases(tagger.scorer, batch, tags)
            tags = tags.append_column(WHY, pa.array(phrases, pa.string()))
        return tags

    fields = [TAG_SCHEMA.field(name) for name in TAG_COLUMNS]
    return Annotation(answer, pa.schema([*fields, WHY] if explained else fields), TAG_MARKS)


def depends_on(tagger: Tagger, annotation: Annotation) -> dict[str, str | None]:
    """Return what the answers of a tagger depend on, as `pipeline.batch.run` takes it."""
    return {
        "the version of frontback": __version__,
        "the model": tagger.model,
        "the model's file": tagger.manifest["sha256"],
        "the detector": tagger.detector,
        "what is added": ", ".join(annotation.schema.names),
    }


def _phrases(scorer: Scorer, batch: pa.RecordBatch, tags: pa.RecordBatch) -> list[str]:
    """Return the strongest phrases of each posting, "" where no model answered."""
    names = batch.schema.names
    titles = _strings(batch.column("title")) if "title" in names else [None] * batch.num_rows
    pairs = zip(titles, _strings(batch.column("text")), strict=True)
    postings = [Posting(clean(title), clean(text)) for title, text in pairs]
    answers = (tags.column(name).to_pylist() for name in ("office", "p_front"))
    return why_of(scorer, postings, *answers)


def _strings(column: pa.Array) -> list[str | None]:
    strings: list[str | None] = readable(column).to_pylist()
    return strings


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
