"""The postings of a table that are worth a look, in the order in which they would be reviewed."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from pipeline.decision import OFFICES
from pipeline.encoding import readable
from pipeline.language import CODES
from pipeline.posting import Posting, Reason, Tag
from pipeline.report.tagged import UNTAGGED, TaggedRows, TaggedTable
from pipeline.review.queue import STANDING, review_order

#: So many are shown, out of so many that are held while the table is read: the most doubtful.
SHOWN, _HELD = 20, 500
_REVIEW = OFFICES.index("review")


class Candidate(NamedTuple):
    """A row with its tag and its posting, as they stand in the table.

    Attributes:
        standing: see `pipeline.review.queue.STANDING`.
        away: how far its probability is from 0.5; 0.5 where there is none.
        row: number as a spreadsheet shows it.
        tag: its ``language_confidence`` and ``mixed`` are not in the table: 0 and False.
    """

    standing: int
    away: float
    row: int
    tag: Tag
    posting: Posting


class Candidates:
    """The most doubtful rows of any number of rows; memory does not grow with these."""

    def __init__(self, table: TaggedTable) -> None:
        self._columns = table.columns
        self._held: list[Candidate] = []
        self._band = 0.0

    def add(self, rows: TaggedRows) -> None:
        """Look at some rows; those without a tag or a text are left out."""
        reasons = [
            reason if office == _REVIEW else ""
            for reason, office in zip(rows.reasons, rows.offices.tolist(), strict=True)
        ]
        away = np.abs(np.where(np.isnan(rows.p_front), 0, rows.p_front) - 0.5)
        standing = np.array([STANDING.get(reason, -1) for reason in reasons])
        close = np.array([reason == Reason.CLOSE_CALL for reason in reasons], bool)
        self._band = max(self._band, float(away[close].max(initial=0)))
        numbers = np.arange(len(reasons)) + rows.first
        order = np.lexsort((numbers, away, standing))
        wanted = (rows.offices != UNTAGGED) & (standing >= 0)
        postings = rows.rows.postings(*self._columns).take(
            pa.array(order[wanted[order]][:_HELD], pa.int64())
        )
        picked = zip(
            order[wanted[order]][:_HELD].tolist(),
            readable(postings.column("title")).to_pylist(),
            readable(postings.column("text")).to_pylist(),
            strict=True,
        )
        self._held += [
            Candidate(
                int(standing[place]), float(away[place]), int(numbers[place]),
                _tag(rows, place, reasons[place]), Posting(title or "", text),
            )
            for place, title, text in picked
            if text and text.strip()
        ]  # fmt: skip
        self._held.sort(key=lambda each: each[:3])
        del self._held[_HELD:]

    def chosen(self) -> list[Candidate]:
        """Return the rows to show, those most worth a look first."""
        order = review_order(
            [each.tag for each in self._held],
            self._band,
            lambda places: [self._held[place].posting for place in places],
        )
        return [self._held[place] for place in order[:SHOWN].tolist()]


def _tag(rows: TaggedRows, place: int, reason: str) -> Tag:
    p_front, share = float(rows.p_front[place]), float(rows.shares[place])
    return Tag(
        OFFICES[rows.offices[place]],
        None if np.isnan(p_front) else p_front,
        None if np.isnan(share) else round(share),
        CODES[rows.languages[place]],
        0.0,
        False,
        reason,
        rows.models[place],
    )
