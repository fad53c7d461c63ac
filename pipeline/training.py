"""Corpus to model."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import sklearn
from filelock import FileLock, Timeout

import pipeline
from pipeline.classifier import FRONT, OfficeClassifier
from pipeline.drift import reference
from pipeline.evaluation import by_language, measure_by, measure_share
from pipeline.heads import Aid
from pipeline.labelled import (
    SEVERAL_ROLES,
    Corpus,
    Labelled,
    posting_lines,
    read_beside,
    read_corpus,
    read_postings,
)
from pipeline.labelled_files import JsonLines, corpus_hash
from pipeline.model_files import Manifest
from pipeline.model_folder import unwritable
from pipeline.places import corpus_folder
from pipeline.posting import CorpusError, Posting
from pipeline.store import DEFAULT, has_usable_model, save_model
from pipeline.streamed import fit_streamed
from pipeline.text import clean

#: Of a duty line and a job title beside a posting's 1: with thousands of postings little is best.
LINE_WEIGHT, TITLE_WEIGHT = 0.03, 0.1
#: Of more postings, so many are in memory at a time: see `pipeline.streamed`.
AT_ONCE, PART = 30_000, 5_000
#: Job titles whose share of front roles lies between these say too little to learn from.
_UNDECIDED_TITLES = range(25, 45)

Say = Callable[[str], None]


def train(corpus: Path, models: Path, say: Say = lambda message: None) -> Manifest:
    """Train a model on a corpus folder, store it, make it active, and return its manifest.

    Args:
        corpus: see `pipeline.labelled`.
        models: the models folder.
        say: told what is being done, one short line at a time.

    Raises:
        CorpusError: the corpus cannot be read or is too small to train and calibrate on.
        OutputError: the models folder cannot be written.
    """
    say(f"reading {corpus}")
    lines = posting_lines(corpus)
    streamed = len(lines) > AT_ONCE
    if streamed:
        texts = read_beside(corpus)
        classifier, postings = fit_parts(texts, lines, say)
    else:
        texts = read_corpus(corpus)
        classifier, postings = fit_corpus(texts, say)
    counts = {name: len(part) for name, part in texts.parts.items()}
    is_default = corpus.resolve() == corpus_folder().resolve()
    manifest = save_model(
        models,
        DEFAULT if is_default else "own",
        classifier.get_state(),
        {
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "versions": {
                "frontback": pipeline.__version__,
                "python": platform.python_version(),
                "scikit-learn": sklearn.__version__,
                "numpy": np.__version__,
                "joblib": joblib.__version__,
            },
            "corpus": {
                "sha256": corpus_hash(corpus),
                "counts": counts | {"postings": len(lines)},
            },
            "parameters": classifier.get_params()
            | {"line_weight": LINE_WEIGHT, "title_weight": TITLE_WEIGHT, "streamed": streamed},
            "metrics": out_of_fold_metrics(classifier, postings),
            "shares": out_of_fold_shares(classifier, postings),
            "reference": reference(classifier, postings),
            "others_found": {kind: sieve.found for kind, sieve in classifier.sieves_.items()},
        },
    )
    say(f"stored as {manifest['id']} in {models}")
    return manifest


def ensure_model(models: Path, say: Say = lambda message: None) -> None:
    """Train the default model where the folder has no active model yet, or an older default one.

    Several first runs at once train once: the others wait for the first.
    """
    if has_usable_model(models):
        return
    try:
        models.mkdir(parents=True, exist_ok=True)
        lock = FileLock(models / ".training.lock")
        try:
            lock.acquire(blocking=False)
        except Timeout:
            say("another run is training the default model; waiting for it")
            lock.acquire()
    except OSError as error:
        raise unwritable(models, error) from error
    try:
        if not has_usable_model(models):
            say("first use: training the default model; this is done once")
            train(corpus_folder(), models, say)
    finally:
        lock.release()


def fit_corpus(
    corpus: Corpus, say: Say = lambda message: None
) -> tuple[OfficeClassifier, list[Labelled]]:
    """Return a fitted classifier, and the postings that it learned from.

    Plain postings count in full. Hard kinds stay out: with many of them a model unlearns the
    evidence that real postings give. Duty lines and titles help as short extra documents.
    """
    postings = [each for each in corpus.postings if each.kind == "plain"]
    labels = [each.label for each in postings]
    if min(labels.count("front"), labels.count("back")) < 10:
        raise CorpusError(
            f"{corpus.folder}: {labels.count('front')} front and {labels.count('back')} back"
            " postings of kind plain; training needs 10 of each at least, hundreds to be any good."
        )
    aids = _aids(corpus)
    occupations = [each.isco[:2] for each in postings]
    say(f"training on {len(postings):,} postings, {_told(aids)}; takes some twenty seconds")
    with _too_little(corpus.folder):
        classifier = OfficeClassifier().fit(
            [_cleaned(each) for each in postings],
            labels,
            aids=aids,
            others=_others(corpus),
            groups=occupations if all(occupations) else None,
            shares=[each.share for each in postings],
        )
    return classifier, postings


def fit_parts(
    corpus: Corpus, lines: JsonLines, say: Say = lambda message: None
) -> tuple[OfficeClassifier, list[Labelled]]:
    """Return a fitted classifier, and the postings that were kept out: see `pipeline.streamed`.

    Args:
        corpus: what there is beside the postings.
        lines: those of the postings; only those of kind plain are learned from.
    """

    def parts(seed: int | None) -> Iterator[list[Labelled]]:
        n = len(lines)
        order = range(n) if seed is None else np.random.default_rng(seed).permutation(n)
        read = (each for each in read_postings(lines, order) if each.kind == "plain")
        cleaned = (replace(each, posting=_cleaned(each)) for each in read)
        while part := list(islice(cleaned, PART)):
            yield part

    aids, classifier = _aids(corpus), OfficeClassifier()
    say(
        f"training on {len(lines):,} postings in parts, as they are more than {AT_ONCE:,};"
        f" {_told(aids)}; takes one or two minutes for each 100,000"
    )
    with _too_little(corpus.folder):
        kept_out = fit_streamed(classifier, parts, len(lines), aids, _others(corpus))
    return classifier, kept_out


@contextmanager
def _too_little(folder: Path) -> Iterator[None]:
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
            _cleaned(each),
            "front" if each.label == "contact" else "back",
            each.isco[:2],
            LINE_WEIGHT,
        )
        for each in corpus.lines
        if each.label != "neutral"
    ]
    titles = [
        Aid(_cleaned(each), each.label, each.isco[:2], TITLE_WEIGHT)
        for each in corpus.titles
        if each.share not in _UNDECIDED_TITLES
    ]
    return lines + titles


def _told(aids: list[Aid]) -> str:
    lines = sum(aid.weight == LINE_WEIGHT for aid in aids)
    return f"{lines:,} duty lines, {len(aids) - lines:,} job titles"


def _others(corpus: Corpus) -> dict[str, list[Posting]]:
    """Return the texts that no office can be named for: see `OfficeClassifier.fit`."""
    several = [each for each in corpus.several_roles if each.label == SEVERAL_ROLES]
    one = [each for each in corpus.several_roles if each.label != SEVERAL_ROLES]
    return {
        "no_posting": [_cleaned(each) for each in corpus.no_postings],
        "several_roles": [_cleaned(each) for each in several],
        "one_role": [_cleaned(each) for each in one],
    }


def _cleaned(text: Labelled) -> Posting:
    return Posting(clean(text.posting.title), clean(text.posting.text))


def out_of_fold_metrics(
    classifier: OfficeClassifier, postings: list[Labelled]
) -> dict[str, dict[str, Any]]:
    """Return what the classifier says of postings unseen: see `pipeline.evaluation.measure_by`."""
    p_front = classifier.out_of_fold_
    return measure_by(
        np.array([each.language for each in postings]),
        p_front,
        np.array([each.label == FRONT for each in postings]),
        np.abs(p_front - 0.5) >= classifier.band_,
    )


def out_of_fold_shares(
    classifier: OfficeClassifier, postings: list[Labelled]
) -> dict[str, dict[str, Any]]:
    """Return how near shares of postings unseen are: see `pipeline.evaluation.measure_share`."""
    return by_language(
        np.array([each.language for each in postings]),
        measure_share,
        classifier.out_of_fold_share_,
        np.array([each.share for each in postings]),
    )
