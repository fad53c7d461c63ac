"""Why: what each word of a posting adds to the logit of front."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import NamedTuple

from sklearn.feature_extraction.text import TfidfVectorizer

from pipeline.classifier import OfficeClassifier
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
    added = dict(zip(row.indices, row.data * classifier.coef_[row.indices], strict=True))
    weights: defaultdict[str, float] = defaultdict(float)
    start = 0
    for name, block in classifier.features_.blocks_.items():
        text = posting.title if name == "title" else f"{posting.title}\n{posting.text}"
        for ngram, words in _holders(text.lower(), block, whole=name == "word").items():
            if (column := block.vocabulary_.get(ngram)) is None:
                continue
            weight = classifier.scale_ * float(added[start + column])
            for word, count in words.items():
                weights[word] += weight * count / words.total()
        start += len(block.idf_)
    held = (Weight(word, weight) for word, weight in weights.items() if weight)
    return sorted(held, key=lambda each: -abs(each.weight))


def _holders(text: str, block: TfidfVectorizer, whole: bool) -> dict[str, Counter[str]]:
    """Return which words hold each n-gram of a text, and how often.

    Args:
        whole: whether the n-grams are made of whole words, and may span several.
    """
    analyze = block.build_analyzer()
    holders: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for token, times in Counter(text.split()).items():
        word = token.strip(_PUNCTUATION) or token
        for ngram, count in Counter(_WORD.findall(token) if whole else analyze(token)).items():
            holders[ngram][word] += count * times
    if whole:
        for pair in {ngram for ngram in analyze(text) if " " in ngram}:
            holders[pair] = _halves(*(holders[part] for part in pair.split(" ")))
    return holders


def _halves(first: Counter[str], second: Counter[str]) -> Counter[str]:
    """Return the words that hold either part of a pair, each part with the same weight."""
    both: Counter[str] = Counter()
    for part, other in ((first, second), (second, first)):
        for word, count in part.items():
            both[word] += count * other.total()
    return both
