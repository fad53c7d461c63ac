"""How far two counts over the same bins are apart, and how far chance alone brings them.

The population stability index of shares a and b is the sum of (a - b) ln(a / b) over the bins: the
symmetric divergence of Kullback and Leibler (1951; Siddiqi, Credit Risk Scorecards, 2006). Below
0.1 is customarily no change, from 0.25 on a large one. Without any change it is still about
(bins - 1) (1/n + 1/m) for n and m postings (Yurdakul and Naranjo, Journal of Risk Model
Validation 14, 2020), which for 50 postings in ten bins is 0.2: so what chance gives is drawn.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

import numpy as np

Verdict = Literal["like", "somewhat other", "other", "too few rows to tell"]
LIKE: Final = "like"
SOMEWHAT: Final = "somewhat other"
OTHER: Final = "other"
TOO_FEW: Final = "too few rows to tell"

#: From here on it is somewhat other, and other.
LIMITS: Final = (0.1, 0.25)
#: Of draws without any change, so many stay below `Change.chance`. Four aspects are looked at: with
#: 99 % for each, 96 % of batches that have not changed stay below in all of them.
_BELOW = 0.99
_DRAWS = 2_000


class Change(NamedTuple):
    """How a batch differs from a reference in one aspect.

    Attributes:
        psi: population stability index; 0 where they are the same.
        chance: what it stays below in 99 of 100 batches of this size that have not changed.
        verdict: `LIKE`, `SOMEWHAT`, `OTHER` or `TOO_FEW`.
    """

    psi: float
    chance: float
    verdict: Verdict


def psi(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the population stability index of counts.

    An empty bin would make it infinite. So half a posting of the smaller side is added to each
    bin, and the same share to the larger side's: what both lack then adds nothing.

    Args:
        first, second: counts, shape (..., bins); at least one of each.

    Returns:
        float64, shape (...).
    """
    n, m = first.sum(axis=-1, keepdims=True), second.sum(axis=-1, keepdims=True)
    half = 0.5 / np.minimum(n, m)
    a, b = (counts / total + half for counts, total in ((first, n), (second, m)))
    a, b = (shares / shares.sum(axis=-1, keepdims=True) for shares in (a, b))
    return np.asarray(((a - b) * np.log(a / b)).sum(axis=-1))


def chance(first: np.ndarray, second: np.ndarray) -> float:
    """Return what `psi` stays below in 99 of 100 draws if both come from the same postings.

    Simulated, as the chi-square approximation does not hold for bins of few postings.
    """
    numbers = np.random.default_rng(0)
    both = (first + second) / (first + second).sum()
    draws = (numbers.multinomial(int(counts.sum()), both, _DRAWS) for counts in (first, second))
    return float(np.quantile(psi(*draws), _BELOW))


def change(reference: np.ndarray, batch: np.ndarray) -> Change:
    """Return how a batch differs from a reference.

    It is called other only where the index is above the limit and above what chance gives; like,
    only where there are so many rows that chance alone would hardly reach the upper limit.

    Args:
        reference, batch: counts by bin, int64, shape (bins,).
    """
    if not (reference.sum() and batch.sum()):
        return Change(float("nan"), float("nan"), TOO_FEW)
    found, by_chance = float(psi(reference, batch)), chance(reference, batch)
    somewhat, other = LIMITS
    if found >= somewhat and found > by_chance:
        return Change(found, by_chance, OTHER if found >= other else SOMEWHAT)
    is_like = found < somewhat and by_chance <= other
    return Change(found, by_chance, LIKE if is_like else TOO_FEW)


def worst(verdicts: list[Verdict]) -> Verdict:
    """Return the verdict on all aspects together."""
    by_weight: tuple[Verdict, ...] = (OTHER, SOMEWHAT, TOO_FEW, LIKE)
    return min(verdicts, key=by_weight.index)
