"""Postings labelled batch by batch, and what the model is worth after each batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from sklearn.metrics import roc_auc_score

from pipeline.classifier import FRONT, OfficeClassifier
from pipeline.features import PostingFeatures
from pipeline.heads import Head, Lessons
from pipeline.labelled import Labelled
from pipeline.posting import Posting, Reason, Tag
from pipeline.review.queue import review_order
from pipeline.scoring import sigmoid

#: What logits are multiplied by, and the review band, of the default model: calibrating each
#: training anew would take six times as long. Neither changes what is nearest to 0.5.
_SCALE, _BAND = 2.9, 0.39

#: Given the places of known postings and of others, returns the logits of the others by a model
#: that learned from the known ones: float64, one for each.
Learn = Callable[[np.ndarray, np.ndarray], np.ndarray]
#: Given the postings that may be labelled, their logits, how many to take and a seed, returns the
#: places of those that are: int64.
Way = Callable[[Sequence[Labelled], np.ndarray, int, int], np.ndarray]


class Start(NamedTuple):
    """Where a study begins; places of postings, int64, none of them in two parts.

    Attributes:
        known: the labelled ones there are.
        pool: those that somebody may label.
        asked: those that the model is measured on.
        seed: of what goes by chance.
    """

    known: np.ndarray
    pool: np.ndarray
    asked: np.ndarray
    seed: int


class Worth(NamedTuple):
    """What a model is worth on postings that it has not seen.

    Attributes:
        accuracy: at 0.5.
        auc: how good the order is.
        lean: the share that it answers with front, less the share that is front.
    """

    accuracy: float
    auc: float
    lean: float


def by_chance(pool: Sequence[Labelled], logits: np.ndarray, n: int, seed: int) -> np.ndarray:
    """Take any."""
    return np.random.default_rng(seed).permutation(len(pool))[:n]


def by_uncertainty(pool: Sequence[Labelled], logits: np.ndarray, n: int, seed: int) -> np.ndarray:
    """Take those nearest to 0.5.

    Lewis and Gale 1994, "A sequential algorithm for training text classifiers".
    """
    return np.argsort(np.abs(logits), kind="stable")[:n]


def by_queue(pool: Sequence[Labelled], logits: np.ndarray, n: int, seed: int) -> np.ndarray:
    """Take the first ones of the review queue: see `pipeline.review.queue`."""
    tags = [
        _tag(float(p_front), each.language)
        for p_front, each in zip(sigmoid(logits * _SCALE), pool, strict=True)
    ]
    return review_order(tags, _BAND, lambda places: [pool[at].posting for at in places])[:n]


def _tag(p_front: float, language: Any) -> Tag:
    if abs(p_front - 0.5) < _BAND:
        return Tag("review", p_front, None, language, 1.0, False, Reason.CLOSE_CALL, "")
    return Tag("front" if p_front >= 0.5 else "back", p_front, None, language, 1.0, False, "", "")


WAYS: dict[str, Way] = {
    "by chance": by_chance,
    "by uncertainty": by_uncertainty,
    "by the review queue": by_queue,
}


def follow(
    learn: Learn, postings: Sequence[Labelled], start: Start, batch: int, batches: int
) -> dict[str, list[Worth]]:
    """Return of each of `WAYS` what the model is worth before the first batch, and after each.

    Args:
        learn: trains.
        postings: all of them, with their labels.
        start: where it begins.
        batch: how many are labelled before the model is trained again.
        batches: how often.
    """
    front = np.array([each.label == FRONT for each in postings])

    def ask(known: np.ndarray, pool: np.ndarray) -> tuple[Worth, np.ndarray]:
        logits = learn(known, np.concatenate([start.asked, pool]))
        asked, left = np.split(logits, [len(start.asked)])
        labels = front[start.asked]
        said = asked >= 0
        auc = float(roc_auc_score(labels, asked))
        return Worth(float((said == labels).mean()), auc, float(said.mean() - labels.mean())), left

    first, of_pool = ask(start.known, start.pool)
    found = {}
    for way, take in WAYS.items():
        known, pool, left = start.known, start.pool, of_pool
        found[way] = [first]
        for at in range(batches):
            taken = take([postings[place] for place in pool], left, batch, 1_000 * start.seed + at)
            known, pool = np.concatenate([known, pool[taken]]), np.delete(pool, taken)
            worth, left = ask(known, pool)
            found[way].append(worth)
    return found


@dataclass(frozen=True, eq=False)
class BesideCorpus:
    """Learns from the known postings, and from short documents beside them.

    n-grams and their rarity are taken once from all texts, labels aside: beside thousands of known
    postings a few more hardly change them.
    """

    lessons: Lessons
    head: Head
    aids: np.ndarray

    def __call__(self, known: np.ndarray, others: np.ndarray) -> np.ndarray:
        """See `Learn`."""
        learned = self.lessons.teach(self.head, known, self.aids)
        return learned.logits(self.lessons.postings[others])


@dataclass(frozen=True, eq=False)
class FromScratch:
    """Learns from the known postings and nothing else, n-grams and all."""

    postings: Sequence[Posting]
    front: np.ndarray
    head: Head

    def __call__(self, known: np.ndarray, others: np.ndarray) -> np.ndarray:
        """See `Learn`."""
        features = PostingFeatures(min_df=OfficeClassifier().min_df)
        texts = features.fit_transform([self.postings[at] for at in known])
        learned = self.head.learn(texts, self.front[known], np.ones(len(known)))
        return learned.logits(features.transform([self.postings[at] for at in others]))
