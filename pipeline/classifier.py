"""Front or back, with a probability that means something, and a band where nobody should guess."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Self

import numpy as np
import scipy.sparse as sp
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import Tags
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, column_or_1d

from pipeline.calibration import (
    FOLDS,
    Folds,
    ShareMap,
    folds_of,
    review_band,
    shares_unseen,
    temperature,
)
from pipeline.features import PostingFeatures, State
from pipeline.heads import KINDS, Aid, Head, Lessons, Plane, Sieve, logistic
from pipeline.material import Material
from pipeline.parameters import check_parameters, plain
from pipeline.posting import Posting
from pipeline.scoring import sigmoid

FRONT, BACK = "front", "back"


class OfficeClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A linear classifier over `PostingFeatures`, calibrated on postings it has not seen.

    Linear heads share the features: front against back, and a sieve for each kind of text that
    no office can be named for (`pipeline.heads.KINDS`). Calibration is temperature scaling of
    out-of-fold logits of the postings: one number for all languages; Platt's two, or one a
    language, gain nothing on postings from outside the corpus (docs/accuracy.md). With groups,
    a fold leaves out whole groups: a posting is then scored by a model that knows nothing of
    its occupation, which is nearer to what happens to postings from outside.

    The share of duties in contact with customers is read off the same logit, so the same words
    explain both.

    Wherever X is asked for, `pipeline.inputs.postings_of` says what it may be.

    Parameters:
        C: inverse strength of regularisation: the weight of the losses beside half the squared
            length of the coefficients, a third of it for "svm"; for "nb" its inverse is what is
            added to what each n-gram weighs in either label (Lidstone smoothing).
        grey: shares of contact, in percent, between which a posting is learned in part as front
            and in part as back: at the lower one as back, at the higher one as front.
        precision: share of right answers wanted among the postings that are decided; sets the
            review band. Ask for a point more than you want: an employer has fewer occupations
            than the corpus, and 0.98 here is 0.97 on real postings (docs/accuracy.md).
        min_df: see `PostingFeatures`.
        seed: of the folds, and of the estimators that draw by chance.
        estimator: what learns front against back: "logistic" regression, the same by averaged
            stochastic gradient descent ("sgd"), a linear support vector machine with squared hinge
            loss ("svm"), or multinomial naive Bayes ("nb"); docs/estimators.md compares them.
            Sieves are logistic regressions always.
        cv: folds of the calibration; fewer where there are fewer postings of a label.

    Attributes:
        classes_: ``["back", "front"]``.
        band_: postings with ``|p_front - 0.5| < band_`` go to review.
        share_map_: from logits to shares; without knots where ``fit`` was given too few shares.
        out_of_fold_: calibrated out-of-fold p_front of the postings, float64, shape (n,).
        out_of_fold_share_: out-of-fold shares, 0 to 100, float64, shape (n,); NaN without a map.
        sieves_: of each of `pipeline.heads.KINDS`; see `pipeline.heads.Sieve`.
    """

    def __init__(
        self,
        C: float = 3.0,
        grey: tuple[int, int] = (10, 66),
        precision: float = 0.98,
        min_df: int = 2,
        seed: int = 0,
        estimator: str = "logistic",
        cv: int = FOLDS,
    ) -> None:
        self.C = C
        self.grey = grey
        self.precision = precision
        self.min_df = min_df
        self.seed = seed
        self.estimator = estimator
        self.cv = cv

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array, tags.input_tags.string = False, True
        tags.classifier_tags.multi_class = False
        return tags

    def fit(
        self,
        X: Any,
        y: Sequence[str],
        aids: Sequence[Aid] = (),
        others: Mapping[str, Sequence[Posting]] = MappingProxyType({}),
        groups: Sequence[str] | None = None,
        shares: Sequence[int] | None = None,
        advance: Callable[[int], None] = lambda steps: None,
    ) -> Self:
        """Learn from postings X with labels y ("front", "back").

        Args:
            X: postings, length n.
            y: labels, length n.
            aids: short documents beside them; they take no part in calibration.
            others: texts by kind: ``no_posting``, ``several_roles``, and ``one_role`` for ads that
                could be mistaken for those of several; without any, every text passes.
            groups: of each posting, length n, such as its occupation; see the class. Not used
                where leaving out whole groups would leave a fold with one label only.
            shares: of each posting's duties that are contact with customers, 0 to 100, length n;
                -1 where not known. A posting within ``grey`` is learned in part as either.
            advance: told of each of ``steps`` that is done.

        Raises:
            ValueError: a parameter or a label is none there is, or there are too few of a label to
                make folds.
        """
        check_parameters(self.get_params())
        self.classes_ = np.array([BACK, FRONT])
        self.features_ = PostingFeatures(min_df=self.min_df)
        material = Material.of(self.features_, X, _front_of(y), aids, others, groups, shares)
        advance(1)
        self.answer_unseen(material, advance)
        everything = np.arange(len(material.front)), np.arange(len(material.aids_front))
        self.take(self._lessons(material).teach(self._head, *everything))
        advance(1)
        self.sift(material.postings, material.others)
        advance(1)
        return self

    def answer_unseen(
        self, material: Material, advance: Callable[[int], None] = lambda steps: None
    ) -> Self:
        """Answer each posting by a head that has not seen it, and calibrate on these answers.

        Args:
            material: made with features of this ``min_df``.
            advance: told of each fold that is done; what else is wrong is raised as by ``fit``.
        """
        check_parameters(self.get_params())
        lessons, front = self._lessons(material), material.front
        logits = np.zeros(len(front))
        folds = folds_of(front, material.groups, self.seed, self.cv)
        for train, test in folds:
            learned = lessons.teach(self._head, train, material.aids_without(test))
            logits[test] = learned.logits(material.postings[test])
            advance(1)
        self.calibrate(logits, front, material.shares, folds)
        return self

    @property
    def _head(self) -> Head:
        return Head(self.estimator, self.C, self.seed)

    def _lessons(self, material: Material) -> Lessons:
        return material.lessons(self.front_part(material.front, material.shares))

    @property
    def steps(self) -> int:
        """How many steps ``fit`` takes: features, folds, the whole, sieves."""
        return self.cv + 3

    def take(self, learned: Plane) -> None:
        """Take what a linear head has learned as weights of front against back."""
        self.coef_ = learned.coef.astype(np.float32)
        self.intercept_ = learned.intercept

    def calibrate(
        self, logits: np.ndarray, front: np.ndarray, shares: np.ndarray, folds: Folds
    ) -> None:
        """Learn temperature, band and map of shares from postings not learned from.

        Args:
            logits: by a head that has not seen them, float64, shape (n,).
            front: whether each posting is front, bool, shape (n,).
            shares: 0 to 100, shape (n,); negative where not known.
            folds: of these postings, for shares by a map that has not seen them.
        """
        self.scale_ = temperature(logits, front)
        calibrated = logits * self.scale_
        self.out_of_fold_ = sigmoid(calibrated)
        self.band_ = review_band(self.out_of_fold_, front, self.precision)
        self.share_map_ = ShareMap.learn(calibrated, shares)
        self.out_of_fold_share_ = shares_unseen(calibrated, shares, folds)

    def sift(self, postings: sp.csr_matrix, others: Mapping[str, sp.csr_matrix]) -> None:
        """Learn the sieves.

        Args:
            postings: their features.
            others: features of the other texts by kind: see ``fit``.
        """
        # Words only: without a title a posting must not look like another kind of text.
        width = self.features_.widths.get("word", 0)
        own = sp.vstack([postings[:, :width], others["one_role"][:, :width]], "csr")
        self.sieves_ = {
            kind: Sieve.learn(
                logistic(self.C, self.seed), own, others[kind][:, :width], lost, self.seed
            )
            for kind, lost in KINDS.items()
        }

    def front_part(self, front: np.ndarray, shares: np.ndarray) -> np.ndarray:
        """Return how much of each posting is learned as front: 0 to 1, float64, shape (n,)."""
        low, high = self.grey
        part = np.clip((shares - low) / (high - low), 0.0, 1.0)
        return np.where(shares < 0, front.astype(float), part)

    @property
    def bias(self) -> float:
        """The calibrated logit of front of a posting that holds no known n-gram."""
        return self.scale_ * self.intercept_

    def logits(self, matrix: sp.csr_matrix) -> np.ndarray:
        """Return the calibrated logit of front for rows of `PostingFeatures`: float64, (n,)."""
        return self.scale_ * (matrix @ self.coef_).astype(np.float64) + self.bias

    def decision_function(self, X: Any) -> np.ndarray:
        """Return the calibrated logit of front: float64, shape (n,)."""
        check_is_fitted(self)
        return self.logits(self.features_.transform(X))

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return the probabilities of back and front: float64, shape (n, 2)."""
        front = sigmoid(self.decision_function(X))
        return np.column_stack([1.0 - front, front])

    def predict(self, X: Any) -> np.ndarray:
        """Return "front" or "back" for each posting, whatever the band says: shape (n,)."""
        p_front = self.predict_proba(X)[:, 1]
        return self.classes_[(p_front >= 0.5).astype(int)]

    def predict_share(self, X: Any) -> np.ndarray:
        """Return the share of each posting's duties that is contact with customers.

        Returns:
            0 to 100 as in the corpus, float64, shape (n,); NaN where ``fit`` was given no shares.
        """
        logits = self.decision_function(X)
        return self.share_map_(logits)

    def passes(self, kind: str, matrix: sp.csr_matrix) -> np.ndarray:
        """Return which rows of `PostingFeatures` are not of a kind of `KINDS`: bool, shape (n,)."""
        sieve = self.sieves_[kind]
        return np.asarray(matrix[:, : len(sieve.coef)] @ sieve.coef + sieve.intercept > 0)

    def get_state(self) -> State:
        """Return parameters and everything learned as numbers, strings and arrays."""
        check_is_fitted(self)
        return {
            "parameters": plain(self.get_params()),
            "ngrams": {k: v for k, v in self.features_.get_params().items() if k != "min_df"},
            "features": self.features_.get_state(),
            "coef": self.coef_,
            "intercept": self.intercept_,
            "scale": self.scale_,
            "band": self.band_,
            "share_logits": self.share_map_.logits,
            "shares": self.share_map_.shares,
            "sieves": {
                kind: {"coef": sieve.coef, "intercept": sieve.intercept}
                for kind, sieve in self.sieves_.items()
            },
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> OfficeClassifier:
        """Return the classifier that `get_state` described."""
        model = cls(**state["parameters"])
        model.classes_ = np.array([BACK, FRONT])
        model.features_ = PostingFeatures(**state["ngrams"]).set_state(state["features"])
        model.coef_, model.intercept_ = state["coef"], state["intercept"]
        model.scale_, model.band_ = state["scale"], state["band"]
        model.share_map_ = ShareMap(state["share_logits"], state["shares"])
        model.sieves_ = {kind: Sieve(**arrays) for kind, arrays in state["sieves"].items()}
        return model


def _front_of(labels: Any) -> np.ndarray:
    """Return whether each label is front, bool, shape (n,); `ValueError` where one is neither."""
    if labels is None:
        raise ValueError("OfficeClassifier requires y to be passed, but the target y is None")
    found = column_or_1d(labels, warn=True)
    check_classification_targets(found)
    if unknown := {str(label) for label in found} - {FRONT, BACK}:
        raise ValueError(f"labels must be {FRONT!r} or {BACK!r}, not {sorted(unknown)}")
    front = np.asarray(found == FRONT)
    if front.all() or not front.any():
        raise ValueError("y holds one class only; postings of both labels are needed")
    return front
