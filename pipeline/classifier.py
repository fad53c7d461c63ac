"""Front or back, with a probability that means something, and a band where nobody should guess."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Self

import numpy as np
import scipy.sparse as sp
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, StratifiedKFold, cross_val_predict
from sklearn.utils.validation import check_is_fitted

from pipeline.features import PostingFeatures, State
from pipeline.posting import Posting
from pipeline.scoring import sigmoid

FRONT, BACK = "front", "back"
_FOLDS = 5
#: Share of postings that may be taken for another kind of text; the price of noticing those.
_POSTINGS_LOST = 0.001


class Aid(NamedTuple):
    """A short labelled document that helps learning: a duty line, a job title.

    Attributes:
        weight: beside a posting's 1.
    """

    posting: Posting
    label: str
    group: str = ""
    weight: float = 1.0


class OfficeClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Logistic regression over `PostingFeatures`, calibrated on postings it has not seen.

    Two linear heads share the features: front against back, and posting against any other kind
    of text. Calibration is temperature scaling (Guo et al. 2017, "On Calibration of Modern Neural
    Networks") of out-of-fold logits of the postings: one number, which carries over to postings
    from outside the corpus better than Platt's two. With groups, a fold leaves out whole groups: a
    posting is then scored by a model that knows nothing of its occupation, which is nearer to what
    happens to postings from outside.

    Parameters:
        C: inverse strength of regularisation.
        grey: shares of contact, in percent, between which a posting is learned in part as front
            and in part as back: at the lower one as back, at the higher one as front.
        precision: share of right answers wanted among the postings that are decided; sets the
            review band.
        min_df: see `PostingFeatures`.
        seed: of the folds.

    Attributes:
        classes_: ``["back", "front"]``.
        band_: postings with ``|p_front - 0.5| < band_`` go to review.
        out_of_fold_: calibrated out-of-fold p_front of the postings, float64, shape (n,).
        others_found_: share of texts that are no postings which are noticed out of fold; None
            where ``fit`` was given too few.
    """

    def __init__(
        self,
        C: float = 3.0,
        grey: tuple[int, int] = (10, 66),
        precision: float = 0.97,
        min_df: int = 2,
        seed: int = 0,
    ) -> None:
        self.C = C
        self.grey = grey
        self.precision = precision
        self.min_df = min_df
        self.seed = seed

    def fit(
        self,
        X: Sequence[Posting],
        y: Sequence[str],
        aids: Sequence[Aid] = (),
        others: Sequence[Posting] = (),
        groups: Sequence[str] | None = None,
        shares: Sequence[int] | None = None,
    ) -> Self:
        """Learn from postings X with labels y ("front", "back").

        Args:
            X: postings, length n.
            y: labels, length n.
            aids: short documents beside them; they take no part in calibration.
            others: texts that are no postings; without any, every text passes for a posting.
            groups: of each posting, length n, such as its occupation; see the class. Not used
                where leaving out whole groups would leave a fold with one label only.
            shares: of each posting's duties that are contact with customers, 0 to 100, length n;
                -1 where not known. A posting within ``grey`` is learned in part as either.

        Raises:
            ValueError: a label is another one, or there are too few of one to make folds.
        """
        if unknown := set(y) - {FRONT, BACK}:
            raise ValueError(f"labels must be {FRONT!r} or {BACK!r}, not {sorted(unknown)}")
        self.classes_ = np.array([BACK, FRONT])
        front = np.array([label == FRONT for label in y])
        aids_front = np.array([aid.label == FRONT for aid in aids], dtype=bool)
        aids_group = np.array([aid.group for aid in aids], dtype=str)
        aids_weight = np.array([aid.weight for aid in aids], dtype=float)
        self.features_ = PostingFeatures(min_df=self.min_df)
        n, m = len(front), len(aids)
        matrix = self.features_.fit_transform([*X, *(aid.posting for aid in aids), *others])
        postings, helpers, rest = matrix[:n], matrix[n : n + m], matrix[n + m :]

        part = self._front_part(front, shares)
        grey = np.flatnonzero((part > 0) & (part < 1))

        def learn(rows: np.ndarray, kept: np.ndarray) -> LogisticRegression:
            both = np.intersect1d(rows, grey)  # once as front, once more as back
            is_front = np.concatenate([part[rows] > 0, part[both] < 0, aids_front[kept]])
            weight = np.concatenate(
                [
                    np.where(part[rows] > 0, part[rows], 1.0),
                    1.0 - part[both],
                    aids_weight[kept],
                ]
            )
            texts = sp.vstack([postings[rows], postings[both], helpers[kept]], "csr")
            return self._new_head().fit(texts, is_front, _balanced(is_front, weight))

        logits = np.zeros(n)
        for train, test in self._folds(front, groups):
            unseen = {groups[row] for row in test} if groups is not None else set()
            kept = np.flatnonzero(~np.isin(aids_group, list(unseen)))
            logits[test] = learn(train, kept).decision_function(postings[test])
        scaling = LogisticRegression(C=1e6, fit_intercept=False, class_weight="balanced")
        self.scale_ = float(scaling.fit(logits[:, None], front).coef_[0, 0])
        self.out_of_fold_ = sigmoid(self.scale_ * logits)
        self.band_ = review_band(self.out_of_fold_, front, self.precision)

        head = learn(np.arange(n), np.arange(m))
        self.coef_ = head.coef_[0].astype(np.float32)
        self.intercept_ = float(head.intercept_[0])
        self._fit_posting_head(postings, rest)
        return self

    def _front_part(self, front: np.ndarray, shares: Sequence[int] | None) -> np.ndarray:
        """Return how much of each posting is learned as front: 0 to 1, float64, shape (n,)."""
        whole = front.astype(float)
        if shares is None:
            return whole
        low, high = self.grey
        given = np.asarray(shares, dtype=float)
        return np.where(given < 0, whole, np.clip((given - low) / (high - low), 0.0, 1.0))

    def _fit_posting_head(self, postings: sp.csr_matrix, others: sp.csr_matrix) -> None:
        # Words only: without a title a posting must not look like another kind of text.
        words = self.features_.widths.get("word", 0)
        self.posting_coef_ = np.zeros(words, dtype=np.float32)
        self.posting_intercept_ = 1.0
        self.others_found_: float | None = None
        if others.shape[0] < _FOLDS:
            return
        texts = sp.vstack([postings, others], "csr")[:, :words]
        is_posting = np.arange(texts.shape[0]) < postings.shape[0]
        weight = _balanced(is_posting, np.ones(len(is_posting)))
        scores = cross_val_predict(
            self._new_head(),
            texts,
            is_posting,
            cv=StratifiedKFold(_FOLDS, shuffle=True, random_state=self.seed),
            params={"sample_weight": weight},
            method="decision_function",
        )
        head = self._new_head().fit(texts, is_posting, weight)
        threshold = np.quantile(scores[is_posting], _POSTINGS_LOST)
        self.posting_coef_ = head.coef_[0].astype(np.float32)
        self.posting_intercept_ = float(head.intercept_[0] - threshold)
        self.others_found_ = float((scores[~is_posting] < threshold).mean())

    def _new_head(self) -> LogisticRegression:
        # Dual coordinate descent (Yu, Huang, Lin 2011): the primal's answer in a fifth of its time.
        return LogisticRegression(
            C=self.C, solver="liblinear", dual=True, tol=0.01, random_state=self.seed
        )

    def _folds(
        self, front: np.ndarray, groups: Sequence[str] | None
    ) -> list[tuple[np.ndarray, np.ndarray]]:
        rows = np.zeros(len(front))
        if groups is not None and len(set(groups)) >= _FOLDS:
            parted = list(GroupKFold(_FOLDS).split(rows, front, groups))
            if all(0 < front[train].mean() < 1 for train, _ in parted):
                return parted
        folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=self.seed)
        return list(folds.split(rows, front))

    @property
    def bias(self) -> float:
        """The calibrated logit of front of a posting that holds no known n-gram."""
        return self.scale_ * self.intercept_

    def logits(self, matrix: sp.csr_matrix) -> np.ndarray:
        """Return the calibrated logit of front for rows of `PostingFeatures`: float64, (n,)."""
        return self.scale_ * (matrix @ self.coef_).astype(np.float64) + self.bias

    def probabilities(self, matrix: sp.csr_matrix) -> np.ndarray:
        """Return p_front for rows of `PostingFeatures`: float64, shape (n,)."""
        return sigmoid(self.logits(matrix))

    def decision_function(self, X: Sequence[Posting]) -> np.ndarray:
        """Return the calibrated logit of front: float64, shape (n,)."""
        check_is_fitted(self)
        return self.logits(self.features_.transform(X))

    def predict_proba(self, X: Sequence[Posting]) -> np.ndarray:
        """Return the probabilities of back and front: float64, shape (n, 2)."""
        check_is_fitted(self)
        front = self.probabilities(self.features_.transform(X))
        return np.column_stack([1.0 - front, front])

    def predict(self, X: Sequence[Posting]) -> np.ndarray:
        """Return "front" or "back" for each posting, whatever the band says: shape (n,)."""
        return self.classes_[(self.predict_proba(X)[:, 1] >= 0.5).astype(int)]

    def is_posting(self, matrix: sp.csr_matrix) -> np.ndarray:
        """Return whether rows of `PostingFeatures` read like postings at all: bool, shape (n,)."""
        words = matrix[:, : len(self.posting_coef_)]
        return np.asarray(words @ self.posting_coef_ + self.posting_intercept_ > 0)

    def get_state(self) -> State:
        """Return parameters and everything learned as numbers, strings and arrays."""
        check_is_fitted(self)
        return {
            "parameters": self.get_params(),
            "ngrams": {k: v for k, v in self.features_.get_params().items() if k != "min_df"},
            "features": self.features_.get_state(),
            "coef": self.coef_,
            "intercept": self.intercept_,
            "scale": self.scale_,
            "band": self.band_,
            "posting_coef": self.posting_coef_,
            "posting_intercept": self.posting_intercept_,
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> OfficeClassifier:
        """Return the classifier that `get_state` described."""
        model = cls(**state["parameters"])
        model.classes_ = np.array([BACK, FRONT])
        model.features_ = PostingFeatures(**state["ngrams"]).set_state(state["features"])
        model.coef_, model.intercept_ = state["coef"], state["intercept"]
        model.scale_, model.band_ = state["scale"], state["band"]
        model.posting_coef_ = state["posting_coef"]
        model.posting_intercept_ = state["posting_intercept"]
        return model


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


def _balanced(labels: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Return the weights scaled so that both labels weigh the same: float64, shape (n,)."""
    of_front, of_back = weight[labels].sum(), weight[~labels].sum()
    half = (of_front + of_back) / 2
    return np.where(labels, weight * half / of_front, weight * half / of_back)
