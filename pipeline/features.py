"""Postings to numbers: n-grams of the text, and n-grams of the title in a space of their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Self

import numpy as np
import pyarrow as pa
import scipy.sparse as sp
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.preprocessing import normalize
from sklearn.utils.validation import check_is_fitted

from pipeline.ngrams import BUCKETS, Ngrams, char_ngrams, word_ngrams
from pipeline.posting import Posting

State = dict[str, Any]


class Block(NamedTuple):
    """What is known of one kind of n-grams.

    Attributes:
        buckets: those that were seen often enough, ascending, int32; a column each.
        idf: how rare each is, float32: ln((1 + n) / (1 + postings with it)) + 1.
    """

    buckets: np.ndarray
    idf: np.ndarray

    @classmethod
    def learn(cls, ngrams: Ngrams, min_df: int) -> Block:
        """Return the block of the n-grams that at least ``min_df`` texts have."""
        df = np.bincount(ngrams.buckets, minlength=BUCKETS)
        buckets = np.flatnonzero(df >= min_df)
        idf = np.log((len(ngrams.starts)) / (1 + df[buckets])) + 1
        return cls(buckets.astype(np.int32), idf.astype(np.float32))

    def weigh(self, ngrams: Ngrams) -> sp.csr_matrix:
        """Return tf-idf with tf = 1 + ln(count), rows of length 1: float32, CSR."""
        columns = np.full(BUCKETS, -1, np.int32)
        columns[self.buckets] = np.arange(len(self.buckets), dtype=np.int32)
        at = columns[ngrams.buckets]
        known = at >= 0
        starts = np.concatenate([[0], np.cumsum(known)])[ngrams.starts]
        at = at[known]
        weights = (1 + np.log(ngrams.counts[known].astype(np.float32))) * self.idf[at]
        shape = (len(ngrams.starts) - 1, len(self.buckets))
        return normalize(sp.csr_matrix((weights, at, starts), shape=shape), copy=False)


class PostingFeatures(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Sparse tf-idf of a posting, three blocks side by side, each row of each block of length 1.

    ``word``: words and word pairs of title and text; ``char``: character n-grams inside the
    words of title and text (Norwegian compounds, Spanish endings); ``title``: character n-grams
    of the title alone, a block that is left out where no posting of ``fit`` has a title.

    Parameters:
        word_ngrams: 2 for words and pairs, 1 for words.
        char_ngrams, title_ngrams: shortest and longest n-gram, the blanks at a word's ends
            included.
        min_df: an n-gram seen in fewer postings is left out.
    """

    def __init__(
        self,
        word_ngrams: int = 2,
        char_ngrams: tuple[int, int] = (5, 7),
        title_ngrams: tuple[int, int] = (4, 6),
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
        found = {name: self.ngrams(name, texts) for name, texts in columns(X).items()}
        learned = {name: Block.learn(ngrams, self.min_df) for name, ngrams in found.items()}
        self.blocks_ = {name: block for name, block in learned.items() if len(block.buckets)}
        if not self.blocks_:
            raise ValueError(f"no n-gram occurs in {self.min_df} of {len(X)} postings")
        return sp.hstack([block.weigh(found[name]) for name, block in self.blocks_.items()], "csr")

    def transform(self, X: Sequence[Posting]) -> sp.csr_matrix:
        """Return the features of X: float32, shape (postings, n-grams)."""
        check_is_fitted(self)
        texts = columns(X)
        return sp.hstack(
            [block.weigh(self.ngrams(name, texts[name])) for name, block in self.blocks_.items()],
            "csr",
        )

    def ngrams(self, block: str, texts: pa.Array) -> Ngrams:
        """Return the n-grams of texts that a block is made of, known ones or not."""
        if block == "word":
            return word_ngrams(texts, self.word_ngrams)
        return char_ngrams(texts, *(self.char_ngrams if block == "char" else self.title_ngrams))

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


def columns(postings: Sequence[Posting]) -> dict[str, pa.Array]:
    """Return the text that each block is made of, for each posting."""
    whole = pa.array([f"{title}\n{text}" for title, text in postings], pa.large_string())
    titles = pa.array([title for title, _ in postings], pa.large_string())
    return {"word": whole, "char": whole, "title": titles}
