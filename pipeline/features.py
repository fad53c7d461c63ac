"""Postings to numbers: n-grams of the text, and of the title in a space of their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import scipy.sparse as sp
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.utils.validation import check_is_fitted

from pipeline.posting import Posting

State = dict[str, Any]


class PostingFeatures(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Sparse tf-idf of a posting, three blocks side by side, each row of each block of length 1.

    ``word``: words and word pairs of title and text; ``char``: character n-grams inside the
    words of title and text (Norwegian compounds, Spanish endings); ``title``: character n-grams
    of the title alone, a block that is left out where no posting of ``fit`` has a title.

    Parameters:
        word_ngrams, char_ngrams, title_ngrams: shortest and longest n-gram of each block.
        min_df: an n-gram seen in fewer postings is left out.
    """

    def __init__(
        self,
        word_ngrams: tuple[int, int] = (1, 2),
        char_ngrams: tuple[int, int] = (4, 6),
        title_ngrams: tuple[int, int] = (2, 5),
        min_df: int = 2,
    ) -> None:
        self.word_ngrams = word_ngrams
        self.char_ngrams = char_ngrams
        self.title_ngrams = title_ngrams
        self.min_df = min_df

    def fit(self, X: Sequence[Posting], y: object = None) -> Self:
        """Learn the n-grams of these postings and how rare each one is."""
        self.fit_transform(X, y)
        return self

    def fit_transform(self, X: Sequence[Posting], y: object = None) -> sp.csr_matrix:
        """Fit, and return the features of X: float32, shape (postings, n-grams)."""
        self.blocks_ = self._new_blocks()
        texts = _columns(X)
        if not any(title.strip() for title in texts["title"]):
            del self.blocks_["title"]
        return sp.hstack(
            [block.fit_transform(texts[name]) for name, block in self.blocks_.items()], "csr"
        )

    def transform(self, X: Sequence[Posting]) -> sp.csr_matrix:
        """Return the features of X: float32, shape (postings, n-grams)."""
        check_is_fitted(self)
        texts = _columns(X)
        return sp.hstack(
            [block.transform(texts[name]) for name, block in self.blocks_.items()], "csr"
        )

    @property
    def widths(self) -> dict[str, int]:
        """The number of columns of each block, in their order."""
        return {name: len(block.idf_) for name, block in self.blocks_.items()}

    def get_feature_names_out(self, input_features: object = None) -> np.ndarray:
        """Return ``block:n-gram`` for each column."""
        check_is_fitted(self)
        return np.concatenate(
            [
                np.char.add(f"{name}:", block.get_feature_names_out().astype(str))
                for name, block in self.blocks_.items()
            ]
        )

    def get_state(self) -> State:
        """Return what was learned as strings and arrays, ready for a model file."""
        check_is_fitted(self)
        return {
            name: {
                # No n-gram holds a line feed: words cannot, and char_wb splits at whitespace.
                "ngrams": "\n".join(block.get_feature_names_out()),
                "idf": block.idf_.astype(np.float32),
            }
            for name, block in self.blocks_.items()
        }

    def set_state(self, state: State) -> Self:
        """Take back what `get_state` returned."""
        self.blocks_ = {name: b for name, b in self._new_blocks().items() if name in state}
        for name, block in self.blocks_.items():
            block.vocabulary = {
                ngram: column for column, ngram in enumerate(state[name]["ngrams"].split("\n"))
            }
            block.idf_ = state[name]["idf"]
        return self

    def _new_blocks(self) -> dict[str, TfidfVectorizer]:
        common = {"sublinear_tf": True, "min_df": self.min_df, "dtype": np.float32}
        return {
            "word": TfidfVectorizer(
                token_pattern=r"(?u)\b\w+\b", ngram_range=self.word_ngrams, **common
            ),
            "char": TfidfVectorizer(analyzer="char_wb", ngram_range=self.char_ngrams, **common),
            "title": TfidfVectorizer(analyzer="char_wb", ngram_range=self.title_ngrams, **common),
        }


def _columns(postings: Sequence[Posting]) -> dict[str, list[str]]:
    whole = [f"{title}\n{text}" for title, text in postings]
    return {"word": whole, "char": whole, "title": [title for title, _ in postings]}
