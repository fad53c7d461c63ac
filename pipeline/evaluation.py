"""How good: figures of answers against labels, over all postings and for each language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from scipy.stats import spearmanr
from sklearn.metrics import roc_auc_score

_BINS = 10
#: Postings of more words count as long.
LONG = 500
Figures = dict[str, Any]


def measure(p_front: np.ndarray, front: np.ndarray, decided: np.ndarray) -> Figures:
    """Return figures for postings with known labels.

    Args:
        p_front: probabilities, float64, shape (n,), n > 0.
        front: the labels, bool, shape (n,).
        decided: whether the tagger would answer at all, not with review; bool, shape (n,).

    Returns:
        postings; accuracy at 0.5, review or not; auc (None where there is one label only);
        calibration_error; coverage, the share that is decided; precision, the share of right
        answers among the decided (None where none is).
    """
    right = (p_front >= 0.5) == front
    return {
        "postings": len(front),
        "accuracy": round(float(right.mean()), 4),
        "auc": round(float(roc_auc_score(front, p_front)), 4) if 0 < front.mean() < 1 else None,
        "calibration_error": calibration_error(p_front, front),
        "coverage": round(float(decided.mean()), 4),
        "precision": round(float(right[decided].mean()), 4) if decided.any() else None,
    }


def measure_share(share: np.ndarray, annotated: np.ndarray) -> Figures:
    """Return figures for shares of contact duties, 0 to 100.

    Args:
        share: predicted, float64, shape (n,); NaN where nothing is predicted.
        annotated: by a reader, shape (n,); negative where not known.

    Returns:
        postings, those with both; rank_correlation, Spearman's rho (None where either is the
        same everywhere); mean_error, the mean of |predicted - annotated| (None without postings).
    """
    both = (annotated >= 0) & ~np.isnan(share)
    said, seen = share[both], annotated[both]
    varied = len(set(said)) > 1 and len(set(seen)) > 1
    return {
        "postings": int(both.sum()),
        "rank_correlation": round(float(spearmanr(said, seen).statistic), 4) if varied else None,
        "mean_error": round(float(np.abs(said - seen).mean()), 2) if both.any() else None,
    }


def by_language(
    language: np.ndarray, figures: Callable[..., Figures], *columns: np.ndarray
) -> dict[str, Figures]:
    """Return figures of all postings under "all", and of each language under its code."""
    rows = {"all": np.full(len(language), True)}
    rows |= {str(code): language == code for code in np.unique(language)}
    return {name: figures(*(column[at] for column in columns)) for name, at in rows.items()}


def measure_by(
    language: np.ndarray, p_front: np.ndarray, front: np.ndarray, decided: np.ndarray
) -> dict[str, Figures]:
    """Return `measure` of all postings under "all", and of each language under its code."""
    return by_language(language, measure, p_front, front, decided)


def is_clear(shares: np.ndarray) -> np.ndarray:
    """Return which shares leave no doubt, under 10 or 60 and more: bool, shape (n,)."""
    return ((shares >= 0) & (shares < 10)) | (shares >= 60)


class Bin(NamedTuple):
    """Postings whose probabilities are alike.

    Attributes:
        postings: how many.
        said: their mean p_front.
        seen: the share of them that is front.
    """

    postings: int
    said: float
    seen: float


def reliability(p_front: np.ndarray, front: np.ndarray) -> list[Bin]:
    """Return what was said and what was so in ten equal bins, those that are empty left out."""
    bins = np.minimum((p_front * _BINS).astype(int), _BINS - 1)
    return [
        Bin(int(at.sum()), float(p_front[at].mean()), float(front[at].mean()))
        for at in (bins == b for b in np.unique(bins))
    ]


def calibration_error(p_front: np.ndarray, front: np.ndarray) -> float:
    """Return the expected calibration error over ten equal bins, 0 to 1.

    Naeini, Cooper, Hauskrecht 2015, "Obtaining well calibrated probabilities using Bayesian
    binning": the mean over bins, weighted by their size, of |mean p_front - share of front|.
    """
    bins = reliability(p_front, front)
    return round(sum(b.postings * abs(b.said - b.seen) for b in bins) / len(front), 4)


def chance_error(p_front: np.ndarray, draws: int = 500) -> float:
    """Return the calibration error that probabilities without fault would show, by chance alone.

    The median over labels drawn with these very probabilities: with few postings it is not small.
    """
    rng = np.random.default_rng(0)
    labels = rng.random((draws, len(p_front))) < p_front
    return float(np.median([calibration_error(p_front, drawn) for drawn in labels]))
