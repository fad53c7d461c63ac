"""The kernel: one compiled pass over the UTF-8 bytes of an Arrow string column, n-grams out.

An n-gram is known by a hash of its characters: its *bucket*, a number below `BUCKETS`. No table of
n-grams is needed, so a text is read once, on all cores, and the same text gives the same buckets
in every batch. Two n-grams may share a bucket; with a million of them in four million buckets
one in five does, mostly with one that no posting shows.
"""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

BUCKETS = 1 << 22
#: Letters of a word beyond this are left out: no word is so long, a broken file may be.
MAX_LETTERS = 64

# Beyond the list stand scripts that need none (Han, Hangul), then pictures, which are no words.
_LISTED, _PICTURES = 0x3000, 0x1F000
_IN_WORD = np.array([chr(code).isalnum() or chr(code) == "_" for code in range(_LISTED)])

# FNV-1a, 64 bit (Fowler, Noll, Vo); the finaliser is that of MurmurHash3 (Appleby).
_OFFSET, _PRIME = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)
_MIX_1, _MIX_2 = np.uint64(0xFF51AFD7ED558CCD), np.uint64(0xC4CEB9FE1A85EC53)
_PAIR = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(33)
_MASK = np.uint64(BUCKETS - 1)


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


def word_ngrams(texts: pa.Array, longest: int = 2) -> Ngrams:
    """Return words and, with ``longest`` 2, pairs of neighbours, of each text.

    Args:
        texts: strings, length n, null as "". Case makes no difference.
        longest: 1 or 2 words.
    """
    return _collect(texts, longest, 0, 0)


def char_ngrams(texts: pa.Array, shortest: int, longest: int) -> Ngrams:
    """Return the character n-grams inside the words of each text, ends marked by a blank.

    A word shorter than an n-gram counts whole, once.

    Args:
        texts: strings, length n, null as "". Case makes no difference.
        shortest, longest: letters of an n-gram, the blanks included.
    """
    return _collect(texts, 0, shortest, longest)


def _collect(texts: pa.Array, words: int, shortest: int, longest: int) -> Ngrams:
    lowered = pc.utf8_lower(pc.fill_null(texts, "").cast(pa.large_string()))
    n = len(lowered)
    if n == 0:
        return Ngrams(np.zeros(1, np.int64), np.zeros(0, np.int32), np.zeros(0, np.int32))
    _, ends, content = lowered.buffers()
    offsets = np.frombuffer(ends, np.int64)[lowered.offset : lowered.offset + n + 1]
    data = np.frombuffer(content, np.uint8) if content else np.zeros(0, np.uint8)
    room = np.zeros(n + 1, np.int64)
    _count(data, offsets, _IN_WORD, words, shortest, longest, room)
    room = np.cumsum(room)
    found = np.empty(room[-1], np.int32)
    kept = np.zeros(n + 1, np.int64)
    _fill(data, offsets, _IN_WORD, words, shortest, longest, room, found, kept)
    starts = np.cumsum(kept)
    buckets, counts = np.empty(starts[-1], np.int32), np.empty(starts[-1], np.int32)
    _compact(room, starts, found, buckets, counts)
    return Ngrams(starts, buckets, counts)


@numba.njit(cache=True, inline="always")
def _next(data, place, end):  # type: ignore[no-untyped-def]
    """Return the code point that begins at a place of valid UTF-8, and the place after it."""
    first = data[place]
    if first < 0x80:
        return np.uint64(first), place + 1
    if first < 0xE0:
        return (np.uint64(first & 0x1F) << np.uint64(6)) | np.uint64(
            data[place + 1] & 0x3F
        ), place + 2
    if first < 0xF0:
        code = np.uint64(first & 0x0F) << np.uint64(12)
        code |= np.uint64(data[place + 1] & 0x3F) << np.uint64(6)
        return code | np.uint64(data[place + 2] & 0x3F), place + 3
    code = np.uint64(first & 0x07) << np.uint64(18)
    code |= np.uint64(data[place + 1] & 0x3F) << np.uint64(12)
    code |= np.uint64(data[place + 2] & 0x3F) << np.uint64(6)
    return code | np.uint64(data[place + 3] & 0x3F), place + 4


@numba.njit(cache=True, inline="always")
def _is_letter(code, in_word):  # type: ignore[no-untyped-def]
    if code < _LISTED:
        return in_word[code]
    return code < _PICTURES


@numba.njit(cache=True, inline="always")
def _bucket(hashed):  # type: ignore[no-untyped-def]
    hashed ^= hashed >> _SHIFT
    hashed *= _MIX_1
    hashed ^= hashed >> _SHIFT
    hashed *= _MIX_2
    hashed ^= hashed >> _SHIFT
    return np.int32(hashed & _MASK)


@numba.njit(cache=True, parallel=True)
def _count(data, offsets, in_word, words, shortest, longest, room):  # type: ignore[no-untyped-def]
    """Write how many n-grams each text has, repeated ones too, behind the first place of room."""
    for row in numba.prange(len(offsets) - 1):
        place, end = offsets[row], offsets[row + 1]
        letters, total, seen = 0, 0, 0
        while True:
            inside = False
            if place < end:
                code, place = _next(data, place, end)
                inside = _is_letter(code, in_word)
            else:
                place += 1
            if inside:
                if letters < MAX_LETTERS:
                    letters += 1
            elif letters:
                if words:
                    total += words if seen else 1
                    seen = 1
                for length in range(shortest, longest + 1):
                    if length == 0:
                        continue
                    total += max(letters + 2 - length + 1, 1)
                    if letters + 2 <= length:
                        break
                letters = 0
            if place > end:
                break
        room[row + 1] = total


@numba.njit(cache=True, parallel=True)
def _fill(data, offsets, in_word, words, shortest, longest, room, found, kept):  # type: ignore[no-untyped-def]
    """Write the buckets of each text, ascending, and how many different ones there are."""
    for row in numba.prange(len(offsets) - 1):
        place, end = offsets[row], offsets[row + 1]
        word = np.empty(MAX_LETTERS + 2, np.uint64)
        word[0] = 32
        letters, at, before = 0, room[row], np.uint64(0)
        while True:
            inside = False
            code = np.uint64(0)
            if place < end:
                code, place = _next(data, place, end)
                inside = _is_letter(code, in_word)
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
                    found[at] = _bucket(hashed)
                    at += 1
                    if words == 2 and before:
                        found[at] = _bucket((before ^ _PAIR) * _PRIME ^ hashed)
                        at += 1
                    before = hashed
                for length in range(shortest, longest + 1):
                    if length == 0:
                        continue
                    for start in range(max(letters + 2 - length + 1, 1)):
                        hashed = _OFFSET
                        for letter in range(start, min(start + length, letters + 2)):
                            hashed = (hashed ^ word[letter]) * _PRIME
                        found[at] = _bucket(hashed)
                        at += 1
                    if letters + 2 <= length:
                        break
                letters = 0
            if place > end:
                break
        own = found[room[row] : room[row + 1]]
        own.sort()
        different = 0
        for number in range(len(own)):
            if number == 0 or own[number] != own[number - 1]:
                different += 1
        kept[row + 1] = different


@numba.njit(cache=True, parallel=True)
def _compact(room, starts, found, buckets, counts):  # type: ignore[no-untyped-def]
    """Write each bucket of a row once, with its count."""
    for row in numba.prange(len(starts) - 1):
        at = starts[row] - 1
        for number in range(room[row], room[row + 1]):
            if number == room[row] or found[number] != found[number - 1]:
                at += 1
                buckets[at] = found[number]
                counts[at] = 0
            counts[at] += 1
