"""The compiled way of `pipeline.scoring`: from UTF-8 bytes to sums in one pass, on all cores.

What takes time is memory. So a posting's words are counted in a table small enough for the nearest
cache; what a word adds is looked up once a posting, and remembered for the next ones.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numba.core import types
from numba.extending import intrinsic

from pipeline.letters import IN_WORD, LOWER
from pipeline.ngrams import BUCKETS, HASH_OFFSET, HASH_PAIR, HASH_PRIME, MAX_LETTERS
from pipeline.reading_compiled import ONE_AT_A_TIME, Texts, bucket_of, mixed, most_cores, read_words
from pipeline.scoring import TF, Block, Sums

_OFFSET, _PRIME, _PAIR = HASH_OFFSET, HASH_PRIME, HASH_PAIR
_SIX, _LAST, _BIT = np.uint32(6), np.uint32(63), np.uint64(1)
# Words that a thread remembers, by the last bits of their hash.
_SLOTS = 1 << 17
_SLOT = np.uint64(_SLOTS - 1)


class Memory:
    """What the threads remember of words from one call to the next: 4 MB each.

    Attributes:
        known: hashes of words, each in its slot, uint64, shape (threads, slots).
        sums: of each its row of the weights, and what its letters add, norm and front: int64,
            shape (threads, slots, 3).
    """

    def __init__(self, blocks: dict[str, Block]) -> None:
        self.blocks = blocks
        self.ranks = [_ranks_of(blocks[name].buckets) for name in ("word", "char", "title")]
        # For as many as there can be: whoever calls first may use fewer than the next.
        threads = most_cores()
        self.known = np.zeros((threads, _SLOTS), np.uint64)
        self.sums = np.zeros((threads, _SLOTS, 3), np.int64)


def _ranks_of(buckets: np.ndarray) -> np.ndarray:
    """Return a bit for each bucket that is known, and how many there are before: uint64, (k, 2)."""
    truth = np.zeros(BUCKETS, np.uint8)
    truth[buckets] = 1
    bits = np.packbits(truth, bitorder="little").view(np.uint64)
    counts = truth.reshape(-1, 64).sum(axis=1, dtype=np.uint64)
    return np.stack([bits, np.cumsum(counts) - counts], axis=1)


def sum_much(titles: Texts, texts: Texts, memory: Memory) -> Sums:
    """Return what n cleaned postings add up to: see `pipeline.scoring.Sums`."""
    n = len(texts.starts)
    word, char, title = (memory.blocks[name] for name in ("word", "char", "title"))
    sums = Sums(
        np.zeros((n, 3), np.int64),
        np.zeros((n, 3), np.int64),
        np.zeros((n, word.weights.shape[1] - 2), np.int64),
        np.zeros(n, np.int64),
    )
    with ONE_AT_A_TIME:
        bounds = np.linspace(0, n, numba.get_num_threads() + 1).astype(np.int64)
        _sum(  # type: ignore[call-arg]
            bounds, *titles, *texts, IN_WORD, LOWER, TF, *memory.ranks,
            word.weights, char.weights, title.weights,
            word.lengths[1], char.lengths, title.lengths,
            memory.known, memory.sums, *sums,
        )  # fmt: skip
    return sums


def _count_ones(typing: Any, word: Any) -> Any:
    """Return how many bits of a uint64 are set."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return types.uint64(types.uint64), generate


_ones: Any = intrinsic(_count_ones)


@numba.njit(cache=True, inline="always")
def _row(hashed, ranks, unknown):  # type: ignore[no-untyped-def]
    """Return the row of an n-gram's weights by its hash; no branch."""
    bucket = np.uint32(bucket_of(hashed))
    bits = ranks[bucket >> _SIX, 0]
    bit = _BIT << np.uint64(bucket & _LAST)
    rank = np.uint32(ranks[bucket >> _SIX, 1] + _ones(bits & (bit - _BIT)))
    return rank if bits & bit else unknown


@numba.njit(cache=True)
def _add_letters(letters, begin, lengths, ranks, weights, rows, added):  # type: ignore[no-untyped-def]
    """Write what the character n-grams of a word add: to the norm, and to front."""
    shortest, longest = lengths
    first, last, n, unknown = begin - 1, begin, 0, np.uint32(len(weights) - 1)
    while letters[last] != 32:
        last += 1
    for start in range(first, max(last - shortest + 2, first + 1)):
        hashed = _OFFSET
        for place in range(start, min(start + longest, last + 1)):
            hashed = (hashed ^ letters[place]) * _PRIME
            if place - start + 1 >= shortest or (start == first and place == last):
                rows[n] = _row(hashed, ranks, unknown)
                n += rows[n] != unknown
    norm, front = np.int64(0), np.int64(0)
    for number in range(n):
        times = 1  # and once more for each time that it stood there before: 1 + 3 + 5 ... = n * n
        for earlier in range(number):
            times += 2 * (rows[earlier] == rows[number])
        norm += times * weights[rows[number], 0]
        front += weights[rows[number], 1]
    added[0], added[1] = norm, front


