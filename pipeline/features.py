"""Postings to numbers: n-grams of the text, and n-grams of the title in a space of their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import scipy.sparse as sp
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from pipeline.blocks import Block, Weighed, ngrams_of, texts_of
from pipeline.inputs import postings_of
from pipeline.ngrams import Ngrams

State = dict[str, Any]


class PostingFeatures(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Sparse tf-idf of a posting, three blocks side by side; a row of each has one length or is empty.

    ``word``: words and word pairs of title and text; ``char``: character n-grams inside the
    words of title and text (Norwegian compounds, Spanish endings); ``title``: character n-grams
    of the title alone, a block that is left out where no posting of ``fit`` has a title.

    Wherever X is asked for, `pipeline.inputs.postings_of` says what it may be.

    Parameters:
        word_ngrams: 2 for words and pairs, 1 for words.
        char_ngrams, title_ngrams: shortest and longest n-gram, the blanks at a word's ends
            included.
        word_length: length of a row of words, where those of the other blocks are 1.
        min_df: an n-gram seen in fewer postings is left out.
    """

    def __init__(
        self,
        word_ngrams: int = 2,
        char_ngrams: tuple[int, int] = (6, 8),
        title_ngrams: tuple[int, int] = (5, 7),
        word_length: float = 1.3,
        min_df: int = 2,
    ) -> None:
        self.word_ngrams = word_ngrams
        self.char_ngrams = char_ngrams
        self.title_ngrams = title_ngrams
        self.word_length = word_length
        self.min_df = min_df

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array, tags.input_tags.string = False, True
        tags.transformer_tags.preserves_dtype = []  # float32, whatever comes in
        return tags

    def fit(self, X: Any, y: object = None) -> Self:
        """Learn the n-grams of these postings and how rare each one is."""
        self.fit_transform(X, y)
        return self

    def fit_transform(self, X: Any, y: object = None) -> sp.csr_matrix:
        """Fit, and return the features of X: float32, shape (postings, n-grams)."""
        postings = postings_of(X)
        found = {name: self._ngrams(name, texts) for name, texts in texts_of(postings).items()}
        lengths = {"word": self.word_length}
        learned = {
            name: Block.learn(ngrams, self.min_df, lengths.get(name, 1.0))
            for name, ngrams in found.items()
        }
        self.blocks_ = {name: block for name, block in learned.items() if len(block.buckets)}
        if not self.blocks_:
            raise ValueError(f"no n-gram occurs in {self.min_df} of {len(postings)} postings")
        return _matrix(
            {name: block.weigh(found[name]) for name, block in self.blocks_.items()}, self.blocks_
        )

    def transform(self, X: Any) -> sp.csr_matrix:
        """Return the features of X: float32, shape (postings, n-grams)."""
        check_is_fitted(self)
        texts = texts_of(postings_of(X))
        return _matrix(
            {
                name: block.weigh(self._ngrams(name, texts[name]))
                for name, block in self.blocks_.items()
            },
            self.blocks_,
        )

    def _ngrams(self, block: str, texts: Sequence[str]) -> Ngrams:
        return ngrams_of(block, texts, self.get_params())

    @property
    def widths(self) -> dict[str, int]:
        """The number of columns of each block, in their order."""
        check_is_fitted(self)
        return {name: len(block.buckets) for name, block in self.blocks_.items()}

    def get_feature_names_out(self, input_features: object = None) -> np.ndarray:
        """Return ``block:bucket`` for each column; which n-grams fall into it is not kept."""
        check_is_fitted(self)
        return np.array(
            [f"{name}:{b}" for name, block in self.blocks_.items() for b in block.buckets], object
        )

    def get_state(self) -> State:
        """Return what was learned as arrays, ready for a model file."""
        check_is_fitted(self)
        return {name: block._asdict() for name, block in self.blocks_.items()}

    def set_state(self, state: State) -> Self:
        """Take back what `get_state` returned."""
        self.blocks_ = {name: Block(**block) for name, block in state.items()}
        return self


def _matrix(weighed: dict[str, Weighed], blocks: dict[str, Block]) -> sp.csr_matrix:
    parts = [
        sp.csr_matrix(
            (each.values, each.columns, each.starts),
            shape=(len(each.starts) - 1, len(blocks[name].buckets)),
        )
        for name, each in weighed.items()
    ]
    return sp.hstack(parts, "csr")
