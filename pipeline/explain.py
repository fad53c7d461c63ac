"""Why: what each word of a posting adds to the logit of front."""

from __future__ import annotations

from collections import defaultdict
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


def explain(scorer: Scorer, posting: Posting) -> list[Weight]:
    """Return the words of a cleaned posting, those that weigh most first.

    Words are what stands between blanks, punctuation around them left out. The model is linear and
    each word adds to it by itself, a pair of neighbours one half by either; what has two parts
    (e-mail) adds what both do. Weights and `Scorer.bias` sum to the logit.
    """
    tokens = _tokens(fold(f"{posting.title}\n{posting.text}"))
    words = scorer.words(posting)
    norms = {name: found.total()[0] for name, found in words.items()}
    of_words = norms["word"] + norms["pair"]
    added = np.zeros(len(tokens))
    added += _by_place(words["word"], of_words) + _by_place(words["char"], norms["char"])
    if len(tokens) > 1:
        halves = _by_place(words["pair"], of_words) / 2
        added[:-1] += halves
        added[1:] += halves
    of_title = _by_place(words["title"], norms["title"])
    added[: len(of_title)] += of_title
    weights: defaultdict[str, float] = defaultdict(float)
    for token, weight in zip(tokens, (scorer.scale * added).tolist(), strict=True):
        weights[token] += weight
    held = (Weight(token, weight) for token, weight in weights.items() if weight)
    return sorted(held, key=lambda each: -abs(each.weight))


def _by_place(words: Words, norm: int) -> np.ndarray:
    """Return what the word in each place of a text adds: float64, shape (words,)."""
    tf = TF[np.minimum(words.counts, len(TF) - 1)]
    own = normed(tf * words.sums[:, 1], np.full(len(tf), norm)) / words.counts
    return own[words.places]


def _tokens(text: str) -> list[str]:
    """Return what stands between blanks around each word of a lower-cased text."""
    inside = look_up(IN_WORD, codes_of(text), unlisted=True)
    begins = np.flatnonzero(inside & ~np.concatenate([[False], inside[:-1]]))
    spans = [(match.end(), match[0]) for match in TOKEN.finditer(text)]
    at = np.searchsorted([end for end, _ in spans], begins, "right")
    return [spans[number][1].strip(_PUNCTUATION) or spans[number][1] for number in at]
