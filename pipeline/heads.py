"""What the linear heads learn: front against back, and what no office can be named for."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.naive_bayes import MultinomialNB
from sklearn.svm import LinearSVC

from pipeline.calibration import FOLDS
from pipeline.posting import Posting

#: What no office can be named for, and which share of postings may be taken for it: the price of
#: noticing it.
KINDS = {"no_posting": 0.001, "several_roles": 0.0002}
#: A margin asks for less than a likelihood: with this part of C, one C does for both (measured by
#: `benchmarks.estimators`).
SVM_C = 1 / 3


class Aid(NamedTuple):
    """A short labelled document that helps learning: a duty line, a job title.

    Attributes:
        weight: beside a posting's 1.
    """

    posting: Posting
    label: str
    group: str = ""
    weight: float = 1.0


class Plane(NamedTuple):
    """What a linear head has learned; it says front of a row where its logit is above 0.

    Attributes:
        coef: one for each column, float64 or float32.
        intercept: added to the sum.
    """

    coef: np.ndarray
    intercept: float

    @classmethod
    def of(cls, fitted: Any) -> Plane:
        """Return what a linear classifier of two classes has learned, front the second of them."""
        if isinstance(fitted, MultinomialNB):
            # The log of how much likelier front is sums over the n-grams: a linear decision, too.
            (coef,) = np.diff(fitted.feature_log_prob_, axis=0)
            return cls(coef, float(np.diff(fitted.class_log_prior_)[0]))
        return cls(fitted.coef_[0], float(fitted.intercept_[0]))

    def logits(self, texts: sp.csr_matrix) -> np.ndarray:
        """Return the logit of front of each row, not calibrated: float64, shape (n,)."""
        return np.asarray(texts @ self.coef.astype(np.float64) + self.intercept)


class Head(NamedTuple):
    """Learns front against back; see `pipeline.classifier.OfficeClassifier`.

    Attributes:
        estimator: one of `pipeline.parameters.ESTIMATORS`.
        C: inverse strength of regularisation.
        seed: of what goes by chance.
    """

    estimator: str
    C: float
    seed: int

    def learn(self, texts: sp.csr_matrix, is_front: np.ndarray, weight: np.ndarray) -> Plane:
        """Return what examples teach: their features, which are front, what each weighs."""
        weight = balanced(is_front, weight)
        return Plane.of(self._unfitted(len(weight)).fit(texts, is_front, sample_weight=weight))

    def _unfitted(self, n: int) -> Any:
        match self.estimator:
            case "sgd":
                # C is of losses summed, alpha of their mean.
                alpha = 1 / (self.C * n)
                return SGDClassifier(
                    loss="log_loss", alpha=alpha, average=True, random_state=self.seed
                )
            case "svm":
                C = self.C * SVM_C
                return LinearSVC(C=C, dual=True, tol=0.01, random_state=self.seed)
            case "nb":
                # Of two classes, complement naive Bayes would learn the same.
                return MultinomialNB(alpha=1 / self.C)
        return logistic(self.C, self.seed)


def logistic(C: float, seed: int) -> LogisticRegression:
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

    def teach(self, head: Head, rows: np.ndarray, kept: np.ndarray) -> Plane:
        """Return what a head learns from some rows of the postings and some of the aids."""
        return head.learn(*self.examples(rows, kept))

    def examples(
        self, rows: np.ndarray, kept: np.ndarray
    ) -> tuple[sp.csr_matrix, np.ndarray, np.ndarray]:
        """Return what some postings and aids teach: features, whether front, and the weight."""
        part = self.part[rows]
        grey = (part > 0) & (part < 1)
        both = rows[grey]
        is_front = np.concatenate([part > 0, np.zeros(len(both), bool), self.aids_front[kept]])
        weight = np.concatenate(
            [np.where(part > 0, part, 1.0), 1.0 - part[grey], self.aids_weight[kept]]
        )
        texts = sp.vstack([self.postings[rows], self.postings[both], self.aids[kept]], "csr")
        return texts, is_front, weight


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
        weight = balanced(is_posting, np.ones(len(is_posting)))
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


def balanced(labels: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Return the weights scaled so that both labels weigh the same: float64, shape (n,)."""
    of_front, of_back = weight[labels].sum(), weight[~labels].sum()
    half = (of_front + of_back) / 2
    return np.where(labels, weight * half / of_front, weight * half / of_back)
