"""The n-grams of texts: words, word pairs, and character n-grams inside words.

An n-gram is known by a hash of its characters: its *bucket*, a number below `BUCKETS`. No table of
n-grams is needed, so a text is read once, and the same text gives the same buckets in every
company. Two n-grams may share a bucket: with a million of them in four million buckets one in five
does, mostly with one that no posting shows.

Much text goes through the compiled kernel (`pipeline.ngrams_compiled`); for a posting or two numpy
is done before the kernel would be loaded. Both give the same numbers.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from pipeline.letters import IN_WORD, codes_of, look_up

BUCKETS = 1 << 22
#: Letters of a word beyond this are left out: no word is so long, a broken file may be.
MAX_LETTERS = 64

# FNV-1a, 64 bit (Fowler, Noll, Vo); the finaliser is that of MurmurHash3 (Appleby).
HASH_OFFSET, HASH_PRIME = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)
HASH_PAIR = np.uint64(0x9E3779B97F4A7C15)
MIX_1, MIX_2 = np.uint64(0xFF51AFD7ED558CCD), np.uint64(0xC4CEB9FE1A85EC53)

BLANK = 32
#: Up to so many letters numpy is quicker than loading the compiled kernels.
LITTLE = 50_000


class Ngrams(NamedTuple):
    """The n-grams of n texts, row by row as in a CSR matrix.

    Attributes:
        starts: int64, shape (n + 1,): where each row begins in the others.
        buckets: int32, ascending in each row, each once.
        counts: int32, how often each occurs in its row.
    """

    starts: np.ndarray
    buckets: np.ndarray
    counts: np.ndarray


def word_ngrams(texts: Sequence[str], longest: int = 2) -> Ngrams:
    """Return words and, with ``longest`` 2, pairs of neighbours, of each text.

    Args:
        texts: lower-cased, without lone surrogates; length n.
        longest: 1 or 2 words.
    """
    return _collect(texts, longest, 0, 0)


def char_ngrams(texts: Sequence[str], shortest: int, longest: int) -> Ngrams:
    """Return the character n-grams inside the words of each text, ends marked by a blank.

    A word that is shorter than the shortest n-gram counts whole, once.

    Args:
        texts: lower-cased, without lone surrogates; length n.
        shortest, longest: letters of an n-gram, the blanks included; 2 at least.

    Raises:
        ValueError: ``shortest`` is less than 2.
    """
    if shortest < 2:
        raise ValueError(f"a character n-gram has 2 letters at least, not {shortest}")
    return _collect(texts, 0, shortest, longest)


def _collect(texts: Sequence[str], words: int, shortest: int, longest: int) -> Ngrams:
    if "numba" not in sys.modules and sum(map(len, texts)) <= LITTLE:
        return collect_little(texts, words, shortest, longest)
    from pipeline.ngrams_compiled import collect

    encoded = [text.encode() for text in texts]
    offsets = np.cumsum([0, *map(len, encoded)], dtype=np.int64)
    data = np.frombuffer(b"".join(encoded), np.uint8)
    return Ngrams(*collect(data, offsets, words, shortest, longest))


def collect_little(texts: Sequence[str], words: int, shortest: int, longest: int) -> Ngrams:
    """Return the n-grams of a few texts, by numpy alone: what the compiled kernel returns."""
    rows = []
    for text in texts:
        letters, starts, lengths = split_words(codes_of(text))
        hashes = []
        if words and len(starts):
            hashes.append(hash_words(letters, starts, lengths))
            if words == 2:
                first, second = hashes[0][:-1], hashes[0][1:]
                hashes.append((first ^ HASH_PAIR) * HASH_PRIME ^ second)
        for length in range(3, longest + 1):
            hashes.append(hash_windows(letters, length, whole=length < shortest))
        if shortest == 2:
            hashes.append(hash_windows(letters, 2, whole=False))
        rows.append(np.unique(_bucket(np.concatenate([*hashes, np.zeros(0, np.uint64)])),
                              return_counts=True))  # fmt: skip
    return Ngrams(
        np.cumsum([0, *(len(buckets) for buckets, _ in rows)], dtype=np.int64),
        np.concatenate([np.zeros(0, np.int32), *(buckets for buckets, _ in rows)]),
        np.concatenate([np.zeros(0, np.int32), *(counts.astype(np.int32) for _, counts in rows)]),
    )


def split_words(codes: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the words' letters with one blank around each, and the words' starts and lengths.

    Args:
        codes: code points of a text, lower-cased.
    """
    inside = look_up(IN_WORD, codes, unlisted=True)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], inside, [False]]).astype(np.int8)))
    starts, lengths = edges[0::2], np.minimum(edges[1::2] - edges[0::2], MAX_LETTERS)
    padded = np.full(int(lengths.sum()) + len(lengths) + 1, BLANK, np.uint64)
    at = np.concatenate([[1], np.cumsum(lengths + 1) + 1])[: len(lengths)].astype(np.int64)
    step = np.arange(int(lengths.sum())) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    padded[np.repeat(at, lengths) + step] = codes[np.repeat(starts, lengths) + step]
    return padded, at, lengths


def hash_words(letters: np.ndarray, starts: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Return the hashes of words by their letters: uint64, shape (words,)."""
    hashed = np.full(len(starts), HASH_OFFSET)
    for place in range(int(lengths.max())):
        long = lengths > place
        hashed[long] = (hashed[long] ^ letters[starts[long] + place]) * HASH_PRIME
    return hashed


def hash_windows(letters: np.ndarray, length: int, whole: bool) -> np.ndarray:
    """Return the hashes of all runs of letters that hold no blank but at their ends.

    Args:
        whole: only those that are a whole word, a blank at both ends.
    """
    n = len(letters) - length + 1
    if n <= 0:
        return np.zeros(0, np.uint64)
    hashed = np.full(n, HASH_OFFSET)
    for place in range(length):
        hashed = (hashed ^ letters[place : place + n]) * HASH_PRIME
    blank = letters == BLANK
    before = np.concatenate([[0], np.cumsum(blank)])
    kept = before[length - 1 : length - 1 + n] == before[1 : n + 1]
    if whole:
        kept &= blank[:n] & blank[length - 1 :]
    return hashed[kept]


def mix(hashed: np.ndarray) -> np.ndarray:
    """Return hashes with their bits well mixed, so that any few of them tell two apart."""
    for factor in (MIX_1, MIX_2):
        hashed = (hashed ^ (hashed >> np.uint64(33))) * factor
    return hashed ^ (hashed >> np.uint64(33))


def _bucket(hashed: np.ndarray) -> np.ndarray:
    return (mix(hashed) & np.uint64(BUCKETS - 1)).astype(np.int32)
