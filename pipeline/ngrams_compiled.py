"""The compiled kernel of `pipeline.ngrams`: one pass over the bytes of many texts, on all cores."""

from __future__ import annotations

import numba
import numpy as np

from pipeline.letters import IN_WORD
from pipeline.ngrams import HASH_OFFSET, HASH_PAIR, HASH_PRIME, MAX_LETTERS
from pipeline.reading_compiled import ONE_AT_A_TIME, bucket_of, listed, next_code

_OFFSET, _PRIME, _PAIR = HASH_OFFSET, HASH_PRIME, HASH_PAIR


def collect(
    data: np.ndarray, offsets: np.ndarray, words: int, shortest: int, longest: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return starts, buckets and counts: see `pipeline.ngrams.Ngrams`.

    Args:
        data: valid UTF-8, uint8.
        offsets: where each text begins in it, and where the last one ends: int64, shape (n + 1,).
        words: 0 for none, 1 for words, 2 for pairs too.
        shortest, longest: character n-grams; 0 for none.
    """
    n = len(offsets) - 1
    # A word of so many letters has at most one more n-gram of each length, and one of words and
    # pairs; with the gap behind it that is no more than its bytes and one for the text's end.
    kinds = (words > 0) + max(longest - max(shortest, 2) + 1, 0)
    room = np.concatenate([[0], np.cumsum((np.diff(offsets) + 1) * kinds)])
    with ONE_AT_A_TIME:
        found = np.empty(room[-1], np.int32)
        filled, kept = np.zeros(n, np.int64), np.zeros(n + 1, np.int64)
        _fill(data, offsets, IN_WORD, words, max(shortest, 2), longest, room, found, filled, kept)
        starts = np.cumsum(kept)
        buckets, counts = np.empty(starts[-1], np.int32), np.empty(starts[-1], np.int32)
        _compact(room, filled, starts, found, buckets, counts)
    return starts, buckets, counts


@numba.njit(cache=True, parallel=True)
def _fill(  # type: ignore[no-untyped-def]
    data, offsets, in_word, words, shortest, longest, room, found, filled, kept
):
    """Write the buckets of each text, ascending; how many there are, how many different ones."""
    for row in numba.prange(len(offsets) - 1):
        place, end = offsets[row], offsets[row + 1]
        word = np.empty(MAX_LETTERS + 2, np.uint64)
        word[0] = 32
        letters, at, before = 0, room[row], np.uint64(0)
        while True:
            inside = False
            code = np.uint64(0)
            if place < end:
                code, place = next_code(data, place)
                inside = listed(code, in_word, True)
            else:
                place += 1
            if inside:
                if letters < MAX_LETTERS:
                    letters += 1
                    word[letters] = code
            elif letters:
                word[letters + 1] = 32
                if words:
                    hashed = _OFFSET
                    for letter in range(1, letters + 1):
                        hashed = (hashed ^ word[letter]) * _PRIME
                    found[at] = bucket_of(hashed)
                    at += 1
                    if words == 2 and before:
                        found[at] = bucket_of((before ^ _PAIR) * _PRIME ^ hashed)
                        at += 1
                    before = hashed
                for length in range(shortest, longest + 1):
                    for start in range(max(letters + 2 - length + 1, 1)):
                        hashed = _OFFSET
                        for letter in range(start, min(start + length, letters + 2)):
                            hashed = (hashed ^ word[letter]) * _PRIME
                        found[at] = bucket_of(hashed)
                        at += 1
                    if letters + 2 <= length:
                        break
                letters = 0
            if place > end:
                break
        filled[row] = at - room[row]
        own = found[room[row] : at]
        own.sort()
        different = 0
        for number in range(len(own)):
            if number == 0 or own[number] != own[number - 1]:
                different += 1
        kept[row + 1] = different


@numba.njit(cache=True, parallel=True)
def _compact(room, filled, starts, found, buckets, counts):  # type: ignore[no-untyped-def]
    """Write each bucket of a row once, with its count."""
    for row in numba.prange(len(starts) - 1):
        at = starts[row] - 1
        for number in range(room[row], room[row] + filled[row]):
            if number == room[row] or found[number] != found[number - 1]:
                at += 1
                buckets[at] = found[number]
                counts[at] = 0
            counts[at] += 1
