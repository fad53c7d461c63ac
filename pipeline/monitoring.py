"""A table of postings, measured for how far it has drifted from what a model was trained on."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from pipeline.arrow import postings_in
from pipeline.drift import Histograms, Seen, changes, named, reference_of
from pipeline.psi import Change, Verdict, worst
from pipeline.tables.columns import Columns
from pipeline.tables.rows import Reader
from pipeline.tagger import Tagger
from pipeline.unknown import UnknownWords
from pipeline.unknown_compiled import find_unknown, known_by

#: Rows that are read at a time, where a reader does not know better; nothing depends on it.
_ROWS = 1_000
_MOST_WORDS = 10


@dataclass
class Drift:
    """What became of comparing a batch with what a model was trained on.

    Attributes:
        model: its id.
        counts: of the postings that it was trained on, and of the batch, by aspect: see
            `pipeline.drift.Histograms.beside`.
        changes: how far they are apart, by aspect.
        rows: of the table.
        unreadable, without_text: rows of these that are left out.
        unknown: the unknown words that most postings of the batch have, and how many have each.
    """

    model: str
    counts: dict[str, tuple[np.ndarray, np.ndarray]] = field(default_factory=dict)
    changes: dict[str, Change] = field(default_factory=dict)
    rows: int = 0
    unreadable: int = 0
    without_text: int = 0
    unknown: list[tuple[str, int]] = field(default_factory=list)

    @property
    def verdict(self) -> Verdict:
        """On all aspects together."""
        return worst([change.verdict for change in self.changes.values()])

    def as_json(self) -> dict[str, Any]:
        """Return all of it as plain values."""
        return {
            "model": self.model,
            "rows": self.rows,
            "unreadable": self.unreadable,
            "without_text": self.without_text,
            "verdict": self.verdict,
            "aspects": {
                aspect: self._judged(aspect)
                | {"reference": named(aspect, reference), "batch": named(aspect, batch)}
                for aspect, (reference, batch) in self.counts.items()
            },
            "unknown_words": [
                {"word": word, "postings": postings} for word, postings in self.unknown
            ],
        }

    def _judged(self, aspect: str) -> dict[str, Any]:
        if aspect not in self.changes:
            return {}
        psi, chance, verdict = self.changes[aspect]
        return {"psi": _number(psi), "chance": _number(chance), "verdict": verdict}


def _number(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 4)


def monitor(
    reader: Reader,
    columns: Columns,
    tagger: Tagger,
    advance: Callable[[int], None] = lambda rows: None,
) -> Drift:
    """Return how far the rows of a table are from what the tagger's model was trained on.

    Memory does not grow with the rows: counts are held, not postings.

    Args:
        advance: told of each number of rows done.

    Raises:
        ModelError: the model's manifest does not say what it was trained on.
        InputError: the table turned out damaged.
    """
    reference, batch = reference_of(tagger.manifest), Histograms()
    drift = Drift(tagger.model)
    known = known_by(tagger.scorer.blocks["word"].buckets)
    words = UnknownWords()
    for rows in reader.batches(_ROWS):
        _measure(rows.postings(*columns), list(rows.faults), tagger, known, words, batch, drift)
        advance(len(rows.cells))
    drift.counts = reference.beside(batch)
    drift.changes = changes(drift.counts)
    drift.unknown = words.most(_MOST_WORDS)
    return drift


def _measure(
    postings: pa.RecordBatch,
    faults: list[int],
    tagger: Tagger,
    known: np.ndarray,
    words: UnknownWords,
    batch: Histograms,
    drift: Drift,
) -> None:
    """Count some rows."""
    titles, texts, is_empty = postings_in(postings)
    decision = tagger.decide_much(titles, texts, is_empty)
    found = find_unknown(titles, texts, known)
    seen = Seen(decision.languages.codes, found.words, found.counts, decision.p_front)
    is_fault = np.zeros(len(is_empty), bool)
    is_fault[faults] = True
    is_there = ~(is_fault | is_empty)
    batch.add(seen.at(is_there), tagger.scorer.band)
    words.add(found.of(is_there & seen.scored))
    drift.rows += len(is_empty)
    drift.unreadable += len(faults)
    drift.without_text += int((is_empty & ~is_fault).sum())
