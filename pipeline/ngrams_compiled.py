"""What many texts are made of, by compiled kernels: one pass over the bytes, on all cores."""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np

from pipeline.letters import IN_WORD, LOWER
from pipeline.ngrams import HASH_OFFSET, HASH_PAIR, HASH_PRIME, MAX_LETTERS
from pipeline.reading_compiled import (
    ONE_AT_A_TIME,
    Texts,
    bucket_of,
    listed,
    next_code,
    read_words,
)

_OFFSET, _PRIME, _PAIR = HASH_OFFSET, HASH_PRIME, HASH_PAIR


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


class Words(NamedTuple):
    """The different words of n texts, and pairs of neighbours, row by row.

    Attributes:
        starts: int64, shape (n + 1,): where each row begins in the others.
        hashes: uint64, ascending in each row, each once: see `pipeline.ngrams.hash_words`.
        counts: int32, how often each occurs in its row.
        begins, ends: int64, where one of these stands in the texts' bytes.
    """

    starts: np.ndarray
    hashes: np.ndarray
    counts: np.ndarray
    begins: np.ndarray
    ends: np.ndarray


def collect_words(texts: Texts, longest: int = 1) -> Words:
    """Return the different words of lower-cased texts; with ``longest`` 2 pairs of them, too."""
    n = len(texts.starts)
    room = np.concatenate([[0], np.cumsum((texts.ends - texts.starts + 1) // 2 * longest)])
    with ONE_AT_A_TIME:
        hashes = np.empty(room[-1], np.uint64)
        spans = np.empty((room[-1], 2), np.int64)
        counts, kept = np.empty(room[-1], np.int32), np.zeros(n, np.int64)
        _fill_words(*texts, IN_WORD, longest, room, hashes, spans, counts, kept)
    starts = np.concatenate([[0], np.cumsum(kept)])
    at = np.arange(starts[-1]) + np.repeat(room[:-1] - starts[:-1], kept)
    return Words(starts, hashes[at], counts[at], spans[at, 0], spans[at, 1])


def collect(texts: Texts, shortest: int, longest: int) -> Ngrams:
    """Return the character n-grams inside the words of lower-cased texts.

    Args:
        texts: n texts.
        shortest, longest: see `pipeline.ngrams.hash_inside`.

    Raises:
        ValueError: ``shortest`` is less than 2.
    """
    if shortest < 2:
        raise ValueError(f"a character n-gram has 2 letters at least, not {shortest}")
    n = len(texts.starts)
    # A word of so many letters has at most one more n-gram of each length: with the gap behind it
    # that is no more than its bytes, and one for the text's end.
    room = np.concatenate(
        [[0], np.cumsum((texts.ends - texts.starts + 1) * (longest - shortest + 1))]
    )
    with ONE_AT_A_TIME:
        found = np.empty(room[-1], np.int32)
        filled, kept = np.zeros(n, np.int64), np.zeros(n + 1, np.int64)
        _fill(*texts, IN_WORD, LOWER, shortest, longest, room, found, filled, kept)
        starts = np.cumsum(kept)
        buckets, counts = np.empty(starts[-1], np.int32), np.empty(starts[-1], np.int32)
        _compact(room, filled, starts, found, buckets, counts)
    return Ngrams(starts, buckets, counts)


@numba.njit(cache=True, parallel=True)
def _fill_words(  # type: ignore[no-untyped-def]
    data, begins, ends, in_word, longest, room, hashes, spans, counts, kept
):
    """Write the different words of each text from its room's beginning; how many there are."""
    for row in numba.prange(len(begins)):
        place, end = begins[row], ends[row]
        most = room[row + 1] - room[row]
        hashed, span = np.empty(most, np.uint64), np.empty((most, 2), np.int64)
        n, letters, begin, word, before = 0, 0, place, _OFFSET, np.uint64(0)
        while place <= end:
            code, inside, here = np.uint64(0), False, place
            if place < end:
                code, place = next_code(data, place)
                inside = listed(code, in_word, True)
            else:
                place += 1
            if inside:
                if letters == 0:
                    begin, word = here, _OFFSET
                if letters < MAX_LETTERS:
                    word = (word ^ code) * _PRIME
                    letters += 1
            elif letters:
                hashed[n], span[n, 0], span[n, 1] = word, begin, here
                n, letters = n + 1, 0
                if longest == 2 and n > 1:
                    hashed[n] = (before ^ _PAIR) * _PRIME ^ word
                    span[n, 0], span[n, 1] = begin, here
                    n += 1
                before = word
        order, at = np.argsort(hashed[:n]), room[row] - 1
        for number in range(n):
            own = order[number]
            if number == 0 or hashed[own] != hashes[at]:
                at += 1
                hashes[at], counts[at] = hashed[own], 0
                spans[at] = span[own]
            counts[at] += 1
        kept[row] = at + 1 - room[row]


@numba.njit(cache=True, parallel=True)
def _fill(  # type: ignore[no-untyped-def]
    data, begins, ends, in_word, lower, shortest, longest, room, found, filled, kept
):
    """Write the buckets of each text, ascending; how many there are, how many different ones."""
    for row in numba.prange(len(begins)):
        most = ends[row] - begins[row] + 2
        letters, firsts = np.empty(2 * most, np.uint64), np.empty(most, np.int64)
        hashes, at = np.empty(most, np.uint64), room[row]
        letters[0] = 32
        n, _ = read_words(
            data, begins[row], ends[row], in_word, lower, letters, firsts, hashes, 0, 1
        )
        for word in range(n):
            first, last = firsts[word] - 1, firsts[word]
            while letters[last] != 32:
                last += 1
            for length in range(shortest, longest + 1):
                for start in range(first, max(last - length + 2, first + 1)):
                    hashed = _OFFSET
                    for letter in range(start, min(start + length, last + 1)):
                        hashed = (hashed ^ letters[letter]) * _PRIME
                    found[at] = bucket_of(hashed)
                    at += 1
                if last - first + 1 <= length:
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
