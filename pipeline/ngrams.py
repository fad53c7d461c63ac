"""Words, word pairs, and character n-grams inside words, each known by a hash of its characters.

The *bucket* of an n-gram is a number below `BUCKETS`. No table of n-grams is needed, so a text is
read once, and the same text gives the same buckets in every company. Two n-grams may share a
bucket: with a million of them in four million buckets one in five does, mostly with one that no
posting shows.

What stands here is by numpy, for a posting or two; much text goes through the compiled kernels
(`pipeline.ngrams_compiled`, `pipeline.scoring_compiled`), which give the same numbers.
"""

from __future__ import annotations

import numpy as np

from pipeline.letters import IN_WORD, look_up

BUCKETS = 1 << 22
#: Letters of a word beyond this are left out: no word is so long, a broken file may be.
MAX_LETTERS = 64
#: Up to so many letters numpy is done before the compiled kernels are loaded.
LITTLE = 50_000

BLANK = 32
# FNV-1a, 64 bit (Fowler, Noll, Vo); the finaliser is that of MurmurHash3 (Appleby).
HASH_OFFSET, HASH_PRIME = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)
HASH_PAIR = np.uint64(0x9E3779B97F4A7C15)
MIX_1, MIX_2 = np.uint64(0xFF51AFD7ED558CCD), np.uint64(0xC4CEB9FE1A85EC53)


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
    for place in range(int(lengths.max(initial=0))):
        long = lengths > place
        hashed[long] = (hashed[long] ^ letters[starts[long] + place]) * HASH_PRIME
    return hashed


def hash_pairs(words: np.ndarray) -> np.ndarray:
    """Return the hashes of neighbours by the hashes of the words: uint64, shape (words - 1,)."""
    return (words[:-1] ^ HASH_PAIR) * HASH_PRIME ^ words[1:]


def hash_inside(
    letters: np.ndarray, starts: np.ndarray, shortest: int, longest: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return which word holds each character n-gram, and the hash of the n-gram.

    The blank before and behind a word are letters of it; a word that is shorter than the shortest
    n-gram counts whole, once.

    Args:
        letters, starts: see `split_words`.
        shortest, longest: letters of an n-gram, the blanks included; 2 at least.
    """
    blank = letters == BLANK
    before = np.concatenate([[0], np.cumsum(blank)])
    places, hashes = [np.zeros(0, np.int64)], [np.zeros(0, np.uint64)]
    for length in range(2, min(longest, len(letters)) + 1):
        n = len(letters) - length + 1
        kept = before[length - 1 : length - 1 + n] == before[1 : n + 1]  # blanks at ends only
        if length < shortest:
            kept &= blank[:n] & blank[length - 1 :]
        hashed = np.full(n, HASH_OFFSET)
        for place in range(length):
            hashed = (hashed ^ letters[place : place + n]) * HASH_PRIME
        places.append(np.flatnonzero(kept))
        hashes.append(hashed[kept])
    return np.searchsorted(starts, np.concatenate(places) + 1, "right") - 1, np.concatenate(hashes)


def mix(hashed: np.ndarray) -> np.ndarray:
    """Return hashes with their bits well mixed, so that any few of them tell two apart."""
    for factor in (MIX_1, MIX_2):
        hashed = (hashed ^ (hashed >> np.uint64(33))) * factor
    return hashed ^ (hashed >> np.uint64(33))


def buckets_of(hashed: np.ndarray) -> np.ndarray:
    """Return the buckets of n-grams by their hashes: int32."""
    return (mix(hashed) & np.uint64(BUCKETS - 1)).astype(np.int32)
