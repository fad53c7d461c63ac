"""The compiled way of `pipeline.scoring`: from UTF-8 bytes to sums in one pass, on all cores."""

from __future__ import annotations

import numba
import numpy as np
from numba.core import types
from numba.extending import intrinsic

from pipeline.letters import IN_WORD, LOWER
from pipeline.ngrams import BUCKETS, HASH_OFFSET, HASH_PAIR, HASH_PRIME, MAX_LETTERS
from pipeline.reading_compiled import ONE_AT_A_TIME, Texts, bucket_of, listed, mixed, next_code
from pipeline.scoring import ONE, TF, Columns, Sums

_OFFSET, _PRIME, _PAIR = HASH_OFFSET, HASH_PRIME, HASH_PAIR
_SIX, _LAST, _BIT = np.int32(6), np.int32(63), np.uint64(1)
_ONE = float(ONE)
# Words whose columns a thread remembers, by the last bits of their hash, and room for the columns.
_SLOTS, _ROOM = 1 << 15, 1 << 18
_SLOT = np.uint64(_SLOTS - 1)


class Index:
    """Which column an n-gram has, by a bit for each bucket and how many there are before it.

    Attributes:
        bits: uint64, one bit a bucket.
        before: bits set before each of them, int32.
    """

    def __init__(self, buckets: np.ndarray) -> None:
        truth = np.zeros(BUCKETS, np.uint8)
        truth[buckets] = 1
        self.bits = np.packbits(truth, bitorder="little").view(np.uint64)
        counts = truth.reshape(-1, 64).sum(axis=1, dtype=np.int32)
        self.before = np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.int32)


