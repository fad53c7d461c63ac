"""Why: what each word of a posting adds to the logit of front."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, Self

import numpy as np

from pipeline.letters import IN_WORD, IS_BLANK, codes_of, fold, look_up
from pipeline.posting import Posting
from pipeline.scoring import TF, Scorer, Words, normed

_PUNCTUATION = re.escape(".,;:!?¡¿()[]{}\"'«»“”‘’*·•–—-/|")
_BLANKS = re.escape("".join(map(chr, np.flatnonzero(IS_BLANK))))
#: A run of characters between blanks, without punctuation around it.
_BARE = re.compile(f"[^{_BLANKS}{_PUNCTUATION}](?:[^{_BLANKS}]*[^{_BLANKS}{_PUNCTUATION}])?")

#: Of the texts that are explained at a time.
_LETTERS = 20_000


class Weight(NamedTuple):
    """A word, lower-cased, and what all its occurrences add to the logit of front."""

    word: str
    weight: float


class Places(NamedTuple):
    """The words of a posting where they stand, in order; arrays of shape (words,).

    Attributes:
        starts, ends: characters of title, line break and text: int64.
        weights: what the word adds to the logit of front in this place: float64.
    """

    starts: np.ndarray
    ends: np.ndarray
    weights: np.ndarray


def explain(scorer: Scorer, posting: Posting) -> list[Weight]:
    """Return the words of a cleaned posting, those that weigh most first.

    Weights and `Scorer.bias` sum to the logit; see `places_of`.
    """
    return explain_many(scorer, [posting])[0]


def explain_many(scorer: Scorer, postings: Sequence[Posting]) -> list[list[Weight]]:
    """Return what `explain` does for each of some postings."""
    found = []
    for part in in_parts(range(len(postings)), postings):
        held = [postings[row] for row in part]
        for posting, places in zip(held, places_of(scorer, held), strict=True):
            whole = fold(source_of(posting))
            rows = zip(*(column.tolist() for column in places), strict=True)
            found.append(add_up((whole[start:end], weight) for start, end, weight in rows))
    return found


def in_parts(rows: Sequence[int], postings: Sequence[Posting]) -> Iterator[list[int]]:
    """Yield rows in parts that `places_of` is quick with, as their arrays stay in a near cache."""
    part: list[int] = []
    letters = 0
    for row in rows:
        part.append(row)
        letters += len(postings[row].text)
        if letters >= _LETTERS:
            yield part
            part, letters = [], 0
    if part:
        yield part


def source_of(posting: Posting) -> str:
    """Return title, line break and text: what `Places` are places in."""
    return f"{posting.title}\n{posting.text}"


def add_up(weights: Iterable[tuple[str, float]]) -> list[Weight]:
    """Return each word once with the sum of its weights, those that weigh most first."""
    sums: defaultdict[str, float] = defaultdict(float)
    for word, weight in weights:
        sums[word] += weight
    held = (Weight(word, weight) for word, weight in sums.items() if weight)
    return sorted(held, key=lambda each: -abs(each.weight))


def places_of(scorer: Scorer, postings: Sequence[Posting]) -> list[Places]:
    """Return the words of cleaned postings in order; with the bias those of each sum to its logit.

    Words are what stands between blanks, punctuation around them left out. The model is linear and
    each word adds to it by itself, a pair of neighbours one half by either; what has two parts
    (e-mail) adds what both do. A word that occurs often adds the same in each place.
    """
    wholes = [fold(source_of(posting)) for posting in postings]
    whole = "\n".join(wholes)
    starts = np.cumsum([0, *(len(each) + 1 for each in wholes)])[:-1]
    begins = _begins(whole)
    rows = np.searchsorted(starts, begins, "right") - 1
    in_title = begins < (starts + [len(posting.title) for posting in postings])[rows]
    # One look-up for all; the titles stand before them once more, as a block of their own.
    words = scorer.words(Posting("\n".join(posting.title for posting in postings), whole))
    of_titles, n = int(in_title.sum()), len(postings)
    within = np.flatnonzero(rows[:-1] == rows[1:]) if len(words["pair"].places) else rows[:0]
    word = _Found.of(words["word"], slice(of_titles, None), rows, n)
    pair = _Found.of(words["pair"], of_titles + within, rows[within], n)
    char = _Found.of(words["char"], slice(of_titles, None), rows, n)
    title = _Found.of(words["title"], slice(None), rows[in_title], n)
    of_words = word.norms + pair.norms
    added = word.weights(of_words) + char.weights(char.norms)
    added[in_title] += title.weights(title.norms)
    halves = pair.weights(of_words) / 2
    added[within] += halves
    added[within + 1] += halves
    spans, holders = _tokens(whole, begins)
    weights = np.bincount(holders, scorer.scale * added, len(spans))
    bounds = np.searchsorted(spans[:, 0], [*starts, len(whole) + 1])
    return [
        Places(spans[first:last, 0] - begin, spans[first:last, 1] - begin, weights[first:last])
        for begin, first, last in zip(starts, bounds[:-1], bounds[1:], strict=True)
    ]


class _Found(NamedTuple):
    """What the words in some places of n postings add up to, by numbers as `Words.total` has them.

    Attributes:
        norms: of each posting, int64, shape (n,).
        fronts: of all occurrences of the word in this place, int64, shape (places,).
        counts: how many these are.
        rows: the posting that each place is in.
    """

    norms: np.ndarray
    fronts: np.ndarray
    counts: np.ndarray
    rows: np.ndarray

    @classmethod
    def of(cls, words: Words, which: slice | np.ndarray, rows: np.ndarray, n: int) -> Self:
        """Return the sums of some places of ``words``, whose postings are ``rows``."""
        width = max(len(words.sums), 1)
        cells, at, counts = np.unique(
            rows * width + words.places[which], return_inverse=True, return_counts=True
        )
        tf, sums = TF[np.minimum(counts, len(TF) - 1)], words.sums[cells % width]
        norms = np.zeros(n, np.int64)
        np.add.at(norms, cells // width, (tf * tf * sums[:, 0]).astype(np.int64))
        fronts = (tf * sums[:, 1]).astype(np.int64)
        return cls(norms, fronts[at], counts[at], rows)

    def weights(self, norms: np.ndarray) -> np.ndarray:
        """Return what each place adds, its posting's block divided by its length: float64."""
        return normed(self.fronts, norms[self.rows]) / self.counts


def word_starts(posting: Posting) -> np.ndarray:
    """Return where each word begins in `source_of` a posting: int64, shape (words,)."""
    return _begins(fold(source_of(posting)))


def _begins(text: str) -> np.ndarray:
    inside = look_up(IN_WORD, codes_of(text), unlisted=True)
    return np.flatnonzero(inside & ~np.concatenate([[False], inside[:-1]]))


def _tokens(text: str, begins: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return what stands between blanks around words, without the punctuation around it.

    Args:
        text: lower-cased.
        begins: where each word begins.

    Returns:
        Where each token begins and ends, int64, shape (tokens, 2); the token of each word.
    """
    spans = np.array([match.span() for match in _BARE.finditer(text)], np.int64).reshape(-1, 2)
    held, holders = np.unique(np.searchsorted(spans[:, 1], begins, "right"), return_inverse=True)
    spans = spans[held]
    behind = np.append(codes_of(text), 0)[spans[:, 1]]
    for at in np.flatnonzero(behind == ord(")")):
        start, end = spans[at]
        if "(" in text[start:end].rpartition(")")[2]:
            spans[at, 1] += 1  # auxiliar(a)
    return spans, holders
