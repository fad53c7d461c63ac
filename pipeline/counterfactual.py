"""The few lines without which a posting would be answered otherwise.

Lines are taken away one after the other, each time the one that moves the logit furthest. What a
removal does to the lengths that sums are divided by is counted, but two words that become
neighbours by it are not: so what is found is tagged, and only what a tagger says is claimed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from pipeline.explain import word_starts
from pipeline.lines import without
from pipeline.posting import Office, Posting, Reason, Tag
from pipeline.scoring import TF, Scorer, Words, normed

#: Of a longer posting, only so many lines are tried: those whose words push hardest.
_MOST_LINES = 64
#: A posting has no such number of lines. Of a cell that has, every word is held for each of them:
#: gigabytes, and half a minute.
_NO_POSTING = 500
#: What is tagged may be so far, in logits, from what was counted.
_LEEWAY = 0.5


class Without(NamedTuple):
    """What the answer would be without some lines.

    Attributes:
        lines: places of the lines that are taken away, ascending.
        office, p_front: the answer to what remains.
    """

    lines: tuple[int, ...]
    office: Office
    p_front: float


def find_without(
    scorer: Scorer,
    posting: Posting,
    tag: Tag,
    lines: Sequence[tuple[int, int]],
    answer: Callable[[Posting], Tag],
) -> Without | None:
    """Return the smallest set of lines found whose removal gives front for back, or back for front.

    A close call becomes front or back. No line of the set could stay; it holds half of the lines at
    most.

    Args:
        scorer: of the model.
        posting: cleaned.
        tag: its answer.
        lines: where each line of its text begins and ends.
        answer: tags a posting.

    Returns:
        None where there is no such set, the answer is review for another reason, or there are more
        lines than a posting has.
    """
    if len(lines) > _NO_POSTING:
        return None
    if tag.office == "review" and tag.reason != Reason.CLOSE_CALL:
        return None
    enough = np.log((0.5 + scorer.band) / (0.5 - scorer.band)) - _LEEWAY
    removals = _Removals(scorer, posting, lines)
    search = _Search(removals, posting, list(lines), answer, float(enough))
    offices: tuple[Office, ...] = ("front", "back")
    found = [search.towards(office) for office in offices if office != tag.office]
    return min(filter(None, found), key=lambda each: len(each.lines), default=None)


class _Removals:
    """The logit of a posting without lines of it: numbers of `Scorer`, new neighbours left out."""

    def __init__(self, scorer: Scorer, posting: Posting, lines: Sequence[tuple[int, int]]) -> None:
        self._scorer = scorer
        begin = len(posting.title) + 1
        at = np.searchsorted([begin + start for start, _ in lines], word_starts(posting), "right")
        parts = scorer.words(posting)
        self._blocks = []
        for names in (("word", "pair"), ("char",), ("title",)):
            held = [_held(parts[name], at * (name != "title"), len(lines) + 1) for name in names]
            sums = np.concatenate([parts[name].sums[:, :2] for name in names]).astype(float)
            self._blocks.append((np.concatenate(held), sums))

    def logits(self, removed: Sequence[int], more: np.ndarray) -> np.ndarray:
        """Return the logits without the lines removed, and one more of each of these: (n,)."""
        total = np.full(len(more), self._scorer.bias)
        for counts, sums in self._blocks:
            kept = counts.sum(axis=1) - counts[:, [each + 1 for each in removed]].sum(axis=1)
            left = (kept[:, None] - counts[:, more + 1]).astype(np.int64)
            tf = TF[np.minimum(left, len(TF) - 1)]
            total += self._scorer.scale * normed(sums[:, 1] @ tf, sums[:, 0] @ (tf * tf))
        return total


def _held(words: Words, lines: np.ndarray, n: int) -> np.ndarray:
    """Return how often each word stands in each of n lines; in column 0, outside of any."""
    held = np.zeros((len(words.counts), n))
    np.add.at(held, (words.places, lines[: len(words.places)]), 1)
    return held


class _Search(NamedTuple):
    removals: _Removals
    posting: Posting
    lines: list[tuple[int, int]]
    answer: Callable[[Posting], Tag]
    enough: float

    def towards(self, office: Office) -> Without | None:
        """Return lines whose removal gives this answer, None where up to half of them do not."""
        sign = 1 if office == "front" else -1
        left = np.arange(len(self.lines))
        hardest = np.argsort(-sign * self.removals.logits([], left), kind="stable")
        left = left[hardest[:_MOST_LINES]]
        removed: list[int] = []
        while len(removed) < len(self.lines) // 2 and len(left):
            logits = sign * self.removals.logits(removed, left)
            best = int(np.argmax(logits))
            removed.append(int(left[best]))
            left = np.delete(left, best)
            if logits[best] > self.enough and self._tagged(removed).office == office:
                return self._pruned(removed, office)
        return None

    def _pruned(self, removed: list[int], office: Office) -> Without:
        """Return the lines that have to go: each that could stay does."""
        for line in removed[:-1]:
            fewer = [each for each in removed if each != line]
            if self._tagged(fewer).office == office:
                removed = fewer
        tag = self._tagged(removed)
        assert tag.p_front is not None  # it has an office
        return Without(tuple(sorted(removed)), tag.office, tag.p_front)

    def _tagged(self, removed: list[int]) -> Tag:
        text = without(self.posting.text, self.lines, set(removed))
        return self.answer(Posting(self.posting.title, text))
