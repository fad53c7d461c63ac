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
    """Counts of any number of postings.

    Unknown words, p_front and close calls are counted of what a model answers to: `Seen.scored`.

    Attributes:
        counts: by aspect: int64; of languages shape (5,), of the others (3, bins), a row for each
            of `LANGUAGES`.
    """

    def __init__(self) -> None:
        self.counts: dict[str, np.ndarray] = {
            aspect: np.zeros((len(LANGUAGES), len(bins)), np.int64)
            for aspect, bins in ASPECTS.items()
        }
        self.counts["language"] = np.zeros(len(CODES), np.int64)

    def add(self, seen: Seen, band: float) -> None:
        """Count some postings; ``band`` is the model's around 0.5, within which it is review."""
        self.counts["language"] += np.bincount(seen.languages, minlength=len(CODES))
        ours = seen.at((seen.languages < len(LANGUAGES)) & (seen.words > 0))
        self._count("words", ours.languages, np.searchsorted(_WORDS, ours.words, "right") - 1)
        languages, words, unknown, p_front = seen.at(seen.scored)
        # In whole numbers and at four digits: what is 0.3 must not fall below 0.3.
        edges = np.array(_UNKNOWN)[:, None] * words
        self._count("unknown", languages, (100 * unknown >= edges).sum(axis=0) - 1)
        tenths = np.round(p_front * 10_000).astype(np.int64) // 1_000
        self._count("p_front", languages, np.minimum(tenths, 9))
        self._count("close", languages, (np.abs(p_front - 0.5) < band).astype(np.int64))

    def _count(self, aspect: str, languages: np.ndarray, places: np.ndarray) -> None:
        np.add.at(self.counts[aspect], (languages, places), 1)

    def to_json(self) -> dict[str, Any]:
        """Return the counts by aspect, language and name of the bin; plain numbers."""
        return {
            aspect: named(aspect, counts)
            if aspect == "language"
            else {
                language: named(aspect, row)
                for language, row in zip(LANGUAGES, counts, strict=True)
            }
            for aspect, counts in self.counts.items()
        }

    def beside(self, batch: Histograms) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """Return the counts of these training postings and those of a batch, by aspect.

        All but the languages are of training postings in the batch's mix of languages: Norwegian
        has more words that nobody has used before than English, which is no drift.
        """
        pairs = {
            aspect: _of_one_mix(counts, batch.counts[aspect])
            for aspect, counts in self.counts.items()
            if aspect != "language"
        }
        return {"language": (self.counts["language"], batch.counts["language"]), **pairs}


def named(aspect: str, counts: np.ndarray) -> dict[str, int]:
    """Return counts by the names of the bins."""
    return dict(zip(ASPECTS[aspect], counts.tolist(), strict=True))


def _of_one_mix(reference: np.ndarray, batch: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the counts over the languages that both have; int64, shape (bins,) each.

    The first are as many postings as tell as much: the variance of a weighted sum of shares.
    """
    m, n = reference.sum(axis=1), batch.sum(axis=1)
    both = (m > 0) & (n > 0)
    if not both.any():
        return np.zeros_like(reference[0]), np.zeros_like(batch[0])
    weight = n[both] / n[both].sum()
    shares = weight @ (reference[both] / m[both, None])
    number = 1 / (weight**2 / m[both]).sum()
    return np.round(shares * number).astype(np.int64), batch[both].sum(axis=0)


def changes(pairs: dict[str, tuple[np.ndarray, np.ndarray]]) -> dict[str, Change]:
    """Return how a batch differs from training postings, by aspect.

    Out of fold, whole occupations are unseen; new postings are mostly of occupations that were
    seen, and are answered more surely. That is no drift: where there are no more close calls,
    p_front is compared by front and back alone.

    Args:
        pairs: see `Histograms.beside`.
    """
    judged = {aspect: pairs[aspect] for aspect in JUDGED}
    trained, now = (counts[1] / max(counts.sum(), 1) for counts in pairs["close"])
    if now <= trained:
        before, after = pairs["p_front"]
        judged["p_front"] = _by_side(before), _by_side(after)
    return {aspect: change(*pair) for aspect, pair in judged.items()}


def _by_side(tenths: np.ndarray) -> np.ndarray:
    return np.asarray(tenths.reshape(2, -1).sum(axis=1))


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
        if aspect == "language":
            rows = [counts]
        else:
            rows = [counts.get(each) if isinstance(counts, dict) else None for each in LANGUAGES]
        read = [_read(row, bins) for row in rows]
        if not all(read):
            raise ModelError(
                f"{manifest['id']}: this model does not say what its postings were like, as those"
                " of an older frontback do not; train it again with 'frontback train'."
            )
        histograms.counts[aspect][...] = read[0] if aspect == "language" else read
    return histograms


def _read(counts: Any, bins: Sequence[str]) -> list[int]:
    """Return counts in the order of the bins; none where they are not these."""
    if not isinstance(counts, dict) or set(counts) != set(bins):
        return []
    # A manifest may come from elsewhere: sums of numbers below 2**53 are exact, and fit.
    if not all(type(count) is int and 0 <= count < 1 << 53 for count in counts.values()):
        return []
    return [counts[name] for name in bins]
