"""Estimators over postings, made to take numbers: what scikit-learn's own checks feed.

Each number becomes a word that says its column and, roughly, its size; of two labels the first in
order is called back and the second front. Everything else is the estimator's own doing.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted, validate_data

from pipeline.classifier import OfficeClassifier
from pipeline.features import PostingFeatures


class _OfNumbers:
    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()  # type: ignore[misc]
        tags.input_tags.two_d_array, tags.input_tags.string = True, False
        return tags

    def _written(self, X: Any, reset: bool = False) -> list[str]:
        rows = validate_data(self, X, reset=reset)
        return [" ".join(f"column{c} number{c}x{x:.0f}" for c, x in enumerate(row)) for row in rows]


class FeaturesOfNumbers(_OfNumbers, PostingFeatures):
    def fit_transform(self, X: Any, y: object = None) -> Any:
        return super().fit_transform(self._written(X, reset=True))

    def transform(self, X: Any) -> Any:
        check_is_fitted(self)
        return super().transform(self._written(X))


class ClassifierOfNumbers(_OfNumbers, OfficeClassifier):
    def fit(self, X: Any, y: Any) -> Any:
        written = self._written(X, reset=True)
        y = y if y is None else np.asarray(y)
        names = np.unique([] if y is None else y)
        if not 1 <= len(names) <= 2:
            return super().fit(written, y)
        super().fit(written, np.array(["back", "front"])[np.searchsorted(names, y)])
        self.classes_ = names
        return self

    def decision_function(self, X: Any) -> Any:
        check_is_fitted(self)
        return super().decision_function(self._written(X))
