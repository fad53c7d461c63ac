"""What out-of-fold logits say: a temperature, a review band, the share that a logit stands for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Self

import numpy as np
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, StratifiedKFold

FOLDS = 5
Folds = list[tuple[np.ndarray, np.ndarray]]
#: Of fewer postings with a known share no map is made.
_SHARES_NEEDED = 30


def folds_of(
    front: np.ndarray, groups: Sequence[str] | None, seed: int, n_folds: int = FOLDS
) -> Folds:
    """Return rows to learn from and rows left out, ``n_folds`` times.

    Or as often as there are postings of the rarer label, where those are fewer.

    Args:
        front: whether each posting is front, bool, shape (n,).
        groups: of each posting, length n; a fold leaves out whole groups, unless one would be left
            with one label only.
        seed: of the folds without groups.
        n_folds: 2 or more.
    """
    rows = np.zeros(len(front))
    if groups is not None and len(set(groups)) >= n_folds:
        parted = list(GroupKFold(n_folds).split(rows, front, groups))
        if all(0 < front[train].mean() < 1 for train, _ in parted):
            return parted
    fewest = int(min(front.sum(), (~front).sum()))
    n_folds = max(2, min(n_folds, fewest))
    folds = StratifiedKFold(n_folds, shuffle=True, random_state=seed)
    return list(folds.split(rows, front))


def temperature(logits: np.ndarray, front: np.ndarray) -> float:
    """Return the factor that makes probabilities of logits: temperature scaling.

    Guo et al. 2017, "On Calibration of Modern Neural Networks". Both labels weigh the same.

    Args:
        logits: out-of-fold, float64, shape (n,).
        front: whether each one is front, bool, shape (n,).
    """
    # In units of their own size, and to the last digits: naive Bayes says 100 where a margin is 1,
    # and a search that is content with little stops the earlier the smaller the logits are.
    unit = float(np.sqrt(np.mean(logits**2))) or 1.0
    scaling = LogisticRegression(
        C=1e6, fit_intercept=False, class_weight="balanced", solver="newton-cholesky", tol=1e-10
    )
    return float(scaling.fit(logits[:, None] / unit, front).coef_[0, 0]) / unit


def review_band(p_front: np.ndarray, front: np.ndarray, precision: float) -> float:
    """Return the narrowest half-width around 0.5 outside which enough answers are right.

    Args:
        p_front: out-of-fold probabilities, shape (n,).
        front: whether each one is front, bool, shape (n,).
        precision: share of right answers wanted among the decided.

    Returns:
        0 to 0.5, on a grid of 0.01; 0.5 (decide nothing) where no band is precise enough.
    """
    right, distance = (p_front >= 0.5) == front, np.abs(p_front - 0.5)
    for band in np.arange(0.0, 0.5, 0.01):
        decided = distance >= band
        if decided.any() and right[decided].mean() >= precision:
            return float(round(band, 2))
    return 0.5


class ShareMap(NamedTuple):
    """The share of contact duties that a logit stands for: straight lines between knots.

    Attributes:
        logits: calibrated logits of front, ascending, float64, shape (k,).
        shares: the share at each, 0 to 100, ascending, float64, shape (k,); k is 0 where too few
            shares were known.
    """

    logits: np.ndarray
    shares: np.ndarray

    @classmethod
    def learn(cls, logits: np.ndarray, shares: np.ndarray) -> Self:
        """Return the rising map of least squares: isotonic regression.

        Args:
            logits: out-of-fold, calibrated, float64, shape (n,).
            shares: annotated, 0 to 100, shape (n,); negative where not known.
        """
        known = shares >= 0
        if known.sum() < _SHARES_NEEDED:
            return cls(np.zeros(0), np.zeros(0))
        fitted = IsotonicRegression().fit(logits[known], shares[known])
        return cls(fitted.X_thresholds_, fitted.y_thresholds_)

    def __call__(self, logits: np.ndarray) -> np.ndarray:
        """Return the shares of logits, 0 to 100, NaN where there is no map: float64, shape (n,)."""
        if not len(self.logits):
            return np.full(len(logits), np.nan)
        return np.interp(logits, self.logits, self.shares)


def shares_unseen(logits: np.ndarray, shares: np.ndarray, folds: Folds) -> np.ndarray:
    """Return the shares of out-of-fold logits, each by a map that has not seen it: shape (n,)."""
    found = np.zeros(len(logits))
    for train, test in folds:
        found[test] = ShareMap.learn(logits[train], shares[train])(logits[test])
    return found
