"""Why: what each word of a posting adds to the logit of front."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from itertools import pairwise
from typing import NamedTuple

import pyarrow as pa

from pipeline.classifier import OfficeClassifier
from pipeline.features import PostingFeatures
from pipeline.posting import Posting

_WORD = re.compile(r"\w+")
_PUNCTUATION = ".,;:!?¡¿()[]{}\"'«»“”‘’*·•–—-/|"


class Weight(NamedTuple):
    """A word, lower-cased, and what all its occurrences add to the logit of front."""

    word: str
    weight: float


def explain(classifier: OfficeClassifier, posting: Posting) -> list[Weight]:
    """Return the words of a cleaned posting, those that weigh most first.

    Words are what stands between blanks, punctuation around them left out. The classifier is
    linear, so each n-gram adds its value times its coefficient to the logit: a word n-gram's part
    goes to the words it is made of, a character n-gram's to the words that hold it, shared by how
    often. Weights and `OfficeClassifier.bias` sum to the logit.
    """
    row = classifier.features_.transform([posting])
    weights: defaultdict[str, float] = defaultdict(float)
    start = 0
    for name, block in classifier.features_.blocks_.items():
        text = posting.title if name == "title" else f"{posting.title}\n{posting.text}"
        holders = _holders(text.lower(), name, classifier.features_)
        end = start + len(block.buckets)
        for column, value in zip(row.indices, row.data, strict=True):
            if not start <= column < end:
                continue
            words = holders[int(block.buckets[column - start])]
            added = classifier.scale_ * float(value * classifier.coef_[column])
            for word, count in words.items():
                weights[word] += added * count / words.total()
        start = end
    held = (Weight(word, weight) for word, weight in weights.items() if weight)
    return sorted(held, key=lambda each: -abs(each.weight))


def _holders(text: str, block: str, features: PostingFeatures) -> dict[int, Counter[str]]:
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
    ngrams = features.ngrams(block, pa.array([*pieces, *joined], pa.large_string()))
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
