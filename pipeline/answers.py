"""What a model answers to labelled postings, by columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Self

import numpy as np

from pipeline.challenge import LabelledPostings
from pipeline.labelled_table import LabelledRows
from pipeline.posting import Reason
from pipeline.tagger import Tagger


class Answers(NamedTuple):
    """Answers for n labelled postings; arrays of shape (n,).

    Attributes:
        numbers: rows of the table, as a spreadsheet numbers them; int64.
        front: the labels, bool.
        p_front: float64; 0.5 where there is none, as one would have to toss a coin.
        office: front, back or review.
        reason: why review, otherwise "".
        language: as the table says, or as detected where it does not.
        isco: digits of the ISCO-08 group, "" where there is none.
    """

    numbers: np.ndarray
    front: np.ndarray
    p_front: np.ndarray
    office: np.ndarray
    reason: np.ndarray
    language: np.ndarray
    isco: np.ndarray

    @property
    def decided(self) -> np.ndarray:
        """Which are answered with front or back."""
        return np.asarray(self.office != "review")

    @property
    def decidable(self) -> np.ndarray:
        """Which are decided, or would be if the review band were narrower."""
        return np.asarray(self.decided | (self.reason == Reason.CLOSE_CALL))

    @property
    def right(self) -> np.ndarray:
        """Which stand on the side of their label, review or not."""
        return np.asarray((self.p_front >= 0.5) == self.front)

    def at(self, which: np.ndarray) -> Self:
        """Return those that are picked by a bool array."""
        return type(self)(*(column[which] for column in self))


def answers_of(table: LabelledPostings, taggers: Sequence[Tagger]) -> list[Answers]:
    """Return what each tagger answers to the labelled rows of a table, read once.

    Raises:
        InputError: a label is neither front nor back, or no row has one.
    """
    parts: list[list[Answers]] = [[] for _ in taggers]
    for rows in table.batches():
        for tagger, own in zip(taggers, parts, strict=True):
            own.append(_answers(rows, tagger))
    return [Answers(*map(np.concatenate, zip(*own, strict=True))) for own in parts]


def _answers(rows: LabelledRows, tagger: Tagger) -> Answers:
    tags = tagger.tag_batch(rows.postings).to_pydict()
    pairs = zip(rows.languages, tags["language"], strict=True)
    return Answers(
        rows.numbers,
        rows.front,
        np.array([0.5 if p is None else p for p in tags["p_front"]]),
        np.array(tags["office"]),
        np.array(tags["reason"]),
        np.array([said or detected for said, detected in pairs]),
        np.array(rows.isco),
    )
