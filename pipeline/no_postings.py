"""Which texts among postings read like no job posting: invoices, CVs, articles."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from pipeline.calibration import FOLDS
from pipeline.checking.conflicts import confidently_other
from pipeline.features import PostingFeatures
from pipeline.heads import balanced, logistic
from pipeline.posting import Posting
from pipeline.scoring import sigmoid

_C, _SEED = 3.0, 0


def like_no_posting(postings: Sequence[Posting], others: Sequence[Posting]) -> np.ndarray:
    """Return which postings a model takes for other texts that has not seen them: bool, (n,).

    Told from each other by their words alone, out of fold; a posting is one of the others where
    it is as likely one as these are on average: `confidently_other`. Distances to neighbours do not
    tell the two kinds apart (docs/corpus-doctor.md).

    Args:
        postings: cleaned.
        others: cleaned texts that are known to be no postings; with fewer than 5 nothing is told.
    """
    n = len(postings)
    if min(n, len(others)) < FOLDS:
        return np.zeros(n, dtype=bool)
    features = PostingFeatures().fit(postings)
    matrix = sp.vstack([features.transform(postings), features.transform(others)], "csr")
    words = matrix[:, : features.widths["word"]]
    is_posting = np.arange(words.shape[0]) < n
    logits = cross_val_predict(
        logistic(_C, _SEED),
        words,
        is_posting,
        cv=StratifiedKFold(FOLDS, shuffle=True, random_state=_SEED),
        params={"sample_weight": balanced(is_posting, np.ones(len(is_posting)))},
        method="decision_function",
    )
    return confidently_other(sigmoid(logits), is_posting)[:n]
