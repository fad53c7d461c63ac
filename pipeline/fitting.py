"""Labelled texts to a fitted classifier."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

import numpy as np

from pipeline.classifier import OfficeClassifier
from pipeline.heads import Aid
from pipeline.labelled import SEVERAL_ROLES, Corpus, Labelled
from pipeline.near_duplicates import near_duplicates
from pipeline.parameters import check_parameters
from pipeline.posting import CorpusError, Posting
from pipeline.streamed import fit_streamed
from pipeline.text import clean
from pipeline.training_set import LEAST, TrainingSet
from pipeline.wording import words

#: Of a duty line and a job title beside a posting's 1: with thousands of postings little is best.
LINE_WEIGHT, TITLE_WEIGHT = 0.03, 0.1
#: Of more postings, so many are in memory at a time: see `pipeline.streamed`.
AT_ONCE, PART = 30_000, 5_000
#: Job titles whose share of front roles lies between these say too little to learn from.
_UNDECIDED_TITLES = range(25, 45)

Say = Callable[[str], None]
Parameters = Mapping[str, Any]
USUAL: Parameters = MappingProxyType({})


class Progress(Protocol):
    """Shows how far work is."""

    def __call__(
        self, total: int, what: str, *, unit: str = "rows"
    ) -> AbstractContextManager[Callable[[int], None]]:
        """Return what is told of each part done, of a total of some unit."""


def quiet(
    total: int, what: str, *, unit: str = "rows"
) -> AbstractContextManager[Callable[[int], None]]:
    """Show no progress."""
    return nullcontext(lambda done: None)


def fit(
    texts: TrainingSet,
    parameters: Parameters = USUAL,
    say: Say = lambda message: None,
    progress: Progress = quiet,
) -> tuple[OfficeClassifier, list[Labelled]]:
    """Return a fitted classifier, and the postings that its out-of-fold answers are of.

    Args:
        texts: what to learn from; in parts where they are more than memory should hold.
        parameters: of `OfficeClassifier`, where they are not to be the usual ones.
        say: told what is being done, one short line at a time.
        progress: shows how far it is.

    Raises:
        CorpusError: there is too little to train and calibrate on.
        ValueError: a parameter is none that the classifier can use.
    """
    if len(texts) > AT_ONCE:
        return fit_parts(texts, parameters, say, progress)
    return fit_corpus(texts.corpus(), parameters, say, progress)


def fit_corpus(
    corpus: Corpus,
    parameters: Parameters = USUAL,
    say: Say = lambda message: None,
    progress: Progress = quiet,
) -> tuple[OfficeClassifier, list[Labelled]]:
    """Return a classifier fitted to all at once, and the postings learned from; see `fit`."""
    postings, taught = taught_by(corpus)
    classifier = _unfitted(parameters)
    say(words()("work.model.training", postings=len(postings), **_told(taught.aids)))
    with too_little(corpus.folder), progress(classifier.steps, "training", unit="steps") as advance:
        classifier.fit(*taught, advance=advance)
    return classifier, postings


class Taught(NamedTuple):
    """What a corpus teaches: the arguments of `OfficeClassifier.fit`."""

    X: list[Posting]
    y: list[str]
    aids: list[Aid]
    others: dict[str, list[Posting]]
    groups: list[str] | None
    shares: list[int]


def taught_by(corpus: Corpus) -> tuple[list[Labelled], Taught]:
    """Return the postings of a corpus that are learned from, and all that it teaches.

    Plain postings count in full. Hard kinds stay out: with many of them a model unlearns the
    evidence that real postings give. Duty lines and titles help as short extra documents.

    Raises:
        CorpusError: there is too little to train and calibrate on.
    """
    postings = [each for each in corpus.postings if each.kind == "plain"]
    labels = [each.label for each in postings]
    if min(labels.count("front"), labels.count("back")) < LEAST:
        raise CorpusError(
            f"{corpus.folder}: {labels.count('front')} front and {labels.count('back')} back"
            f" postings of kind plain; training needs {LEAST} of each at least, hundreds to be any"
            " good."
        )
    return postings, Taught(
        [cleaned(each) for each in postings],
        labels,
        _aids(corpus),
        _others(corpus),
        groups_of(postings),
        [each.share for each in postings],
    )


def groups_of(postings: list[Labelled]) -> list[str] | None:
    """Return what must not stand on both sides of a fold, of each posting; None where nothing.

    An occupation (the first two digits of ISCO-08); near-duplicates where that is not known.
    """
    groups = [each.isco[:2] for each in postings]
    if all(groups):
        return groups
    alike = near_duplicates([each.posting.text for each in postings]).tolist()
    # One that is nearly a posting of a known occupation goes with it.
    occupation = {number: group for group, number in zip(groups, alike, strict=True) if group}
    groups = [
        group or occupation.get(number, f"text {number}")
        for group, number in zip(groups, alike, strict=True)
    ]
    return groups if len(set(groups)) < len(groups) else None


def fit_parts(
    texts: TrainingSet,
    parameters: Parameters = USUAL,
    say: Say = lambda message: None,
    progress: Progress = quiet,
) -> tuple[OfficeClassifier, list[Labelled]]:
    """Return a classifier fitted to one part after the other, and the postings kept out; see `fit`.

    How: `pipeline.streamed`.
    """
    aids, classifier = _aids(texts.beside), _unfitted(parameters)
    values = {"postings": len(texts), "most": AT_ONCE, **_told(aids)}
    say(words()("work.model.training_parts", **values))
    with (
        too_little(texts.sources[0]),
        progress(2 * len(texts), "training, everything read twice") as advance,
    ):

        def parts(seed: int | None) -> Iterator[list[Labelled]]:
            n = len(texts)
            order = range(n) if seed is None else np.random.default_rng(seed).permutation(n)
            read = (replace(each, posting=cleaned(each)) for each in texts.read(order))
            while part := list(islice(read, PART)):
                yield part
                advance(len(part))

        kept_out = fit_streamed(classifier, parts, len(texts), aids, _others(texts.beside))
    return classifier, kept_out


def _unfitted(parameters: Parameters) -> OfficeClassifier:
    classifier = OfficeClassifier(**parameters)
    check_parameters(classifier.get_params())  # or it would seem that there is too little to learn
    return classifier


@contextmanager
def too_little(folder: Path) -> Iterator[None]:
    """Make a `CorpusError` that names the folder of what there is too little for."""
    try:
        yield
    except ValueError as error:
        raise CorpusError(
            f"{folder}: too little to learn from ({error}); add postings of both labels."
        ) from error


def _aids(corpus: Corpus) -> list[Aid]:
    """Return duty lines, then titles, as short documents."""
    lines = [
        Aid(
            cleaned(each),
            "front" if each.label == "contact" else "back",
            each.isco[:2],
            LINE_WEIGHT,
        )
        for each in corpus.lines
        if each.label != "neutral"
    ]
    titles = [
        Aid(cleaned(each), each.label, each.isco[:2], TITLE_WEIGHT)
        for each in corpus.titles
        if each.share not in _UNDECIDED_TITLES
    ]
    return lines + titles


def _told(aids: list[Aid]) -> dict[str, int]:
    lines = sum(aid.weight == LINE_WEIGHT for aid in aids)
    return {"lines": lines, "titles": len(aids) - lines}


def _others(corpus: Corpus) -> dict[str, list[Posting]]:
    """Return the texts that no office can be named for: see `OfficeClassifier.fit`."""
    several = [each for each in corpus.several_roles if each.label == SEVERAL_ROLES]
    one = [each for each in corpus.several_roles if each.label != SEVERAL_ROLES]
    return {
        "no_posting": [cleaned(each) for each in corpus.no_postings],
        "several_roles": [cleaned(each) for each in several],
        "one_role": [cleaned(each) for each in one],
    }


def cleaned(text: Labelled) -> Posting:
    """Return title and text as the models read them."""
    return Posting(clean(text.posting.title), clean(text.posting.text))
