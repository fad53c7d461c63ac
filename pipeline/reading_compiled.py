"""What the compiled kernels share: characters out of UTF-8 bytes, hashes mixed, one at a time."""

from __future__ import annotations

import threading
from typing import NamedTuple

import numba
import numpy as np

from pipeline.letters import FIRST_UNLISTED, PICTURES
from pipeline.ngrams import BUCKETS, HASH_OFFSET, HASH_PRIME, MAX_LETTERS, MIX_1, MIX_2

#: numba's thread pool ends the process when two threads call it at once; it uses all cores as is.
ONE_AT_A_TIME = threading.Lock()

_LISTED, _PICTURES = FIRST_UNLISTED, PICTURES
_OFFSET, _PRIME = HASH_OFFSET, HASH_PRIME
_MIX_1, _MIX_2, _SHIFT = MIX_1, MIX_2, np.uint64(33)
_MASK = np.uint64(BUCKETS - 1)


class Texts(NamedTuple):
    """n texts in one buffer, as an Arrow string column holds them.

    Attributes:
        data: valid UTF-8, uint8.
        starts, ends: where each text begins and ends in it: int64, shape (n,).
    """

    data: np.ndarray
    starts: np.ndarray
    ends: np.ndarray


def texts_of(strings: list[str]) -> Texts:
    """Return strings without lone surrogates as `Texts`."""
    encoded = [text.encode() for text in strings]
    offsets = np.cumsum([0, *map(len, encoded)], dtype=np.int64)
    return Texts(np.frombuffer(b"".join(encoded), np.uint8), offsets[:-1], offsets[1:])


def use_cores(number: int) -> None:
    """Have the kernels use so many cores at most, instead of all, where this thread calls them."""
    numba.set_num_threads(max(1, min(number, most_cores())))


def most_cores() -> int:
    """Return how many cores the kernels can use."""
    most: int = numba.config.NUMBA_NUM_THREADS  # type: ignore[attr-defined]
    return most


@numba.njit(cache=True, inline="always")
def next_code(data, place):  # type: ignore[no-untyped-def]
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
def listed(code, table, unlisted):  # type: ignore[no-untyped-def]
    """Return what a table of `pipeline.letters` says; see `pipeline.letters.look_up`."""
    if code < _LISTED:
        return table[code]
    return unlisted and code < _PICTURES


@numba.njit(cache=True, inline="always")
def mixed(hashed):  # type: ignore[no-untyped-def]
    """Return `pipeline.ngrams.mix` of one hash."""
    hashed ^= hashed >> _SHIFT
    hashed *= _MIX_1
    hashed ^= hashed >> _SHIFT
    hashed *= _MIX_2
    return hashed ^ (hashed >> _SHIFT)


@numba.njit(cache=True, inline="always")
def bucket_of(hashed):  # type: ignore[no-untyped-def]
    """Return the bucket of an n-gram by its hash."""
    return np.int32(mixed(hashed) & _MASK)


@numba.njit(cache=True)
def read_words(data, place, end, in_word, lower, letters, begins, hashes, n, at):  # type: ignore[no-untyped-def]
    """Write the words of a text behind those that are there; return how many, and their letters.

    Words stand in ``letters`` with one blank around each, as `pipeline.ngrams.split_words` has it.
    """
    length, hashed = 0, _OFFSET
    while place <= end:
        code, inside = np.uint64(0), False
        if place < end:
            code, place = next_code(data, place)
            inside = listed(code, in_word, True)
            if code < len(lower):
                code = np.uint64(lower[code])
        else:
            place += 1
        if inside:
            if length < MAX_LETTERS:
                letters[at + length] = code
                hashed = (hashed ^ code) * _PRIME
                length += 1
        elif length:
            letters[at + length] = 32
            begins[n], hashes[n] = at, hashed
            n, at = n + 1, at + length + 1
            length, hashed = 0, _OFFSET
    return n, at
