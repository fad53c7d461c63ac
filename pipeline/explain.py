"""Why: what each word of a posting adds to the logit of front."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from itertools import pairwise
from typing import NamedTuple

from pipeline.letters import fold
from pipeline.posting import Posting
from pipeline.scoring import Scorer

_WORD = re.compile(r"\w+")
_PUNCTUATION = ".,;:!?¡¿()[]{}\"'«»“”‘’*·•–—-/|"


class Weight(NamedTuple):
    """A word, lower-cased, and what all its occurrences add to the logit of front."""

    word: str
    weight: float


def explain(scorer: Scorer, posting: Posting) -> list[Weight]:
    """Return the words of a cleaned posting, those that weigh most first.

    Words are what stands between blanks, punctuation around them left out. The model is
    linear, so each n-gram adds its value times its coefficient to the logit: a word n-gram's part
    goes to the words it is made of, a character n-gram's to the words that hold it, shared by how
    often. Weights and `Scorer.bias` sum to the logit.
    """
    weights: defaultdict[str, float] = defaultdict(float)
    for name, weighed in scorer.weigh([posting]).items():
        block, coef = scorer.blocks[name]
        text = posting.title if name == "title" else f"{posting.title}\n{posting.text}"
        holders = _holders(fold(text), name, scorer)
        for column, value in zip(weighed.columns, weighed.values, strict=True):
            words = holders[int(block.buckets[column])]
            added = scorer.scale * float(value) * float(coef[column])
            for word, count in words.items():
                weights[word] += added * count / words.total()
    held = (Weight(word, weight) for word, weight in weights.items() if weight)
    return sorted(held, key=lambda each: -abs(each.weight))


def _holders(text: str, block: str, scorer: Scorer) -> dict[int, Counter[str]]:
    """Return which words hold each n-gram of a lower-cased text, and how often, by its bucket."""
    holders: defaultdict[int, Counter[str]] = defaultdict(Counter)
    parts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for token, times in Counter(text.split()).items():
        word = token.strip(_PUNCTUATION) or token
        for part, count in Counter(_WORD.findall(token)).items():
            parts[part][word] += count * times
    pieces = list(parts)
    pairs = list(dict.fromkeys(pairwise(_WORD.findall(text)))) if block == "word" else []
    joined = [" ".join(pair) for pair in pairs]
    owners = [*(parts[piece] for piece in pieces), *(_halves(parts[a], parts[b]) for a, b in pairs)]
    ngrams = scorer.ngrams(block, [*pieces, *joined])
    single = {ngrams.buckets[at] for at in range(ngrams.starts[len(pieces)])}
    for number, owner in enumerate(owners):
        for at in range(ngrams.starts[number], ngrams.starts[number + 1]):
            bucket = int(ngrams.buckets[at])
            if number >= len(pieces) and bucket in single:
                continue  # a pair's two words have been counted by themselves
            for word, count in owner.items():
                holders[bucket][word] += count * int(ngrams.counts[at])
    return holders


def _halves(first: Counter[str], second: Counter[str]) -> Counter[str]:
    """Return the words that hold either part of a pair, each part with the same weight."""
    both: Counter[str] = Counter()
    for part, other in ((first, second), (second, first)):
        for word, count in part.items():
            both[word] += count * other.total()
    return both
