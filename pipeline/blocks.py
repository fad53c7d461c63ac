"""Blocks of n-grams: which a model knows, how rare each is, and what they weigh in a posting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from pipeline.letters import fold
from pipeline.ngrams import BUCKETS, Ngrams, char_ngrams, word_ngrams
from pipeline.posting import Posting


class Weighed(NamedTuple):
    """Features of n postings in one block, row by row as in a CSR matrix.

    Attributes:
        starts: int64, shape (n + 1,): where each row begins in the others.
        columns: int32, ascending in each row.
        values: float32, each row of the block's length or empty.
    """

    starts: np.ndarray
    columns: np.ndarray
    values: np.ndarray

    def sums(self, of: np.ndarray) -> np.ndarray:
        """Return the sums by row of numbers that belong to the values: float64, shape (n,)."""
        filled = self.starts[:-1] < self.starts[1:]
        found = np.zeros(len(self.starts) - 1)
        if filled.any():
            found[filled] = np.add.reduceat(of.astype(np.float64), self.starts[:-1][filled])
        return found

    def dot(self, coef: np.ndarray) -> np.ndarray:
        """Return the product of each row with coefficients by column: float64, shape (n,)."""
        return self.sums(self.values * coef[self.columns])


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
    def learn(cls, ngrams: Ngrams, min_df: int, length: float = 1.0) -> Block:
        """Return the block of the n-grams that at least ``min_df`` texts have."""
        df = np.bincount(ngrams.buckets, minlength=BUCKETS)
        buckets = np.flatnonzero(df >= min_df)
        idf = np.log(len(ngrams.starts) / (1 + df[buckets])) + 1
        return cls(buckets.astype(np.int32), idf.astype(np.float32), length)

    def find(self, ngrams: Ngrams) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the columns of the n-grams that are known, their counts, and where rows begin."""
        columns = np.searchsorted(self.buckets, ngrams.buckets).astype(np.int32)
        columns[columns == len(self.buckets)] = 0
        known = self.buckets[columns] == ngrams.buckets
        starts = np.concatenate([[0], np.cumsum(known)])[ngrams.starts]
        return columns[known], ngrams.counts[known], starts

    def weigh(self, ngrams: Ngrams) -> Weighed:
        """Return tf-idf with tf = 1 + ln(count), each row stretched to the block's length."""
        columns, counts, starts = self.find(ngrams)
        values = (1 + np.log(counts.astype(np.float32))) * self.idf[columns]
        bare = Weighed(starts, columns, values)
        lengths = np.sqrt(bare.sums(values * values)).astype(np.float32) / np.float32(self.length)
        return bare._replace(values=values / np.repeat(lengths, np.diff(starts)))


def texts_of(postings: Sequence[Posting]) -> dict[str, list[str]]:
    """Return the lower-cased text that each block is made of, for each posting."""
    whole = [fold(f"{title}\n{text}") for title, text in postings]
    return {"word": whole, "char": whole, "title": [fold(title) for title, _ in postings]}


def ngrams_of(block: str, texts: Sequence[str], lengths: dict[str, Any]) -> Ngrams:
    """Return the n-grams of lower-cased texts that a block is made of, known ones or not.

    Args:
        block: "word", "char" or "title".
        lengths: ``word_ngrams``, ``char_ngrams``, ``title_ngrams``: see `PostingFeatures`.
    """
    if block == "word":
        return word_ngrams(texts, lengths["word_ngrams"])
    return char_ngrams(texts, *lengths[f"{block}_ngrams"])
