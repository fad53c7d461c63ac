"""The studies of `benchmarks.active_learning`: what a model knows, and what may be labelled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from benchmarks.accuracy import read_labelled
from benchmarks.active_rounds import BesideCorpus, FromScratch, Learn, Start
from pipeline.calibration import folds_of
from pipeline.classifier import FRONT, OfficeClassifier
from pipeline.features import PostingFeatures
from pipeline.fitting import cleaned, taught_by
from pipeline.heads import Head
from pipeline.labelled import Corpus, Labelled
from pipeline.material import Material
from pipeline.posting import LANGUAGES, Posting

#: What is known at the start of a training from scratch, of each label.
_FIRST = 10
#: Of a training from scratch: how many may be labelled, and how many are asked about.
_POOL, _ASKED = 600, 300
#: Parts, or seeds, that a study is repeated with.
_TRIALS = 2
_REAL_TRIALS = 5


class Study(NamedTuple):
    """One question, asked several times.

    Attributes:
        title: what it is of.
        postings: all that there are.
        batch: how many are labelled before the model is trained again.
        batches: how often.
        trials: what learns, and from where.
    """

    title: str
    postings: list[Labelled]
    batch: int
    batches: int
    trials: list[tuple[Learn, Start]]


def studies(corpus: Corpus, data: Path | None) -> Iterator[Study]:
    """Yield the studies, one in memory at a time."""
    texts = Texts(corpus, read_real(data) if data else [])
    yield texts.few_labels()
    yield texts.unknown_words()
    yield texts.unknown_occupations()
    if data:
        yield texts.real()
        yield texts.real_again()


def read_real(data: Path) -> list[Labelled]:
    """Return the labelled postings of a file, cleaned; with their occupation, and no share."""
    return [
        Labelled(Posting(row["title"], row["text"]), row["language"], row["label"],
                 isco=str(row.get("isco2", "")))
        for row in read_labelled(data)
    ]  # fmt: skip


class Texts:
    """The corpus, and real postings behind it, as rows of features."""

    def __init__(self, corpus: Corpus, real: list[Labelled]) -> None:
        taught = {code: taught_by(_of_language(corpus, code)) for code in LANGUAGES}
        own = [posting for postings, _ in taught.values() for posting in postings]
        self.n = len(own)
        self.postings = [replace(each, posting=cleaned(each)) for each in own + real]
        self.front = np.array([each.label == FRONT for each in self.postings])
        self.language = np.array([each.language for each in self.postings])
        self.isco = np.array([each.isco for each in self.postings])
        self.group = np.array([isco[:2] for isco in self.isco])
        aids = [aid for _, lesson in taught.values() for aid in lesson.aids]
        self.aids_language = np.repeat(
            list(taught), [len(lesson.aids) for _, lesson in taught.values()]
        )
        classifier = OfficeClassifier()
        self.head = Head(classifier.estimator, classifier.C, classifier.seed)
        shares = [each.share for each in self.postings]
        self.material = Material.of(
            PostingFeatures(min_df=classifier.min_df),
            [each.posting for each in self.postings],
            self.front, aids, {}, self.group.tolist(), shares,
        )  # fmt: skip
        self.part = classifier.front_part(self.front, self.material.shares)

    def few_labels(self) -> Study:
        """A data scientist with twenty labels and sheets of one language."""
        trials: list[tuple[Learn, Start]] = []
        learn = FromScratch([each.posting for each in self.postings], self.front, self.head)
        for code in LANGUAGES:
            own = np.flatnonzero(self.language[: self.n] == code)
            folds = folds_of(self.front[own], self.group[own].tolist(), 0)
            for seed, (train, test) in enumerate(folds[:_TRIALS]):
                rng = np.random.default_rng(seed)
                rows, asked = rng.permutation(own[train]), rng.permutation(own[test])[:_ASKED]
                front = self.front[rows]
                known = np.concatenate([rows[front][:_FIRST], rows[~front][:_FIRST]])
                pool = rows[~np.isin(rows, known)][:_POOL]
                trials.append((learn, Start(known, pool, asked, seed)))
        return Study("Few labels", self.postings, 20, 12, trials)

    def unknown_words(self) -> Study:
        """An employer whose words the model does not know."""
        trials = []
        for code in LANGUAGES:
            own = np.flatnonzero(self.language[: self.n] == code)
            known = np.flatnonzero(self.language[: self.n] != code)
            aids = np.flatnonzero(self.aids_language != code)
            for seed in range(_TRIALS):
                trials.append(self._trial(known, own, self.group, aids, seed))
        return Study("Unknown words",
                     self.postings, 40, 4, trials)  # fmt: skip

    def unknown_occupations(self) -> Study:
        """An employer whose occupations the model does not know."""
        trials = []
        for train, test in folds_of(self.front[: self.n], self.group[: self.n].tolist(), 0):
            aids = self.material.aids_without(test)
            trials.append(self._trial(train, test, self.isco, aids, 0))
        return Study("Unknown occupations",
                     self.postings, 40, 3, trials)  # fmt: skip

    def real(self) -> Study:
        """An employer whose postings are real ones, judged by occupations that nobody labelled."""
        return self._real("other occupations", self.group)

    def real_again(self) -> Study:
        """The same, judged by postings like those that somebody labelled."""
        return self._real("the same occupations", np.arange(len(self.postings)))

    def _real(self, asked: str, group: np.ndarray) -> Study:
        own = np.arange(self.n, len(self.postings))
        aids = np.arange(len(self.aids_language))
        trials = [
            self._trial(np.arange(self.n), own, group, aids, seed) for seed in range(_REAL_TRIALS)
        ]
        title = f"Real postings, {asked}"
        return Study(title, self.postings, 40, 3, trials)

    def _trial(
        self, known: np.ndarray, sheet: np.ndarray, group: np.ndarray, aids: np.ndarray, seed: int
    ) -> tuple[Learn, Start]:
        """Return a trial in which half of the groups of a sheet may be labelled.

        Args:
            known: places of what the model has learned from.
            sheet: of postings unknown to it.
            group: of each posting, what must not be on both sides.
            aids: the short documents it has learned from.
            seed: of the halves.
        """
        groups = np.random.default_rng(seed).permutation(np.unique(group[sheet]))
        may_be = np.isin(group[sheet], groups[::2])
        part = self.part.copy()
        part[sheet] = self.front[sheet]  # who reviews says front or back, and no share
        learn = BesideCorpus(self.material.lessons(part), self.head, aids)
        return learn, Start(known, sheet[may_be], sheet[~may_be], seed)


def _of_language(corpus: Corpus, code: str) -> Corpus:
    parts: dict[str, Any] = {
        name: [each for each in getattr(corpus, name) if each.language == code]
        for name in ("postings", "lines", "titles")
    }
    return Corpus(corpus.folder, **parts)
