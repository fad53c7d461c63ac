"""What a classifier learns from, as numbers: made once for all heads over the same features."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import scipy.sparse as sp
from sklearn.utils.validation import check_consistent_length

from pipeline.features import PostingFeatures
from pipeline.heads import KINDS, Aid, Lessons
from pipeline.inputs import postings_of
from pipeline.posting import Posting


@dataclass(frozen=True, eq=False)
class Material:
    """Labelled postings, and what stands beside them, as rows of `PostingFeatures`.

    Attributes:
        postings: their features, n rows.
        front: their labels, bool, shape (n,).
        shares: of contact with customers, 0 to 100, float64, shape (n,); negative where not known.
        groups: what must not stand on both sides of a fold, of each posting; None where nothing.
        aids: features of the short documents, m rows.
        aids_front, aids_weight, aids_group: of each, shape (m,): bool, float64, str.
        others: features of the other texts by kind: see `OfficeClassifier.fit`.
    """

    postings: sp.csr_matrix
    front: np.ndarray
    shares: np.ndarray
    groups: Sequence[str] | None
    aids: sp.csr_matrix
    aids_front: np.ndarray
    aids_weight: np.ndarray
    aids_group: np.ndarray
    others: Mapping[str, sp.csr_matrix]

    @classmethod
    def of(
        cls,
        features: PostingFeatures,
        X: Any,
        front: np.ndarray,
        aids: Sequence[Aid],
        others: Mapping[str, Sequence[Posting]],
        groups: Sequence[str] | None,
        shares: Sequence[int] | None,
    ) -> Self:
        """Fit features to all there is, and return it as rows of them.

        Args:
            features: not fitted yet.
            front: whether each posting is front, bool, shape (n,).
            X, aids, others, groups, shares: see `OfficeClassifier.fit`.
        """
        postings = postings_of(X)
        check_consistent_length(postings, front, groups, shares)
        other = {kind: list(others.get(kind, ())) for kind in (*KINDS, "one_role")}
        matrix = features.fit_transform(
            [*postings, *(aid.posting for aid in aids), *itertools.chain(*other.values())]
        )
        n, m = len(front), len(aids)
        ends = np.cumsum([n + m, *(len(texts) for texts in other.values())])
        return cls(
            matrix[:n],
            front,
            np.full(n, -1.0) if shares is None else np.asarray(shares, dtype=float),
            groups,
            matrix[n : n + m],
            np.array([aid.label == "front" for aid in aids], dtype=bool),
            np.array([aid.weight for aid in aids], dtype=float),
            np.array([aid.group for aid in aids], dtype=str),
            {kind: matrix[ends[at] : ends[at + 1]] for at, kind in enumerate(other)},
        )

    def lessons(self, front_part: np.ndarray) -> Lessons:
        """Return what front and back are learned from.

        Args:
            front_part: how much of each posting is front, 0 to 1, shape (n,).
        """
        return Lessons(self.postings, front_part, self.aids, self.aids_front, self.aids_weight)

    def aids_without(self, rows: np.ndarray) -> np.ndarray:
        """Return which aids are of no group that these postings are of: int64, ascending."""
        unseen = {self.groups[row] for row in rows} if self.groups is not None else set()
        return np.flatnonzero(~np.isin(self.aids_group, list(unseen)))
