"""How far reviewers are of one mind: Cohen's kappa."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations
from typing import NamedTuple

import numpy as np

from pipeline.intervals import Estimate, estimate
from pipeline.review.decisions import UNSURE, Decision, holding

_JUDGEMENTS = (
    (0.8, "perfect"),
    (0.6, "substantial"),
    (0.4, "moderate"),
    (0.2, "fair"),
    (0.0, "slight"),
    (-np.inf, "poor"),
)
_NOTHING = Estimate(None, None, None)


class PairAgreement(NamedTuple):
    """Two reviewers, over the postings that both have decided front or back.

    Attributes:
        reviewers: their names, in order.
        both: how many postings.
        same: the share of them on which they say the same, 0 to 1; None where there are none.
        kappa: the same beyond chance, 1 at most, with its 95 % interval; None where it is not
            defined, as both have called everything front, or back.
        unsure: postings that both have seen and one at least was unsure of.
    """

    reviewers: tuple[str, str]
    both: int
    same: float | None
    kappa: Estimate
    unsure: int


class Agreement(NamedTuple):
    """All pairs of reviewers.

    Attributes:
        pairs: each pair once, by name.
        kappa: the mean of the pairs' kappas that are defined (Light 1971, "Measures of response
            agreement for qualitative data"), None where none is. Unlike that of Fleiss it does
            not ask that all have decided on the same postings.
    """

    pairs: list[PairAgreement]
    kappa: float | None


def agreement_of(decisions: Iterable[Decision]) -> Agreement:
    """Return the agreement of all reviewers, by the decisions of theirs that hold."""
    held = holding(decisions)
    names = sorted({name for each in held.values() for name in each})
    pairs = []
    for one, other in combinations(names, 2):
        seen = [
            (each[one].decision, each[other].decision)
            for each in held.values()
            if one in each and other in each
        ]
        sure = [both for both in seen if UNSURE not in both]
        front = np.array([[said == "front" for said in both] for both in sure]).reshape(-1, 2)
        pairs.append(
            PairAgreement(
                (one, other),
                len(sure),
                float((front[:, 0] == front[:, 1]).mean()) if sure else None,
                kappa(front[:, 0], front[:, 1]),
                len(seen) - len(sure),
            )
        )
    values = [each.kappa.value for each in pairs if each.kappa.value is not None]
    return Agreement(pairs, float(np.mean(values)) if values else None)


def judgement(kappa: float | None) -> str:
    """Return how much agreement a kappa is said to be, as a word; "" where it is not defined.

    By Landis and Koch 1977, "The measurement of observer agreement for categorical data".
    """
    if kappa is None:
        return ""
    return next(word for least, word in _JUDGEMENTS if kappa >= least)


def kappa(one: np.ndarray, other: np.ndarray) -> Estimate:
    """Return Cohen's kappa of two reviewers with its 95 % interval by the bootstrap.

    kappa = (p - e) / (1 - e): p is the share on which they agree, e the one to be expected where
    each calls as many front as they do, by chance. Cohen 1960, "A coefficient of agreement for
    nominal scales". The interval: see `pipeline.intervals`.

    Args:
        one, other: what each says, True for front: bool, shape (n,).
    """
    if not len(one):
        return _NOTHING

    def figures(weights: np.ndarray) -> dict[str, np.ndarray]:
        n = weights.sum(axis=1)
        agreed, first, second = (weights @ each / n for each in (one == other, one, other))
        expected = first * second + (1 - first) * (1 - second)
        beyond = np.where(expected < 1, 1 - expected, np.nan)
        return {"kappa": (agreed - expected) / beyond}

    return estimate(figures, len(one))["kappa"]
