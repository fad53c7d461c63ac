"""How postings are spread, in the aspects that tell whether a batch is what a model was made for.

A model's manifest holds these counts of the postings that it was trained on, each seen as a new
one would be: its probability is out of fold, and a word that no other posting has is unknown. So
new postings of the same kind are alike; those trained on themselves are not quite, as the model
knows their words and is surer of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self

import numpy as np

from pipeline.decision import MIN_WORDS
from pipeline.language import CODES, languages_in
from pipeline.model_files import Manifest
from pipeline.posting import LANGUAGES, ModelError
from pipeline.psi import Change, change
from pipeline.reading_compiled import texts_of
from pipeline.text import clean
from pipeline.unknown_compiled import find_unknown, known_by

if TYPE_CHECKING:
    from pipeline.classifier import OfficeClassifier
    from pipeline.labelled import Labelled

#: Where bins begin: words of a posting, by steps of about a half more; percent of them that are
#: unknown.
_WORDS = (1, 20, 30, 45, 65, 100, 150, 220, 330, 500, 750)
_UNKNOWN = (0, 1, 2, 3, 4, 6, 8, 12, 20, 40)
#: Aspects, and what their bins are called.
ASPECTS: Final[dict[str, tuple[str, ...]]] = {
    "language": CODES,
    "words": (*(f"{a}-{b - 1}" for a, b in pairwise(_WORDS)), f"{_WORDS[-1]}+"),
    "unknown": tuple(f"{a}-{b} %" for a, b in pairwise((*_UNKNOWN, 100))),
    "p_front": tuple(f"{a / 10:.1f}-{(a + 1) / 10:.1f}" for a in range(10)),
    "close": ("decided", "close call"),
}
#: Those that a verdict is given on; close calls follow from p_front.
JUDGED: Final = ("language", "words", "unknown", "p_front")


class Seen(NamedTuple):
    """What was found of n postings that have a text: arrays of shape (n,).

    Attributes:
        languages: places in `pipeline.language.CODES`.
        words: how many words title and text have.
        unknown: how many of these the model does not know.
        p_front: rounded to 4 digits.
    """

    languages: np.ndarray
    words: np.ndarray
    unknown: np.ndarray
    p_front: np.ndarray

    @property
    def scored(self) -> np.ndarray:
        """Which a model answers to: five words or more, in one of its languages; bool."""
        return np.asarray((self.languages < len(LANGUAGES)) & (self.words >= MIN_WORDS))

    def at(self, which: np.ndarray) -> Self:
        """Return those that are picked by a bool array."""
        return type(self)(*(column[which] for column in self))


class Histograms:
    """Counts of postings by aspect and bin: int64, shape (bins,) each; any number of postings.

    Unknown words, p_front and close calls are counted of what a model answers to: `Seen.scored`.
    """

    def __init__(self) -> None:
        self.counts = {name: np.zeros(len(bins), np.int64) for name, bins in ASPECTS.items()}

    def add(self, seen: Seen, band: float) -> None:
        """Count some postings; ``band`` is the model's around 0.5, within which it is review."""
        _, words, unknown, p_front = seen.at(seen.scored)
        # In whole numbers and at four digits: what is 0.3 must not fall below 0.3.
        percent = 100 * unknown
        tenth = np.minimum(np.round(p_front * 10_000).astype(np.int64) // 1_000, 9)
        self._count("language", seen.languages)
        self._count("words", _bin_of(seen.words[seen.words > 0], np.array(_WORDS)))
        edges = np.array(_UNKNOWN)[:, None] * words
        self._count("unknown", (percent >= edges).sum(axis=0) - 1)
        self._count("p_front", tenth)
        self._count("close", (np.abs(p_front - 0.5) < band).astype(np.int64))

    def _count(self, aspect: str, places: np.ndarray) -> None:
        self.counts[aspect] += np.bincount(places, minlength=len(ASPECTS[aspect]))

    def to_json(self) -> dict[str, dict[str, int]]:
        """Return the counts by aspect and name of the bin."""
        return {
            aspect: dict(zip(ASPECTS[aspect], counts.tolist(), strict=True))
            for aspect, counts in self.counts.items()
        }

    def changes(self, batch: Histograms) -> dict[str, Change]:
        """Return how a batch differs from these counts of training postings, by aspect.

        Out of fold, whole occupations are unseen, where they are known; new postings are mostly of
        occupations that were seen, and are answered more surely. That is no drift: where there
        are fewer close calls, p_front is compared by front and back alone.
        """
        pairs = {name: (self.counts[name], batch.counts[name]) for name in JUDGED}
        if batch._close <= self._close:
            pairs["p_front"] = _by_side(pairs["p_front"][0]), _by_side(pairs["p_front"][1])
        return {name: change(*pair) for name, pair in pairs.items()}

    @property
    def _close(self) -> float:
        decided, close = self.counts["close"].tolist()
        return float(close / max(decided + close, 1))


def _by_side(tenths: np.ndarray) -> np.ndarray:
    return np.asarray(tenths.reshape(2, -1).sum(axis=1))


def _bin_of(values: np.ndarray, begins: np.ndarray) -> np.ndarray:
    return np.searchsorted(begins, values, "right") - 1


def reference(classifier: OfficeClassifier, postings: Sequence[Labelled]) -> dict[str, Any]:
    """Return how the postings are spread that a classifier was trained on, for its manifest.

    Args:
        classifier: fitted.
        postings: those that its ``out_of_fold_`` is of, in that order.
    """
    titles, texts = (texts_of([clean(each.posting[part]) for each in postings]) for part in (0, 1))
    found = find_unknown(titles, texts, known_by(_of_others(classifier)))
    histograms = Histograms()
    histograms.add(
        Seen(
            languages_in(texts).codes,
            found.words,
            found.counts,
            np.round(classifier.out_of_fold_, 4),
        ),
        classifier.band_,
    )
    return histograms.to_json()


def _of_others(classifier: OfficeClassifier) -> np.ndarray:
    """Return the buckets of words that would be known without any one posting that has them.

    The rarest that are known occur in ``min_df`` postings: without one of these they would not be.
    """
    block = classifier.features_.blocks_.get("word")
    if block is None:
        return np.zeros(0, np.int32)
    return np.asarray(block.buckets[block.idf < block.idf.max()])


def reference_of(manifest: Manifest) -> Histograms:
    """Return the counts that a manifest holds.

    Raises:
        ModelError: it holds none, or none of these bins.
    """
    found = manifest.get("reference")
    histograms = Histograms()
    for aspect, bins in ASPECTS.items():
        counts = found.get(aspect) if isinstance(found, dict) else None
        if not isinstance(counts, dict) or not _are_counts(counts, bins):
            raise ModelError(
                f"{manifest['id']}: this model does not say what its postings were like, as those"
                " of an older frontback do not; train it again with 'frontback train'."
            )
        histograms.counts[aspect] = np.array([counts[name] for name in bins], np.int64)
    return histograms


def _are_counts(counts: dict[str, Any], bins: Sequence[str]) -> bool:
    # A manifest may come from elsewhere: sums of numbers below 2**53 are exact, and fit.
    return set(counts) == set(bins) and all(
        type(count) is int and 0 <= count < 1 << 53 for count in counts.values()
    )
