"""What the linear heads learn: front against back, and what no office can be named for."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from pipeline.calibration import FOLDS
from pipeline.posting import Posting

#: What no office can be named for, and which share of postings may be taken for it: the price of
#: noticing it.
KINDS = {"no_posting": 0.001, "several_roles": 0.0002}


class Aid(NamedTuple):
    """A short labelled document that helps learning: a duty line, a job title.

    Attributes:
        weight: beside a posting's 1.
    """

    posting: Posting
    label: str
    group: str = ""
    weight: float = 1.0


def linear_head(C: float, seed: int) -> LogisticRegression:
    """Return a logistic regression for sparse features, not fitted yet."""
    # Dual coordinate descent (Yu, Huang, Lin 2011): the primal's answer in a fifth of its time.
    return LogisticRegression(C=C, solver="liblinear", dual=True, tol=0.01, random_state=seed)


class Lessons(NamedTuple):
    """What front and back are learned from.

    Attributes:
        postings: their features, n rows.
        part: how much of each posting is learned as front, 0 to 1, float64, shape (n,); what lies
            between counts once as front and once more as back.
        aids: features of the short documents, m rows.
        aids_front: their labels, bool, shape (m,).
        aids_weight: float64, shape (m,).
    """

    postings: sp.csr_matrix
    part: np.ndarray
    aids: sp.csr_matrix
    aids_front: np.ndarray
    aids_weight: np.ndarray

    def teach(
        self, head: LogisticRegression, rows: np.ndarray, kept: np.ndarray
    ) -> LogisticRegression:
        """Return a copy of the head fitted to some rows of the postings and some of the aids."""
        part = self.part[rows]
        grey = (part > 0) & (part < 1)
        both = rows[grey]
        is_front = np.concatenate([part > 0, np.zeros(len(both), bool), self.aids_front[kept]])
        weight = np.concatenate(
            [np.where(part > 0, part, 1.0), 1.0 - part[grey], self.aids_weight[kept]]
        )
        texts = sp.vstack([self.postings[rows], self.postings[both], self.aids[kept]], "csr")
        return clone(head).fit(texts, is_front, _balanced(is_front, weight))


class Sieve(NamedTuple):
    """Tells postings for one role from texts of another kind.

    Attributes:
        coef: float32, one for each column that it looks at.
        intercept: a row is such a posting where its sum is above 0.
        found: share of the other texts that are noticed out of fold; None where there were too
            few to learn from: then every text passes.
    """

    coef: np.ndarray
    intercept: float = 1.0
    found: float | None = None

    @classmethod
    def learn(
        cls,
        head: LogisticRegression,
        postings: sp.csr_matrix,
        others: sp.csr_matrix,
        lost: float,
        seed: int,
    ) -> Sieve:
        """Return what tells these postings from these others, and loses this share of them."""
        if others.shape[0] < FOLDS:
            return cls(np.zeros(postings.shape[1], dtype=np.float32))
        texts = sp.vstack([postings, others], "csr")
        is_posting = np.arange(texts.shape[0]) < postings.shape[0]
        weight = _balanced(is_posting, np.ones(len(is_posting)))
        scores = cross_val_predict(
            head,
            texts,
            is_posting,
            cv=StratifiedKFold(FOLDS, shuffle=True, random_state=seed),
            params={"sample_weight": weight},
            method="decision_function",
        )
        fitted = clone(head).fit(texts, is_posting, weight)
        threshold = np.quantile(scores[is_posting], lost)
        return cls(
            fitted.coef_[0].astype(np.float32),
            float(fitted.intercept_[0] - threshold),
            float((scores[~is_posting] < threshold).mean()),
        )


def _balanced(labels: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Return the weights scaled so that both labels weigh the same: float64, shape (n,)."""
    of_front, of_back = weight[labels].sum(), weight[~labels].sum()
    half = (of_front + of_back) / 2
    return np.where(labels, weight * half / of_front, weight * half / of_back)
