"""Which words of many postings a model does not know, by a compiled kernel."""

from __future__ import annotations

from typing import NamedTuple, Self

import numba
import numpy as np

from pipeline.letters import IN_WORD, LOWER
from pipeline.ngrams import BUCKETS, HASH_OFFSET, HASH_PRIME, MAX_LETTERS
from pipeline.reading_compiled import ONE_AT_A_TIME, Texts, bucket_of, listed, next_code

_OFFSET, _PRIME = HASH_OFFSET, HASH_PRIME


class Unknown(NamedTuple):
    """How many words n postings have, and the k places where one stands that is not known.

    Attributes:
        words: of title and text, int64, shape (n,).
        rows: which posting each unknown word stands in, int64, shape (k,).
        buckets: of these words: int32, shape (k,).
        data: UTF-8, uint8.
        begins, ends: where they stand in it: int64, shape (k,).
    """

    words: np.ndarray
    rows: np.ndarray
    buckets: np.ndarray
    data: np.ndarray
    begins: np.ndarray
    ends: np.ndarray

    @property
    def counts(self) -> np.ndarray:
        """How many words of each posting are not known: int64, shape (n,)."""
        return np.bincount(self.rows, minlength=len(self.words))

    def of(self, postings: np.ndarray) -> Self:
        """Return the unknown words of those postings that are picked by a bool array."""
        k = postings[self.rows]
        rows, buckets, begins, ends = self.rows[k], self.buckets[k], self.begins[k], self.ends[k]
        return self._replace(rows=rows, buckets=buckets, begins=begins, ends=ends)


def known_by(buckets: np.ndarray) -> np.ndarray:
    """Return whether an n-gram of each bucket is known: bool, shape (`BUCKETS`,)."""
    known = np.zeros(BUCKETS, bool)
    known[buckets] = True
    return known


def find_unknown(titles: Texts, texts: Texts, known: np.ndarray) -> Unknown:
    """Return which words of n postings are not known.

    Args:
        known: see `known_by`.
    """
    n, behind = len(texts.starts), len(titles.data)
    data = np.concatenate([titles.data, texts.data])
    starts = np.concatenate([titles.starts, texts.starts + behind])
    ends = np.concatenate([titles.ends, texts.ends + behind])
    room = np.concatenate([[0], np.cumsum((ends - starts + 1) // 2)]).astype(np.int64)
    buckets, spans = np.empty(room[-1], np.int32), np.empty((room[-1], 2), np.int64)
    words, found = np.zeros(2 * n, np.int64), np.zeros(2 * n, np.int64)
    with ONE_AT_A_TIME:
        _find(data, starts, ends, IN_WORD, LOWER, known, room, buckets, spans, words, found)
    rows = np.repeat(np.arange(2 * n), found)
    at = np.arange(len(rows)) + np.repeat(room[:-1] - np.cumsum(found) + found, found)
    spans = spans[at]
    return Unknown(
        words[:n] + words[n:], rows % max(n, 1), buckets[at], data, spans[:, 0], spans[:, 1]
    )


@numba.njit(cache=True, parallel=True, nogil=True)
def _find(  # type: ignore[no-untyped-def]
    data, begins, ends, in_word, lower, known, room, buckets, spans, words, found
):
    for row in numba.prange(len(begins)):
        place, end, at = begins[row], ends[row], room[row]
        letters, begin, hashed = 0, place, _OFFSET
        while place <= end:
            code, inside, here = np.uint64(0), False, place
            if place < end:
                code, place = next_code(data, place)
                inside = listed(code, in_word, True)
                if code < len(lower):
                    code = np.uint64(lower[code])
            else:
                place += 1
            if inside:
                begin = begin if letters else here
                if letters < MAX_LETTERS:
                    hashed = (hashed ^ code) * _PRIME
                letters += 1
            elif letters:
                words[row] += 1
                bucket = bucket_of(hashed)
                if not known[bucket]:
                    buckets[at], spans[at, 0], spans[at, 1] = bucket, begin, here
                    at += 1
                letters, hashed = 0, _OFFSET
        found[row] = at - room[row]
