"""The postings of a table that are worth a look: those in review, then those that nearly were."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from pipeline.encoding import readable
from pipeline.language import CODES
from pipeline.posting import Posting, Reason
from pipeline.report.tagged import OFFICES, UNTAGGED, TaggedRows, TaggedTable

#: So many are shown, out of so many that are held while the table is read.
SHOWN, _HELD = 20, 500
_REVIEW = OFFICES.index("review")


class Candidate(NamedTuple):
    """A row, its tag and its posting.

    Attributes:
        standing: 0 in review with a probability, 1 in review without, 2 decided.
        away: of the probability from 0.5; 0.5 where there is none.
        row: number as a spreadsheet shows it.
        office, language, reason, model: as they stand in the table.
        p_front, share: None where there is none; the share in percent.
        posting: as it stands in the table.
    """

    standing: int
    away: float
    row: int
    office: str
    language: str
    reason: str
    model: str
    p_front: float | None
    share: int | None
    posting: Posting


class Candidates:
    """The most doubtful rows of any number of rows; memory does not grow with these."""

    def __init__(self, table: TaggedTable) -> None:
        self._columns = table.columns
        self._held: list[Candidate] = []

    def add(self, rows: TaggedRows) -> None:
        """Look at some rows. Those without a text are left out."""
        postings = rows.rows.postings(*self._columns)
        texts = readable(postings.column("text"))
        has_p = ~np.isnan(rows.p_front)
        away = np.where(has_p, np.abs(np.nan_to_num(rows.p_front) - 0.5), 0.5)
        standing = np.where(rows.offices != _REVIEW, 2, np.where(has_p, 0, 1))
        wanted = (rows.offices != UNTAGGED) & ((standing == 1) | has_p)
        wanted[list(rows.rows.faults)] = False
        wanted &= np.array([reason != Reason.NO_TEXT for reason in rows.reasons], bool)
        numbers = np.arange(len(wanted)) + rows.first
        order = np.lexsort((numbers, away, standing))
        picked = order[wanted[order]][:_HELD]
        titles = readable(postings.column("title")).take(pa.array(picked)).to_pylist()
        for place, title in zip(picked.tolist(), titles, strict=True):
            text = texts[place].as_py()
            if text and text.strip():
                p_front, share = (float(each[place]) for each in (rows.p_front, rows.shares))
                self._held.append(
                    Candidate(
                        int(standing[place]), float(away[place]), int(numbers[place]),
                        OFFICES[rows.offices[place]], CODES[rows.languages[place]],
                        rows.reasons[place], rows.models[place],
                        None if np.isnan(p_front) else p_front,
                        None if np.isnan(share) else round(share), Posting(title or "", text),
                    )
                )  # fmt: skip
        self._held.sort(key=lambda each: each[:3])
        del self._held[_HELD:]

    def chosen(self) -> list[Candidate]:
        """Return the rows to show, those most worth a look first."""
        return self._held[:SHOWN]