def sum_much(titles: Texts, texts: Texts, columns: Columns, indexes: tuple[Index, ...]) -> Sums:
    """Return the sums of cleaned postings: see `pipeline.scoring.Sums`.

    Args:
        titles, texts: n each.
        columns: of the blocks word, char and title.
        indexes: of the same.
    """
    n = len(texts.starts)
    sums = Sums(
        np.zeros((n, 3), np.int64),
        np.zeros((n, 3), np.int64),
        np.zeros((n, columns.heads.shape[1]), np.int64),
        np.zeros(n, np.int64),
    )
    arrays = [array for index in indexes for array in (index.bits, index.before)]
    with ONE_AT_A_TIME:
        chunks = max(1, min(2 * numba.get_num_threads(), n // 50))
        bounds = np.linspace(0, n, chunks + 1).astype(np.int64)
        _sum(
            bounds, *titles, *texts, IN_WORD, LOWER, TF, *arrays,
            columns.word, columns.heads, columns.char, columns.title,
            columns.words, columns.chars, columns.titles, *sums,
        )  # fmt: skip
    return sums


@intrinsic
def _ones(typing, word):  # type: ignore[no-untyped-def]
    """Return how many bits of a uint64 are set."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        return builder.ctpop(arguments[0])

    return types.uint64(types.uint64), generate


@numba.njit(cache=True, inline="always")
def _column(hashed, bits, before, unknown):  # type: ignore[no-untyped-def]
    """Return the column of an n-gram by its hash, or what stands for unknown ones; no branch."""
    bucket = bucket_of(hashed)
    word = bits[bucket >> _SIX]
    bit = _BIT << np.uint64(bucket & _LAST)
    rank = before[bucket >> _SIX] + np.int32(_ones(word & (bit - _BIT)))
    return rank if word & bit else unknown


@numba.njit(cache=True)
def _columns(word, letters, lengths, bits, before, found):  # type: ignore[no-untyped-def]
    """Write the columns of a word's character n-grams, a blank at both ends; return how many."""
    shortest, longest = lengths
    whole, n = letters + 2, 0
    for start in range(max(whole - shortest + 1, 1)):
        hashed = _OFFSET
        for place in range(start, min(start + longest, whole)):
            hashed = (hashed ^ word[place]) * _PRIME
            length = place - start + 1
            if length >= shortest or length == whole:
                column = _column(hashed, bits, before, np.int32(-1))
                if column >= 0:
                    found[n] = column
                    n += 1
    return n


@numba.njit(cache=True, inline="always")
def _count(column, counts, touched, n):  # type: ignore[no-untyped-def]
    """Count a column once more; return how many columns were touched so far; no branch."""
    touched[n] = column
    n += counts[column] == 0
    counts[column] += np.uint32(1)
    return n


@numba.njit(cache=True)
def _add(row, block, weights, heads, counts, touched, n, tf, norms, fronts, in_heads):  # type: ignore[no-untyped-def]
    """Add up what the touched columns weigh, and make them untouched."""
    norm, front, most = np.int64(0), np.int64(0), np.uint32(len(tf) - 1)
    for at in range(n):
        column = touched[at]
        value = tf[min(counts[column], most)] * weights[column, 0]
        counts[column] = 0
        norm += np.int64(value * value * _ONE)
        front += np.int64(value * weights[column, 1] * _ONE)
        for head in range(heads.shape[1]):
            in_heads[row, head] += np.int64(value * heads[column, head] * _ONE)
    norms[row, block] = norm
    fronts[row, block] = front


@numba.njit(cache=True, parallel=True)
def _sum(  # type: ignore[no-untyped-def]
    bounds, title_data, title_starts, title_ends, data, starts, ends, in_word, lower, tf,
    word_bits, word_before, char_bits, char_before, title_bits, title_before,
    of_word, of_heads, of_char, of_title, words, char_lengths, title_lengths,
    norms, fronts, heads, n_words,
):  # fmt: skip
    no_word = np.int32(len(of_word) - 1)
    no_heads = np.empty((0, 0), np.float32)
    most = (MAX_LETTERS + 2) * (char_lengths[1] + title_lengths[1])
    for chunk in numba.prange(len(bounds) - 1):
        word_counts = np.zeros(len(of_word), np.uint32)
        char_counts = np.zeros(len(of_char), np.uint32)
        title_counts = np.zeros(len(of_title), np.uint32)
        word_touched = np.empty(len(of_word) + 1, np.int32)
        char_touched = np.empty(len(of_char) + 1, np.int32)
        title_touched = np.empty(len(of_title) + 1, np.int32)
        word, found = np.empty(MAX_LETTERS + 2, np.uint64), np.empty(most, np.int32)
        word[0] = 32
        # What is remembered of a word: its hash, its own column, and its characters' in the room.
        known, own = np.zeros(_SLOTS, np.uint64), np.empty(_SLOTS, np.int32)
        first, last = np.empty(_SLOTS, np.int32), np.empty(_SLOTS, np.int32)
        room, filled = np.empty(_ROOM, np.int32), 0
        for row in range(bounds[chunk], bounds[chunk + 1]):
            n_word, n_char, n_title, letters = 0, 0, 0, 0
            hashed, before = _OFFSET, np.uint64(0)
            for part in range(2):
                text = title_data if part == 0 else data
                place = title_starts[row] if part == 0 else starts[row]
                end = title_ends[row] if part == 0 else ends[row]
                while place <= end:
                    code, inside = np.uint64(0), False
                    if place < end:
                        code, place = next_code(text, place)
                        inside = listed(code, in_word, True)
                        if code < len(lower):
                            code = np.uint64(lower[code])
                    else:
                        place += 1
                    if inside:
                        if letters < MAX_LETTERS:
                            letters += 1
                            word[letters] = code
                            hashed = (hashed ^ code) * _PRIME
                    elif letters:
                        n_words[row] += 1
                        word[letters + 1] = 32
                        slot = np.int64(mixed(hashed) & _SLOT)
                        if known[slot] != hashed:
                            n = _columns(word, letters, char_lengths, char_bits, char_before, found)
                            if filled + n > _ROOM:
                                known[:] = 0
                                filled = 0
                            room[filled : filled + n] = found[:n]
                            known[slot], own[slot] = (
                                hashed,
                                _column(hashed, word_bits, word_before, np.int32(len(of_word))),
                            )
                            first[slot], last[slot] = filled, filled + n
                            filled += n
                        n_word = _count(own[slot], word_counts, word_touched, n_word)
                        for at in range(first[slot], last[slot]):
                            n_char = _count(room[at], char_counts, char_touched, n_char)
                        if words == 2 and n_words[row] > 1:
                            column = _column(
                                (before ^ _PAIR) * _PRIME ^ hashed, word_bits, word_before, no_word
                            )
                            n_word = _count(column, word_counts, word_touched, n_word)
                        if part == 0:
                            for at in range(
                                _columns(
                                    word, letters, title_lengths, title_bits, title_before, found
                                )
                            ):
                                n_title = _count(found[at], title_counts, title_touched, n_title)
                        before, letters, hashed = hashed, 0, _OFFSET
            _add(row, 0, of_word, of_heads, word_counts, word_touched, n_word, tf,
                 norms, fronts, heads)  # fmt: skip
            _add(row, 1, of_char, no_heads, char_counts, char_touched, n_char, tf,
                 norms, fronts, heads)  # fmt: skip
            _add(row, 2, of_title, no_heads, title_counts, title_touched, n_title, tf,
                 norms, fronts, heads)  # fmt: skip
