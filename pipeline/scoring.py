"""What a stored model says of postings, by numpy alone: the quick way of `OfficeClassifier`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pipeline.blocks import Block, Weighed, ngrams_of, texts_of
from pipeline.ngrams import Ngrams
from pipeline.posting import Posting


class Scorer:
    """Scores postings with the arrays of a model: the numbers of `OfficeClassifier`, to 1e-6.

    scikit-learn takes a second to import; here nothing of it is needed.

    Attributes:
        blocks: by name, each with its coefficients.
        band: postings with ``|p_front - 0.5| < band`` go to review.
        bias: the calibrated logit of front of a posting that holds no known n-gram.
    """

    def __init__(self, state: dict[str, Any]) -> None:
        self.lengths: dict[str, Any] = state["ngrams"]
        self.scale, self.band = float(state["scale"]), float(state["band"])
        self.bias = self.scale * float(state["intercept"])
        self.blocks: dict[str, tuple[Block, np.ndarray]] = {}
        start = 0
        for name, arrays in state["features"].items():
            block = Block(**arrays)
            end = start + len(block.buckets)
            self.blocks[name] = block, state["coef"][start:end]
            start = end
        if start != len(state["coef"]):
            raise ValueError(f"{len(state['coef'])} coefficients for {start} n-grams")
        self._posting_coef = state["posting_coef"]
        self._posting_intercept = float(state["posting_intercept"])

    def ngrams(self, block: str, texts: Sequence[str]) -> Ngrams:
        """Return the n-grams of lower-cased texts that a block is made of, known ones or not."""
        return ngrams_of(block, texts, self.lengths)

    def weigh(self, postings: Sequence[Posting]) -> dict[str, Weighed]:
        """Return the features of cleaned postings, by block."""
        texts = texts_of(postings)
        return {
            name: block.weigh(self.ngrams(name, texts[name]))
            for name, (block, _) in self.blocks.items()
        }

    def logits(self, weighed: dict[str, Weighed]) -> np.ndarray:
        """Return the calibrated logits of front: float64, shape (n,)."""
        parts = [weighed[name].dot(coef) for name, (_, coef) in self.blocks.items()]
        return self.scale * np.sum(parts, axis=0) + self.bias

    def probabilities(self, weighed: dict[str, Weighed]) -> np.ndarray:
        """Return p_front: float64, shape (n,)."""
        return sigmoid(self.logits(weighed))

    def is_posting(self, weighed: dict[str, Weighed]) -> np.ndarray:
        """Return whether texts read like postings at all: bool, shape (n,)."""
        return np.asarray(weighed["word"].dot(self._posting_coef) + self._posting_intercept > 0)


def sigmoid(logits: np.ndarray) -> np.ndarray:
    """Return the probabilities of logits; none is too large."""
    return 1.0 / (1.0 + np.exp(-np.clip(logits, -500, 500)))
