"""The words that a model does not know, counted over any number of postings in flat memory."""

from __future__ import annotations

import numpy as np

from pipeline.letters import fold
from pipeline.ngrams import BUCKETS, MAX_LETTERS
from pipeline.unknown_compiled import Unknown

#: Words whose spelling is held; where there are twice as many, the rarer half is dropped.
HELD = 50_000


class UnknownWords:
    """In how many postings each unknown word stands.

    What is counted is exact and does not depend on the order: each bucket of
    `pipeline.ngrams` has its number. Only spellings are dropped, and never one of the `HELD` most
    frequent: what is among these at the end was so when it last occurred.
    """

    def __init__(self) -> None:
        self._postings = np.zeros(BUCKETS, np.int64)
        self._spelled: dict[int, str] = {}

    def add(self, found: Unknown) -> None:
        """Count the unknown words of some postings, each once a posting."""
        once, first = np.unique(found.rows * BUCKETS + found.buckets, return_index=True)
        buckets, at, postings = np.unique(once % BUCKETS, return_index=True, return_counts=True)
        self._postings[buckets] += postings
        for bucket, place in zip(buckets.tolist(), first[at].tolist(), strict=True):
            letters = bytes(found.data[found.begins[place] : found.ends[place]]).decode()
            word = fold(letters)[:MAX_LETTERS]
            # Of two words that share a bucket always the same one.
            self._spelled[bucket] = min(word, self._spelled.get(bucket, word))
        if len(self._spelled) > 2 * HELD:
            self._spelled = dict(self._most(HELD))

    def most(self, number: int) -> list[tuple[str, int]]:
        """Return the words that most postings have, and how many; of equals by alphabet."""
        return [(word, int(self._postings[bucket])) for bucket, word in self._most(number)]

    def _most(self, number: int) -> list[tuple[int, str]]:
        spelled = self._spelled.items()
        return sorted(spelled, key=lambda each: (-self._postings[each[0]], each[1]))[:number]
