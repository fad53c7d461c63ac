"""Figures of weighted postings, for many sets of weights at once: a bootstrap without a loop.

With all weights 1 they are the figures themselves; a draw with replacement is a set of weights
that says how often each posting was drawn.
"""

from __future__ import annotations

import numpy as np

from pipeline.answers import Answers

_BINS = 10
_SEED = 0
Values = dict[str, np.ndarray]


class Weighted:
    """Answers, prepared for figures of any weights.

    Args:
        answers: of n postings, n > 0.
        precision: share of right answers that ``coverage_at`` asks for.
    """

    def __init__(self, answers: Answers, precision: float) -> None:
        self._front, self._precision = answers.front, precision
        said, right, decided = answers.p_front >= 0.5, answers.right, answers.decided
        bins = np.minimum((answers.p_front * _BINS).astype(int), _BINS - 1)
        in_bin = bins[:, None] == np.arange(_BINS)
        gaps = in_bin * (answers.p_front - answers.front)[:, None]
        counted = [right, decided, right & decided, answers.front, said, said & answers.front]
        self._columns = np.column_stack([*counted, gaps]).astype(float)
        self._by_p = np.argsort(answers.p_front, kind="stable")
        self._ties = np.unique(answers.p_front[self._by_p], return_index=True)[1]
        # 0.7 and 0.3 are equally sure, whatever their last bits say.
        sureness = np.where(answers.decidable, np.round(np.abs(answers.p_front - 0.5), 9), -np.inf)
        self._surest = np.argsort(-sureness, kind="stable")[: answers.decidable.sum()]
        in_order = sureness[self._surest]
        self._ends = np.flatnonzero(np.append(in_order[1:] != in_order[:-1], True)[: len(in_order)])
        self._right = right[self._surest].astype(float)
        half = first_half(len(right))
        self._halves = [half, ~half]

    def figures(self, weights: np.ndarray) -> Values:
        """Return each figure for each set of weights.

        Args:
            weights: not negative, shape (sets, n).

        Returns:
            Those of `measures`, and coverage_at (share that a band would decide that was chosen
            for the stated share of right answers), precision_at (right among these): float64,
            shape (sets,), NaN where there is nothing to say. The band of these two is chosen on
            one half of the postings and applied to the other, and the other way round: chosen on
            the very postings that it is measured on, it would flatter.
        """
        could, could_right = self._could_decide(weights)
        return self.measures(weights) | {
            "coverage_at": _ratio(could, weights.sum(axis=1)),
            "precision_at": _ratio(could_right, could),
        }

    def measures(self, weights: np.ndarray) -> Values:
        """Return the figures that ask for no precision, in half the time.

        Args:
            weights: not negative, shape (sets, n).

        Returns:
            accuracy at 0.5, f1 of front, auc, calibration_error (ten equal bins), coverage,
            precision (right among the decided): float64, shape (sets,), NaN where there is
            nothing to say.
        """
        right, decided, both, front, said, hits, *gaps = (weights @ self._columns).T
        total = weights.sum(axis=1)
        return {
            "accuracy": _ratio(right, total),
            "f1": _ratio(2 * hits, front + said),
            "auc": self._auc(weights),
            "calibration_error": _ratio(np.abs(gaps).sum(axis=0), total),
            "coverage": _ratio(decided, total),
            "precision": _ratio(both, decided),
        }

    def labels(self, weights: np.ndarray) -> Values:
        """Return recall, precision and F1 of both labels at 0.5, review or not; see `figures`."""
        right, _, _, front, said, hits, *_ = (weights @ self._columns).T
        total = weights.sum(axis=1)
        sides = {
            "front": (hits, front, said),
            "back": (right - hits, total - front, total - said),
        }
        found: Values = {}
        for name, (hit, labelled, answered) in sides.items():
            found[f"{name} recall"] = _ratio(hit, labelled)
            found[f"{name} precision"] = _ratio(hit, answered)
            found[f"{name} f1"] = _ratio(2 * hit, labelled + answered)
        return found

    def curve(self, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return share decided and share right of it if only the surest were, from few to many.

        Args:
            weights: shape (sets, n).

        Returns:
            Both of shape (sets, thresholds); the second NaN where nothing is decided.
        """
        kept, right = self._up_to(weights, np.full(len(self._surest), True))
        return _ratio(kept[:, 1:], weights.sum(axis=1)[:, None]), _ratio(right[:, 1:], kept[:, 1:])

    def _could_decide(self, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return weights of what is decided by bands chosen on other postings, and right of it.

        Both NaN where one half has no weight, so that there is nothing to choose a band on.
        """
        halves = [self._up_to(weights, half[self._surest]) for half in self._halves]
        decided, right = np.zeros((2, len(weights)))
        for (kept, hits), others in zip(halves, halves[::-1], strict=True):
            enough = hits >= (self._precision - 1e-12) * kept
            widest = np.where(enough, kept, 0).argmax(axis=1)[:, None]
            here = [np.take_along_axis(sums, widest, axis=1)[:, 0] for sums in others]
            decided, right = decided + here[0], right + here[1]
        lone = np.any([weights @ half == 0 for half in self._halves], axis=0)
        return np.where(lone, np.nan, decided), np.where(lone, np.nan, right)

    def _up_to(self, weights: np.ndarray, which: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the weight of all that are at least so sure, and of the right ones of these.

        Args:
            weights: shape (sets, n).
            which: of the surest are counted, bool.

        Returns:
            Both of shape (sets, 1 + thresholds): first the band that decides nothing.
        """
        ends = np.append(0, np.cumsum(which)[self._ends])
        taken = weights[:, self._surest[which]]
        sums = np.zeros((2, len(weights), taken.shape[1] + 1))
        np.cumsum(taken, axis=1, out=sums[0, :, 1:])
        np.cumsum(taken * self._right[which], axis=1, out=sums[1, :, 1:])
        return sums[0][:, ends], sums[1][:, ends]

    def _auc(self, weights: np.ndarray) -> np.ndarray:
        """Return the share of pairs of a front and a back posting in the right order, ties half."""
        taken = weights[:, self._by_p]
        labels = self._front[self._by_p].astype(float)
        front = np.add.reduceat(taken * labels, self._ties, axis=1)
        back = np.add.reduceat(taken * (1 - labels), self._ties, axis=1)
        below = np.cumsum(back, axis=1) - back / 2
        return _ratio((front * below).sum(axis=1), front.sum(axis=1) * back.sum(axis=1))


def first_half(n: int) -> np.ndarray:
    """Return which of n postings are in the first half, by chance but the same in every run."""
    return np.asarray(np.random.default_rng(_SEED).permutation(n) % 2 == 0)


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Return part / whole, NaN where whole is 0."""
    part, whole = np.broadcast_arrays(part, whole)
    return np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole > 0)
