"""Why: what each word of a posting adds to the logit of front."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from pipeline.letters import IN_WORD, TOKEN, codes_of, fold, look_up
from pipeline.posting import Posting
from pipeline.scoring import TF, Scorer, Words, normed

_PUNCTUATION = ".,;:!?¡¿()[]{}\"'«»“”‘’*·•–—-/|"


class Weight(NamedTuple):
    """A word, lower-cased, and what all its occurrences add to the logit of front."""

    word: str
    weight: float


class Place(NamedTuple):
    """A word where it stands, and what it adds to the logit of front there.

    Attributes:
        start, end: characters of title, line break and text.
        word: lower-cased.
    """

    start: int
    end: int
    word: str
    weight: float


def explain(scorer: Scorer, posting: Posting) -> list[Weight]:
    """Return the words of a cleaned posting, those that weigh most first.

    Weights and `Scorer.bias` sum to the logit; see `places_of`.
    """
    return add_up((each.word, each.weight) for each in places_of(scorer, posting))


def add_up(weights: Iterable[tuple[str, float]]) -> list[Weight]:
    """Return each word once with the sum of its weights, those that weigh most first."""
    sums: defaultdict[str, float] = defaultdict(float)
    for word, weight in weights:
        sums[word] += weight
    held = (Weight(word, weight) for word, weight in sums.items() if weight)
    return sorted(held, key=lambda each: -abs(each.weight))


def places_of(scorer: Scorer, posting: Posting) -> list[Place]:
    """Return the words of a cleaned posting in order; their weights and the bias sum to the logit.

    Words are what stands between blanks, punctuation around them left out. The model is linear and
    each word adds to it by itself, a pair of neighbours one half by either; what has two parts
    (e-mail) adds what both do. A word that occurs often adds the same in each place.
    """
    whole = fold(f"{posting.title}\n{posting.text}")
    words = scorer.words(posting)
    norms = {name: found.total()[0] for name, found in words.items()}
    of_words = norms["word"] + norms["pair"]
    added = _by_place(words["word"], of_words) + _by_place(words["char"], norms["char"])
    if len(added) > 1:
        halves = _by_place(words["pair"], of_words) / 2
        if len(halves):
            added[:-1] += halves
            added[1:] += halves
    of_title = _by_place(words["title"], norms["title"])
    added[: len(of_title)] += of_title
    spans, holders = _tokens(whole)
    weights = np.bincount(holders, scorer.scale * added, len(spans)).tolist()
    return [
        Place(start, end, whole[start:end], weight)
        for (start, end), weight in zip(spans, weights, strict=True)
    ]


def _by_place(words: Words, norm: int) -> np.ndarray:
    """Return what the word in each place of a text adds: float64, shape (words,)."""
    tf = TF[np.minimum(words.counts, len(TF) - 1)]
    # Whole numbers, as `Words.total` adds them up: what is explained is the logit to the last bit.
    sums = (tf * words.sums[:, 1]).astype(np.int64)
    return (normed(sums, np.full(len(tf), norm)) / words.counts)[words.places]


def word_starts(posting: Posting) -> np.ndarray:
    """Return where each word begins in title, line break and text: int64, shape (words,)."""
    return _begins(fold(f"{posting.title}\n{posting.text}"))


def _begins(text: str) -> np.ndarray:
    inside = look_up(IN_WORD, codes_of(text), unlisted=True)
    return np.flatnonzero(inside & ~np.concatenate([[False], inside[:-1]]))


def _tokens(text: str) -> tuple[list[tuple[int, int]], np.ndarray]:
    """Return where what holds a word begins and ends, and which of these each word is in."""
    found = list(TOKEN.finditer(text))
    at = np.searchsorted([match.end() for match in found], _begins(text), "right")
    held, holders = np.unique(at, return_inverse=True)
    return [_bare(found[number].span(), text) for number in held], holders


def _bare(span: tuple[int, int], text: str) -> tuple[int, int]:
    """Return a span without the punctuation around what it holds."""
    token = text[slice(*span)]
    start = span[0] + len(token) - len(token.lstrip(_PUNCTUATION))
    end = start + len(token.strip(_PUNCTUATION))
    is_open = text.count("(", start, end) > text.count(")", start, end)
    return start, end + (is_open and text[end : span[1]].startswith(")"))  # auxiliar(a)
