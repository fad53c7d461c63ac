"""Postings to numbers: n-grams of the text, and n-grams of the title in a space of their own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, Self

import numpy as np
import scipy.sparse as sp
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from pipeline.inputs import postings_of
from pipeline.letters import fold
from pipeline.ngrams import BUCKETS, buckets_of
from pipeline.ngrams_compiled import collect, collect_words
from pipeline.posting import Posting
from pipeline.reading_compiled import Texts, texts_of

State = dict[str, Any]


class Block(NamedTuple):
    """What is known of one kind of n-grams.

    Attributes:
        buckets: those that were seen often enough, ascending, int32; a column each.
        idf: how rare each is, float32: ln((1 + n) / (1 + postings with it)) + 1.
        length: of each row: what the block weighs beside the others.
    """

    buckets: np.ndarray
    idf: np.ndarray
    length: float = 1.0

    @classmethod
    def learn(cls, df: np.ndarray, n: int, min_df: int, length: float) -> Self:
        """Return the block of the n-grams that at least ``min_df`` texts have.

        Args:
            df: in how many texts each n-gram occurs, int64, shape (`BUCKETS`,).
            n: number of texts.
        """
        buckets = np.flatnonzero(df >= min_df)
        idf = np.log((1 + n) / (1 + df[buckets])) + 1
        return cls(buckets.astype(np.int32), idf.astype(np.float32), length)

    def weigh(self, used: sp.csr_matrix, made_of: sp.csr_matrix) -> sp.csr_matrix:
        """Return tf-idf of the n-grams, counted by the words that hold them.

        A word's n-grams are as much used as the word is; a row is divided by the root of the
        summed squares of its words, so that each word adds to it by itself.

        Args:
            used, made_of: see `PostingFeatures`.

        Returns:
            float32, shape (texts, columns).
        """
        column = np.full(BUCKETS, -1, np.int32)
        column[self.buckets] = np.arange(len(self.buckets), dtype=np.int32)
        at = column[made_of.indices]
        known = at >= 0
        starts = np.concatenate([[0], np.cumsum(known)])[made_of.indptr]
        values = made_of.data[known] * self.idf[at[known]]
        rare = sp.csr_matrix(
            (values, at[known], starts), shape=(made_of.shape[0], len(self.buckets))
        )
        squares = used.multiply(used) @ rare.multiply(rare).sum(axis=1)
        lengths = np.sqrt(np.asarray(squares, np.float64).ravel())
        scale = self.length / np.where(lengths > 0, lengths, 1.0)
        return (sp.diags_array(scale.astype(np.float32)) @ (used @ rare)).tocsr()


class PostingFeatures(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Sparse tf-idf of a posting in three blocks, the rows of each of one length or empty.

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
        words = {name: self._words(name, texts) for name, texts in _texts(postings).items()}
        self._learn({name: _df(*found) for name, found in words.items()}, len(postings))
        return sp.hstack([block.weigh(*words[name]) for name, block in self.blocks_.items()], "csr")

    def fit_parts(self, parts: Iterable[Any]) -> Self:
        """Learn what `fit` does, from postings that come in parts: one is in memory at a time."""
        df: dict[str, np.ndarray] = {}
        n = 0
        for part in parts:
            postings = postings_of(part)
            n += len(postings)
            for name, texts in _texts(postings).items():
                df[name] = df.get(name, 0) + _df(*self._words(name, texts))
        self._learn(df, n)
        return self

    def _learn(self, df: Mapping[str, np.ndarray], n: int) -> None:
        """Make the blocks of n postings, whose n-grams occur in so many of them."""
        lengths = {"word": self.word_length}
        learned = {
            name: Block.learn(df[name], n, self.min_df, lengths.get(name, 1.0)) for name in df
        }
        self.blocks_ = {name: block for name, block in learned.items() if len(block.buckets)}
        if not self.blocks_:
            raise ValueError(f"no n-gram occurs in {self.min_df} of {n} postings")

    def transform(self, X: Any) -> sp.csr_matrix:
        """Return the features of X: float32, shape (postings, n-grams)."""
        check_is_fitted(self)
        texts = _texts(postings_of(X))
        return sp.hstack(
            [block.weigh(*self._words(name, texts[name])) for name, block in self.blocks_.items()],
            "csr",
        )

    def _words(self, block: str, texts: Texts) -> tuple[sp.csr_matrix, sp.csr_matrix]:
        """Return how much each text uses each word, and which n-grams each word is made of.

        Returns:
            1 + ln(count), shape (texts, words); how often, shape (words, `BUCKETS`).
        """
        words = collect_words(texts, self.word_ngrams if block == "word" else 1)
        different, first, column = np.unique(words.hashes, return_index=True, return_inverse=True)
        tf = (1 + np.log(words.counts)).astype(np.float32)
        used = sp.csr_matrix((tf, column, words.starts), shape=(len(texts.starts), len(different)))
        if block == "word":
            starts, counts = np.arange(len(different) + 1), np.ones(len(different), np.float32)
            made_of = counts, buckets_of(different), starts
        else:
            spelled = Texts(texts.data, words.begins[first], words.ends[first])
            lengths = self.char_ngrams if block == "char" else self.title_ngrams
            ngrams = collect(spelled, *lengths)
            made_of = ngrams.counts.astype(np.float32), ngrams.buckets, ngrams.starts
        return used, sp.csr_matrix(made_of, shape=(len(different), BUCKETS))

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


def _df(used: sp.csr_matrix, made_of: sp.csr_matrix) -> np.ndarray:
    """Return in how many texts each n-gram occurs: int64, shape (`BUCKETS`,)."""
    return np.bincount((used @ made_of).tocsr().indices, minlength=BUCKETS)


def _texts(postings: list[Posting]) -> dict[str, Texts]:
    """Return the lower-cased text that each block is made of, for each posting."""
    whole = texts_of([fold(f"{title}\n{text}") for title, text in postings])
    return {"word": whole, "char": whole, "title": texts_of([fold(t) for t, _ in postings])}