@numba.njit(cache=True, inline="always")
def _count(hashed, mask, table, numbers, counts, slots, n):  # type: ignore[no-untyped-def]
    """Count a hash in an open table; return how many different ones there are."""
    at = mixed(hashed) & mask
    while numbers[at] and table[at] != hashed:
        at = (at + _BIT) & mask
    if numbers[at] == 0:
        table[at], slots[n], counts[n] = hashed, at, 0
        n += 1
        numbers[at] = n
    counts[numbers[at] - 1] += 1
    return n


@numba.njit(cache=True)
def _add_rows(row, weights, rows, counts, n, tf, norms, fronts, sieves):  # type: ignore[no-untyped-def]
    """Add up the weights of words and pairs, each as often as it was counted."""
    norm, front = np.int64(0), np.int64(0)
    for number in range(n):
        times, own = tf[min(counts[number], len(tf) - 1)], rows[number]
        norm += np.int64(times * times * weights[own, 0])
        front += np.int64(times * weights[own, 1])
        for sieve in range(sieves.shape[1]):
            sieves[row, sieve] += np.int64(times * weights[own, 2 + sieve])
    norms[row, 0], fronts[row, 0] = norm, front


@numba.njit(cache=True)
def _add_words(row, block, added, counts, n, tf, norms, fronts):  # type: ignore[no-untyped-def]
    """Add up what the letters of words add, each as often as the word was counted."""
    norm, front = np.int64(0), np.int64(0)
    for number in range(n):
        times = tf[min(counts[number], len(tf) - 1)]
        norm += np.int64(times * times * added[number, 0])
        front += np.int64(times * added[number, 1])
    norms[row, block], fronts[row, block] = norm, front


@numba.njit(cache=True, parallel=True, nogil=True)
def _sum(  # type: ignore[no-untyped-def]
    bounds, title_data, title_starts, title_ends, data, starts, ends, in_word, lower, tf,
    word_ranks, char_ranks, title_ranks, of_word, of_char, of_title,
    longest, char_lengths, title_lengths, all_known, all_sums,
    norms, fronts, sieves, n_words,
):  # fmt: skip
    unknown = np.uint32(len(of_word) - 1)
    for chunk in numba.prange(len(bounds) - 1):
        most = 4
        for row in range(bounds[chunk], bounds[chunk + 1]):
            most = max(most, title_ends[row] - title_starts[row] + ends[row] - starts[row] + 4)
        letters = np.empty(2 * most, np.uint64)
        begins, hashes = np.empty(most, np.int64), np.empty(most, np.uint64)
        ngrams = np.empty((MAX_LETTERS + 2) * (char_lengths[1] + title_lengths[1]), np.uint32)
        size = 16
        while size < 2 * most:
            size *= 2
        table, numbers = np.empty(size, np.uint64), np.zeros(size, np.int32)
        slots, counts = np.empty(most, np.uint64), np.empty(most, np.int32)
        rows, added = np.empty(most, np.uint32), np.empty((most, 2), np.int64)
        known, sums = all_known[chunk], all_sums[chunk]
        letters[0] = 32
        for row in range(bounds[chunk], bounds[chunk + 1]):
            in_title, at = read_words(
                title_data, title_starts[row], title_ends[row],
                in_word, lower, letters, begins, hashes, 0, 1,
            )  # fmt: skip
            in_all, _ = read_words(
                data, starts[row], ends[row], in_word, lower, letters, begins, hashes, in_title, at
            )
            n_words[row] = in_all
            size = 16
            while size < 4 * in_all:
                size *= 2
            mask, n = np.uint64(size - 1), 0
            for number in range(in_all):
                hashed, before = hashes[number], n
                n = _count(hashed, mask, table, numbers, counts, slots, n)
                if n > before:
                    slot = mixed(hashed) & _SLOT
                    if known[slot] != hashed:
                        known[slot] = hashed
                        sums[slot, 0] = _row(hashed, word_ranks, unknown)
                        _add_letters(
                            letters, begins[number], char_lengths,
                            char_ranks, of_char, ngrams, sums[slot, 1:],
                        )  # fmt: skip
                    rows[before] = sums[slot, 0]
                    added[before, 0], added[before, 1] = sums[slot, 1], sums[slot, 2]
            _add_words(row, 1, added, counts, n, tf, norms, fronts)
            for number in range(1, in_all * (longest == 2)):
                hashed, before = (hashes[number - 1] ^ _PAIR) * _PRIME ^ hashes[number], n
                pair = _row(hashed, word_ranks, unknown)
                if pair != unknown:
                    n = _count(hashed, mask, table, numbers, counts, slots, n)
                    rows[n - 1] = pair if n > before else rows[n - 1]
            _add_rows(row, of_word, rows, counts, n, tf, norms, fronts, sieves)
            for number in range(n):
                numbers[slots[number]] = 0
            n = 0
            for number in range(in_title):
                before = n
                n = _count(hashes[number], mask, table, numbers, counts, slots, n)
                if n > before:
                    _add_letters(
                        letters, begins[number], title_lengths,
                        title_ranks, of_title, ngrams, added[before],
                    )  # fmt: skip
            _add_words(row, 2, added, counts, n, tf, norms, fronts)
            for number in range(n):
                numbers[slots[number]] = 0
