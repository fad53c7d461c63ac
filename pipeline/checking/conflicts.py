"""Labels that a model contradicts which has not seen them: a list for a reader, not a verdict."""

from __future__ import annotations

import numpy as np

from pipeline.checking.finding import Finding
from pipeline.classifier import FRONT
from pipeline.fitting import Say, fit_corpus
from pipeline.labelled import Corpus


def find_conflicts(corpus: Corpus, say: Say = lambda message: None) -> list[Finding]:
    """Return the plain postings whose label is doubtful, the most doubtful first.

    Raises:
        CorpusError: the corpus is too small to train on.
    """
    classifier, postings = fit_corpus(corpus, say=say)
    front = np.array([each.label == FRONT for each in postings])
    p_label = np.where(front, classifier.out_of_fold_, 1.0 - classifier.out_of_fold_)
    doubtful = confidently_other(classifier.out_of_fold_, front)
    return [
        Finding(
            postings[row].where,
            f"labelled {postings[row].label}, probability {p_label[row]:.2f} by a model that has"
            f" not seen it: {postings[row].posting.title}",
        )
        for row in np.flatnonzero(doubtful)[np.argsort(p_label[doubtful])]
    ]


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
