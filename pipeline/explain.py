"""Why: what each word of a posting adds to the logit of front."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from typing import NamedTuple

from pipeline.classifier import OfficeClassifier
from pipeline.posting import Posting

_PUNCTUATION = ".,;:!?¡¿()[]{}\"'«»“”‘’*·•–—-/|"


class Weight(NamedTuple):
    """A word, lower-cased, and what all its occurrences add to the logit of front."""

    word: str
    weight: float


def explain(classifier: OfficeClassifier, posting: Posting) -> list[Weight]:
    """Return the words of a cleaned posting, those that weigh most first.

    The classifier is linear, so each n-gram adds its value times its coefficient to the logit.
    A word pair's part goes half to each word, a character n-gram's to the words that hold it,
    shared by how often. Weights and `OfficeClassifier.bias` sum to the logit.
    """
    row = classifier.features_.transform([posting])
    added = row.multiply(classifier.coef_ * classifier.scale_).tocsr()
    weights: defaultdict[str, float] = defaultdict(float)
    start = 0
    for name, block in classifier.features_.blocks_.items():
        text = posting.title if name == "title" else f"{posting.title}\n{posting.text}"
        ngrams = block.get_feature_names_out()
        part = added[:, start : start + len(ngrams)].tocoo()
        start += len(ngrams)
        holders = _words_of if name == "word" else _holders(text.lower(), block.build_analyzer())
        for column, weight in zip(part.col, part.data, strict=True):
            words = holders(ngrams[column])
            for word, count in words.items():
                weights[word] += float(weight) * count / words.total()
    return sorted((Weight(*item) for item in weights.items()), key=lambda w: -abs(w.weight))


def _words_of(ngram: str) -> Counter[str]:
    return Counter(ngram.split(" "))


def _holders(text: str, analyze: Callable[[str], list[str]]) -> Callable[[str], Counter[str]]:
    holders: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for token, times in Counter(text.split()).items():
        word = token.strip(_PUNCTUATION) or token
        for ngram, count in Counter(analyze(token)).items():
            holders[ngram][word] += count * times
    return holders.__getitem__
