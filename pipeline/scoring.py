"""What a stored model says of postings, without scikit-learn: the quick way of `OfficeClassifier`.

Sums are kept as whole numbers of 2**-32, so that they do not depend on the order in which they are
added up: one posting and a million give the same to the last bit, by numpy and by the kernel.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from pipeline.blocks import Block, Weighed, ngrams_of, texts_of
from pipeline.letters import IN_WORD, codes_of, look_up
from pipeline.ngrams import LITTLE, Ngrams
from pipeline.posting import Posting

if TYPE_CHECKING:
    from pipeline.reading_compiled import Texts

#: What is counted as 1 in `Sums`.
ONE = 2**32
#: 1 + ln(count), by count; a text has no more words than that.
TF = np.concatenate([[0.0], 1 + np.log(np.arange(1, 1 << 16, dtype=np.float64))])

_BLOCKS = ("word", "char", "title")


class Columns(NamedTuple):
    """What each column of a model weighs, and which n-grams it is made of.

    Attributes:
        word, char, title: for each column idf and coefficient of front, and zeros behind them
            for what is unknown: float32, shape (columns + 1, 2).
        heads: coefficients of words for the other heads: float32, shape (columns + 1, heads).
        words: 1 for words, 2 for pairs too.
        chars, titles: shortest and longest n-gram.
    """

    word: np.ndarray
    char: np.ndarray
    title: np.ndarray
    heads: np.ndarray
    words: int
    chars: tuple[int, int]
    titles: tuple[int, int]


class Sums(NamedTuple):
    """What the n-grams of n postings add up to, by block (word, char, title); in units of `ONE`.

    Attributes:
        norms: of squared tf-idf, int64, shape (n, 3).
        fronts: of tf-idf times the coefficient of front, int64, shape (n, 3).
        heads: of tf-idf of words times the coefficients of the other heads, int64, (n, heads).
        words: how many words there are, int64, shape (n,).
    """

    norms: np.ndarray
    fronts: np.ndarray
    heads: np.ndarray
    words: np.ndarray


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
        self._sieves = {kind: float(sieve["intercept"]) for kind, sieve in state["sieves"].items()}
        self._share_map = state["share_logits"], state["shares"]
        self.columns = Columns(
            *(self._weights(name) for name in _BLOCKS),
            np.pad(
                np.stack([sieve["coef"] for sieve in state["sieves"].values()], axis=1)
                * np.float32(self.blocks["word"][0].length if "word" in self.blocks else 1.0),
                ((0, 1), (0, 0)),
            ),
            self.lengths["word_ngrams"],
            tuple(self.lengths["char_ngrams"]),
            tuple(self.lengths["title_ngrams"]),
        )
        self._indexes: tuple[Any, ...] = ()

    def _weights(self, name: str) -> np.ndarray:
        if name not in self.blocks:
            return np.zeros((1, 2), np.float32)
        block, coef = self.blocks[name]
        weights = np.stack([block.idf, coef * np.float32(block.length)], axis=1, dtype=np.float32)
        return np.pad(weights, ((0, 1), (0, 0)))

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

    def sums(self, postings: Sequence[Posting]) -> Sums:
        """Return what cleaned postings add up to."""
        if (
            "numba" not in sys.modules
            and sum(len(p.title) + len(p.text) for p in postings) <= LITTLE
        ):
            return self.sums_little(postings)
        from pipeline.reading_compiled import texts_of

        return self.sums_much(
            texts_of([p.title for p in postings]), texts_of([p.text for p in postings])
        )

    def sums_much(self, titles: Texts, texts: Texts) -> Sums:
        """Return what cleaned postings add up to, by the compiled kernel."""
        from pipeline.scoring_compiled import Index, sum_much

        if not self._indexes:
            none = np.zeros(0, np.int32)
            self._indexes = tuple(
                Index(self.blocks[name][0].buckets if name in self.blocks else none)
                for name in _BLOCKS
            )
        return sum_much(titles, texts, self.columns, self._indexes)

    def sums_little(self, postings: Sequence[Posting]) -> Sums:
        """Return what a few cleaned postings add up to, by numpy alone."""
        n = len(postings)
        sums = Sums(
            np.zeros((n, 3), np.int64),
            np.zeros((n, 3), np.int64),
            np.zeros((n, self.columns.heads.shape[1]), np.int64),
            np.array([_count_words(posting) for posting in postings], np.int64),
        )
        texts = texts_of(postings)
        for at, name in enumerate(_BLOCKS):
            if name not in self.blocks:
                continue
            columns, counts, starts = self.blocks[name][0].find(self.ngrams(name, texts[name]))
            weights = self.columns[at][columns].astype(np.float64)
            values = TF[np.minimum(counts, len(TF) - 1)] * weights[:, 0]
            sums.norms[:, at] = _by_row(values * values, starts)
            sums.fronts[:, at] = _by_row(values * weights[:, 1], starts)
            if name == "word":
                heads = self.columns.heads[columns].astype(np.float64)
                for head in range(heads.shape[1]):
                    sums.heads[:, head] = _by_row(values * heads[:, head], starts)
        return sums

    def logits(self, sums: Sums) -> np.ndarray:
        """Return the calibrated logits of front: float64, shape (n,)."""
        parts = _normed(sums.fronts, sums.norms)
        return self.scale * (parts[:, 0] + parts[:, 1] + parts[:, 2]) + self.bias

    def probabilities(self, sums: Sums) -> np.ndarray:
        """Return p_front: float64, shape (n,)."""
        return sigmoid(self.logits(sums))

    def shares(self, logits: np.ndarray) -> np.ndarray:
        """Return the shares of contact, 0 to 100, NaN without a map: float64, shape (n,)."""
        knots, shares = self._share_map
        return np.interp(logits, knots, shares) if len(knots) else np.full(len(logits), np.nan)

    def passes(self, kind: str, sums: Sums) -> np.ndarray:
        """Return which texts are not of a kind that no office can be named for: bool, (n,).

        Args:
            kind: "no_posting" or "several_roles".
        """
        head = list(self._sieves).index(kind)
        return _normed(sums.heads[:, head], sums.norms[:, 0]) + self._sieves[kind] > 0


def sigmoid(logits: np.ndarray) -> np.ndarray:
    """Return the probabilities of logits; none is too large."""
    return 1.0 / (1.0 + np.exp(-np.clip(logits, -500, 500)))


def _normed(sums: np.ndarray, norms: np.ndarray) -> np.ndarray:
    """Return sums as if each row had been divided by its length before."""
    return sums / ONE / np.sqrt(np.maximum(norms, 1) / ONE)


def _by_row(values: np.ndarray, starts: np.ndarray) -> np.ndarray:
    whole = (values * ONE).astype(np.int64)
    added = np.concatenate([[0], np.cumsum(whole)])
    return added[starts[1:]] - added[starts[:-1]]


def _count_words(posting: Posting) -> int:
    inside = look_up(IN_WORD, codes_of(f"{posting.title}\n{posting.text}"), unlisted=True)
    return int(np.count_nonzero(inside[1:] & ~inside[:-1]) + inside[:1].sum())
