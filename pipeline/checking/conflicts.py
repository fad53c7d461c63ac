"""Labels that a model contradicts which has not seen them: for a reader, not a verdict."""

from __future__ import annotations

import numpy as np


def confidently_other(p_front: np.ndarray, front: np.ndarray) -> np.ndarray:
    """Return which labels are contradicted with confidence: bool, shape (n,).

    Confident learning (Northcutt, Jiang, Chuang 2021): an example of one label is doubtful where
    its probability of the other label is at least what examples of that other label have on
    average.

    Args:
        p_front: out-of-fold probabilities, shape (n,).
        front: the labels, bool, shape (n,), both of them present.
    """
    as_front, as_back = p_front[front].mean(), (1.0 - p_front[~front]).mean()
    return np.where(front, 1.0 - p_front >= as_back, p_front >= as_front)
