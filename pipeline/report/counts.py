"""What is counted of a tagged table, in one pass; whole numbers, so that no order matters."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from pipeline.decision import OFFICES, REASONS
from pipeline.language import CODES
from pipeline.report.tagged import UNTAGGED, TaggedRows

BINS = 10
#: A reason that is none of `REASONS`: what was wrong with a row that could not be read.
DAMAGED = "damaged"
_REVIEW = OFFICES.index("review")


def _zeros(*shape: int) -> np.ndarray:
    return np.zeros(shape, np.int64)


@dataclass
class Counts:
    """Counts of any number of rows; int64.

    Attributes:
        rows: of the table.
        untagged: rows of these that have no tag and are not counted further.
        languages: rows by `CODES` and `OFFICES`, shape (5, 3).
        p_front: rows by office and tenths of the probability, shape (3, 10).
        shares: rows by office and tenths of the share of contact, shape (3, 10).
        share_sums: sums of these shares in percent, by office, shape (3,).
        reasons: rows in review by their reason, or `DAMAGED`.
        models: rows by the model that answered.
    """

    rows: int = 0
    untagged: int = 0
    languages: np.ndarray = field(default_factory=lambda: _zeros(len(CODES), len(OFFICES)))
    p_front: np.ndarray = field(default_factory=lambda: _zeros(len(OFFICES), BINS))
    shares: np.ndarray = field(default_factory=lambda: _zeros(len(OFFICES), BINS))
    share_sums: np.ndarray = field(default_factory=lambda: _zeros(len(OFFICES)))
    reasons: Counter[str] = field(default_factory=Counter)
    models: Counter[str] = field(default_factory=Counter)

    @property
    def offices(self) -> np.ndarray:
        """Rows by `OFFICES`, shape (3,)."""
        return np.asarray(self.languages.sum(axis=0))

    def add(self, rows: TaggedRows) -> None:
        """Count some rows."""
        tagged = rows.offices != UNTAGGED
        self.rows += len(tagged)
        self.untagged += int((~tagged).sum())
        np.add.at(self.languages, (rows.languages[tagged], rows.offices[tagged]), 1)
        # At four digits: what is 0.3 must not fall below 0.3.
        has_p = tagged & ~np.isnan(rows.p_front)
        tenths = np.round(rows.p_front[has_p] * 10_000).astype(np.int64) // 1_000
        np.add.at(self.p_front, (rows.offices[has_p], np.minimum(tenths, BINS - 1)), 1)
        has_share = tagged & ~np.isnan(rows.shares)
        percent = np.round(rows.shares[has_share]).astype(np.int64)
        np.add.at(self.shares, (rows.offices[has_share], np.minimum(percent // 10, BINS - 1)), 1)
        np.add.at(self.share_sums, rows.offices[has_share], percent)
        self.models.update(rows.models[place] for place in np.flatnonzero(tagged))
        self.reasons.update(
            rows.reasons[place] if rows.reasons[place] in REASONS else DAMAGED
            for place in np.flatnonzero(rows.offices == _REVIEW)
        )
