"""How good: figures of probabilities against labels, over all postings and for each language."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.metrics import roc_auc_score

_BINS = 10


def measure(p_front: np.ndarray, front: np.ndarray, decided: np.ndarray) -> dict[str, Any]:
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
        "calibration_error": round(calibration_error(p_front, front), 4),
        "coverage": round(float(decided.mean()), 4),
        "precision": round(float(right[decided].mean()), 4) if decided.any() else None,
    }


def measure_by(
    language: np.ndarray, p_front: np.ndarray, front: np.ndarray, decided: np.ndarray
) -> dict[str, dict[str, Any]]:
    """Return `measure` of all postings under "all", and of each language under its code."""
    rows = {"all": np.full(len(front), True)}
    rows |= {str(code): language == code for code in np.unique(language)}
    return {name: measure(p_front[at], front[at], decided[at]) for name, at in rows.items()}


def calibration_error(p_front: np.ndarray, front: np.ndarray) -> float:
    """Return the expected calibration error over ten equal bins, 0 to 1.

    Naeini, Cooper, Hauskrecht 2015, "Obtaining well calibrated probabilities using Bayesian
    binning": the mean over bins, weighted by their size, of |mean p_front - share of front|.
    """
    bins = np.minimum((p_front * _BINS).astype(int), _BINS - 1)
    gaps = [
        abs(p_front[bins == b].mean() - front[bins == b].mean()) * (bins == b).mean()
        for b in np.unique(bins)
    ]
    return float(sum(gaps))
