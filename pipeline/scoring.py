"""What a stored model says of postings, without scikit-learn: the quick way of `OfficeClassifier`.

Sums are kept as whole numbers of 2**-32, so that they do not depend on the order in which they are
added up: one posting and a million give the same to the last bit, by numpy and by the kernel.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from pipeline.letters import codes_of, fold
from pipeline.ngrams import (
    LITTLE,
    buckets_of,
    hash_inside,
    hash_pairs,
    hash_words,
    split_words,
)
from pipeline.posting import Posting

if TYPE_CHECKING:
    from pipeline.reading_compiled import Texts

#: What is counted as 1 in `Sums` and in `Block.weights`.
ONE = 2**32
#: 1 + ln(count), by count; a text has no more words than that.
TF = np.concatenate([[0.0], 1 + np.log(np.arange(1, 1 << 16, dtype=np.float64))])

_BLOCKS = ("word", "char", "title")
_NORM, _FRONT = 0, 1


class Block(NamedTuple):
    """What each n-gram of one kind weighs.

    Attributes:
        buckets: of the n-grams that are known, ascending, int32, shape (k,).
        weights: in units of `ONE`: squared idf, and idf times each coefficient (front, and for
            words the sieves'), int64, shape (k + 1, 2 or more); zeros last, for what is unknown.
        lengths: shortest and longest n-gram; of words 1 and 1, or 1 and 2 for pairs too.
    """

    buckets: np.ndarray
    weights: np.ndarray
    lengths: tuple[int, int]

    def find(self, hashed: np.ndarray) -> np.ndarray:
        """Return the rows of ``weights`` for n-grams by their hashes: int64."""
        wanted = buckets_of(hashed)
        at = np.searchsorted(self.buckets, wanted)
        at[at == len(self.buckets)] = 0
        known = (self.buckets[at] == wanted) if len(self.buckets) else np.zeros(len(at), bool)
        return np.where(known, at, len(self.buckets))


class Words(NamedTuple):
    """The different words of a text, and what the n-grams of each add up to.

    Attributes:
        counts: how often each occurs, shape (v,).
        places: which of them stands in each place of the text, shape (words,).
        sums: in units of `ONE`, by column of `Block.weights`: int64, shape (v, columns).
    """

    counts: np.ndarray
    places: np.ndarray
    sums: np.ndarray

    def total(self) -> np.ndarray:
        """Return what the words of the text add up to: int64, shape (columns,)."""
        tf = TF[np.minimum(self.counts, len(TF) - 1)][:, None]
        norms = (tf * tf * self.sums[:, :1]).astype(np.int64)
        rest = (tf * self.sums[:, 1:]).astype(np.int64)
        return np.concatenate([norms.sum(axis=0), rest.sum(axis=0)])


class Sums(NamedTuple):
    """What n postings add up to, by block (word, char, title); in units of `ONE`.

    Attributes:
        norms: of squared tf-idf, int64, shape (n, 3).
        fronts: of tf-idf times the coefficient of front, int64, shape (n, 3).
        sieves: of tf-idf of words times the coefficients of the sieves, int64, (n, sieves).
        words: how many words there are, int64, shape (n,).
    """

    norms: np.ndarray
    fronts: np.ndarray
    sieves: np.ndarray
    words: np.ndarray


class Scorer:
    """Scores postings with the arrays of a model: the numbers of `OfficeClassifier`, to 1e-6.

    scikit-learn takes a second to import; here nothing of it is needed.

    Attributes:
        blocks: word, char and title; one that the model lacks knows no n-gram.
        scale: of the logits: see `pipeline.calibration.temperature`.
        band: postings with ``|p_front - 0.5| < band`` go to review.
        bias: the calibrated logit of front of a posting that holds no known n-gram.
    """

    def __init__(self, state: dict[str, Any]) -> None:
        lengths, start = state["ngrams"], 0
        self.scale, self.band = float(state["scale"]), float(state["band"])
        self.bias = self.scale * float(state["intercept"])
        self._sieves = {kind: float(sieve["intercept"]) for kind, sieve in state["sieves"].items()}
        self._share_map = state["share_logits"], state["shares"]
        coefs: dict[str, np.ndarray] = {}
        for name, learned in state["features"].items():
            coefs[name] = state["coef"][start : start + len(learned["buckets"])]
            start += len(learned["buckets"])
        if start != len(state["coef"]):
            raise ValueError(f"{len(state['coef'])} coefficients for {start} n-grams")
        sieves = [sieve["coef"] for sieve in state["sieves"].values()]
        self.blocks: dict[str, Block] = {}
        for name in _BLOCKS:
            learned = state["features"].get(name, _NOTHING)
            heads = [coefs.get(name, _NOTHING["idf"]), *(sieves if name == "word" else [])]
            span = (1, lengths["word_ngrams"]) if name == "word" else lengths[f"{name}_ngrams"]
            self.blocks[name] = Block(learned["buckets"], _weights(learned, heads), tuple(span))
        self._memory: Any = None

    def sums(self, postings: Sequence[Posting]) -> Sums:
        """Return what cleaned postings add up to."""
        letters = sum(len(title) + len(text) for title, text in postings)
        if "numba" not in sys.modules and letters <= LITTLE:
            return self.sums_little(postings)
        from pipeline.reading_compiled import texts_of

        titles, texts = ([posting[part] for posting in postings] for part in (0, 1))
        return self.sums_much(texts_of(titles), texts_of(texts))

    def sums_much(self, titles: Texts, texts: Texts) -> Sums:
        """Return what cleaned postings add up to, by the compiled kernel."""
        from pipeline.scoring_compiled import Memory, sum_much

        if self._memory is None:
            self._memory = Memory(self.blocks)
        return sum_much(titles, texts, self._memory)

    def sums_little(self, postings: Sequence[Posting]) -> Sums:
        """Return what a few cleaned postings add up to, by numpy alone."""
        sums = Sums(
            np.zeros((len(postings), 3), np.int64),
            np.zeros((len(postings), 3), np.int64),
            np.zeros((len(postings), len(self._sieves)), np.int64),
            np.zeros(len(postings), np.int64),
        )
        for row, posting in enumerate(postings):
            parts = self.words(posting)
            for at, name in enumerate(_BLOCKS):
                total = parts[name].total()
                if name == "word":
                    total += parts["pair"].total()
                    sums.sieves[row] = total[2:]
                sums.norms[row, at], sums.fronts[row, at] = total[_NORM], total[_FRONT]
            sums.words[row] = parts["word"].counts.sum()
        return sums

    def words(self, posting: Posting) -> dict[str, Words]:
        """Return the different words of a cleaned posting and what they add to each block.

        Returns:
            ``word``, ``pair`` (of neighbours) and ``char`` of title and text, ``title``.
        """
        whole = split_words(codes_of(fold(f"{posting.title}\n{posting.text}")))
        title = split_words(codes_of(fold(posting.title)))
        hashed = hash_words(*whole)
        pairs = hash_pairs(hashed) if self.blocks["word"].lengths[1] == 2 else hashed[:0]
        return {
            "word": self._whole(hashed),
            "pair": self._whole(pairs),
            "char": self._inside("char", hashed, *whole),
            "title": self._inside("title", hash_words(*title), *title),
        }

    def _whole(self, hashed: np.ndarray) -> Words:
        """Return words or pairs that are n-grams themselves."""
        different, places, counts = np.unique(hashed, return_inverse=True, return_counts=True)
        block = self.blocks["word"]
        return Words(counts, places, block.weights[block.find(different)])

    def _inside(
        self,
        name: str,
        hashed: np.ndarray,
        letters: np.ndarray,
        starts: np.ndarray,
        _: np.ndarray,
    ) -> Words:
        """Return words with the character n-grams inside them."""
        block = self.blocks[name]
        different, first, places, counts = np.unique(
            hashed, return_index=True, return_inverse=True, return_counts=True
        )
        holders, ngrams = hash_inside(letters, starts, *block.lengths)
        once = first[places[holders]] == holders  # each word in the place where it stands first
        owner, column = places[holders[once]], block.find(ngrams[once])
        width = len(block.weights)
        cell, times = np.unique(owner * width + column, return_counts=True)
        sums = np.zeros((len(different), block.weights.shape[1]), np.int64)
        factor = np.stack([times * times] + [times] * (sums.shape[1] - 1), axis=1)
        np.add.at(sums, cell // width, factor * block.weights[cell % width])
        return Words(counts, places, sums)

    def logits(self, sums: Sums) -> np.ndarray:
        """Return the calibrated logits of front: float64, shape (n,)."""
        parts = normed(sums.fronts, sums.norms)
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
        at = list(self._sieves).index(kind)
        return normed(sums.sieves[:, at], sums.norms[:, 0]) + self._sieves[kind] > 0


_NOTHING = {"buckets": np.zeros(0, np.int32), "idf": np.zeros(0, np.float32), "length": 1.0}


def _weights(learned: dict[str, Any], coefs: list[np.ndarray]) -> np.ndarray:
    """Return `Block.weights` of what `PostingFeatures` learned and the heads' coefficients."""
    idf = learned["idf"].astype(np.float64)
    products = [idf * learned["length"] * coef.astype(np.float64) for coef in coefs]
    weights = np.stack([idf * idf, *products], axis=1) * ONE
    return np.pad(weights.astype(np.int64), ((0, 1), (0, 0)))


def sigmoid(logits: np.ndarray) -> np.ndarray:
    """Return the probabilities of logits; none is too large."""
    return 1.0 / (1.0 + np.exp(-np.clip(logits, -500, 500)))


def normed(sums: np.ndarray, norms: np.ndarray) -> np.ndarray:
    """Return sums as if each row had been divided by its length before: float64."""
    return sums / ONE / np.sqrt(np.maximum(norms, 1) / ONE)
