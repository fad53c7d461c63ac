"""Which texts are nearly one another: they must not stand on both sides of a fold."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from zlib import crc32

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from pipeline.labelled import Labelled

#: Words of a shingle, and how many shingles a text is known by.
_SHINGLE, _SKETCH = 4, 64
#: Two texts that share this part of their shingles are nearly the same.
ALIKE = 0.5
_WORD = re.compile(r"\w+")
#: Odd numbers whose bits are spread; one for each word of a shingle.
_FACTORS = np.array(
    [0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93],
    dtype=np.uint64,
)


def words_of(text: str) -> list[str]:
    """Return a text's words, without case."""
    return _WORD.findall(text.casefold())


def near_duplicates(texts: Iterable[str]) -> np.ndarray:
    """Return which group of near-duplicates each text is in: int64, shape (n,).

    A text is known by the least hashes of its runs of four words, and two texts are alike as far
    as the least hashes of both together are shared: Broder 1997, "On the resemblance and
    containment of documents". Groups are what hangs together by such pairs.
    """
    sketches = [_sketch(words_of(text)) for text in texts]
    pairs = [
        (one, other)
        for one, other in _candidates(sketches)
        if _resemblance(sketches[one], sketches[other]) >= ALIKE
    ]
    n = len(sketches)
    one, other = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    links = coo_matrix((np.ones(len(pairs), dtype=bool), (one, other)), shape=(n, n))
    return np.asarray(connected_components(links, directed=False)[1], dtype=np.int64)


def near_twins(postings: Iterable[Labelled]) -> list[tuple[int, int]]:
    """Return which postings have nearly the same text as one of the other label, and that one.

    Args:
        postings: read once; their texts are not held.

    Returns:
        Their places, ascending, each with that of the first of the other label in its group.
    """
    labels: list[str] = []

    def texts() -> Iterator[str]:
        for each in postings:
            labels.append(each.label)
            yield each.posting.text

    groups: defaultdict[int, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for at, group in enumerate(near_duplicates(texts()).tolist()):
        groups[group][labels[at]].append(at)
    both = [tuple(group.values()) for group in groups.values() if len(group) == 2]
    return sorted(
        (at, others[0])
        for one, other in both
        for own, others in ((one, other), (other, one))
        for at in own
    )


def _sketch(words: list[str]) -> np.ndarray:
    """Return the least hashes of a text's shingles, ascending: uint64."""
    hashed = np.array([crc32(word.encode(errors="replace")) for word in words], dtype=np.uint64)
    if len(hashed) < _SHINGLE:
        hashed = np.pad(hashed, (0, _SHINGLE - len(hashed)))
    runs = np.lib.stride_tricks.sliding_window_view(hashed, _SHINGLE)
    mixed = (runs * _FACTORS).sum(axis=1, dtype=np.uint64)
    mixed ^= mixed >> np.uint64(29)
    mixed *= _FACTORS[1]  # so that the least are taken by chance, not those of words with low sums
    return np.unique(mixed)[:_SKETCH]


def _candidates(sketches: list[np.ndarray]) -> np.ndarray:
    """Return pairs of texts that share a hash, each with the next that has it: shape (m, 2)."""
    if not sketches:
        return np.zeros((0, 2), dtype=np.int64)
    values = np.concatenate(sketches)
    owners = np.repeat(np.arange(len(sketches)), [len(each) for each in sketches])
    order = np.argsort(values, kind="stable")
    values, owners = values[order], owners[order]
    same = values[1:] == values[:-1]
    return np.unique(np.column_stack([owners[:-1][same], owners[1:][same]]), axis=0)


def _resemblance(one: np.ndarray, other: np.ndarray) -> float:
    """Return the estimated share of shingles that two texts have in common."""
    least = np.union1d(one, other)[:_SKETCH]
    return float(np.isin(np.intersect1d(one, other), least).sum() / len(least))
