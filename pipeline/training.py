"""Labelled texts to a stored model."""

from __future__ import annotations

import platform
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import joblib
import numpy as np
import sklearn
from filelock import FileLock, Timeout

import pipeline
from pipeline.card import card_files
from pipeline.checking.finding import Report
from pipeline.classifier import FRONT, OfficeClassifier
from pipeline.drift import reference
from pipeline.evaluation import by_language, measure_by, measure_share
from pipeline.fitting import LINE_WEIGHT, TITLE_WEIGHT, USUAL, Parameters, Progress, Say, fit, quiet
from pipeline.labelled import Labelled, posting_files
from pipeline.layout import Layout
from pipeline.model_card import card_of
from pipeline.model_files import Manifest
from pipeline.model_folder import check_writable, unwritable
from pipeline.places import corpus_folder, same_place
from pipeline.posting import ModelError
from pipeline.store import DEFAULT, has_usable_model, load_model, save_model
from pipeline.training_set import TrainingSet, training_set
from pipeline.wording import words

_OWN = "own"
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,52}")
_AS_FOUND = Layout()


class Learned(NamedTuple):
    """A model that is trained and not stored.

    Attributes:
        name: what its id is to begin with.
        classifier: fitted.
        postings: those that its out-of-fold answers are of.
        manifest: what is known of it, without what storing it adds.
    """

    name: str
    classifier: OfficeClassifier
    postings: list[Labelled]
    manifest: Manifest


def train(
    sources: Sequence[Path],
    models: Path,
    *,
    layout: Layout = _AS_FOUND,
    corrections: Sequence[Path] = (),
    name: str = "",
    parameters: Parameters = USUAL,
    activate: bool = True,
    say: Say = lambda message: None,
    report: Report = lambda finding: None,
    progress: Progress = quiet,
) -> Manifest:
    """Train a model on corpus folders and labelled tables, store it, and return its manifest.

    Args:
        models: the models folder.
        activate: whether it becomes the active model.
        sources, layout, corrections, name, parameters, say, report, progress: see `learn`.

    Raises:
        OutputError: the models folder cannot be written.
        CorpusError, InputError, ModelError, ValueError: see `learn`.
    """
    check_name(name)
    check_writable(models)  # said before the long work, not after it
    learned = learn(
        sources,
        layout=layout,
        corrections=corrections,
        name=name,
        parameters=parameters,
        say=say,
        report=report,
        progress=progress,
    )
    return keep(learned, models, activate, say)


def learn(
    sources: Sequence[Path],
    *,
    layout: Layout = _AS_FOUND,
    corrections: Sequence[Path] = (),
    name: str = "",
    parameters: Parameters = USUAL,
    say: Say = lambda message: None,
    report: Report = lambda finding: None,
    progress: Progress = quiet,
) -> Learned:
    """Train a model on corpus folders and labelled tables, and return it.

    Args:
        sources: see `pipeline.training_set`.
        layout: how tables are to be read.
        corrections: tables of what people have corrected: see `pipeline.corrections`.
        name: what the model's id begins with; ``default`` or ``own`` where left out.
        parameters: of `OfficeClassifier`, where they are not to be the usual ones.
        say: told what is being done, one short line at a time.
        report: told of each posting that is left out, and where it stands.
        progress: shows how far it is.

    Raises:
        CorpusError: a corpus cannot be read, or there is too little to train and calibrate on.
        InputError: a table cannot be read.
        ModelError: the name is none that a model can have.
        ValueError: a parameter is none that the classifier can use.
    """
    usual = _are_usual(parameters) and not corrections and all(map(_is_ours, sources))
    check_name(name)
    say(words()("work.model.reading", sources=", ".join(map(_called, sources))))
    with training_set(sources, layout, report, corrections) as texts:
        classifier, postings = fit(texts, parameters, say, progress)
        manifest = _manifest(texts, corrections, classifier, postings)
    return Learned(name or (DEFAULT if usual else _OWN), classifier, postings, manifest)


def keep(learned: Learned, models: Path, activate: bool, say: Say) -> Manifest:
    """Store a trained model and return its manifest; the arguments are those of `train`.

    Raises:
        OutputError: the models folder cannot be written.
    """
    manifest = save_model(
        models,
        learned.name,
        learned.classifier.get_state(),
        learned.manifest,
        activate,
        card_files,
    )
    say(words()("work.model.stored", model=manifest["id"]))
    return manifest


def _called(source: Path) -> str:
    return words()("work.model.ours") if _is_ours(source) else str(source)


def _is_ours(source: Path) -> bool:
    return same_place(source, corpus_folder())


def _are_usual(parameters: Parameters) -> bool:
    return OfficeClassifier(**parameters).get_params() == OfficeClassifier().get_params()


def check_name(name: str) -> None:
    """Raise `ModelError` where a model cannot be called so; an empty name is for `train` to say."""
    if name and not _NAME.fullmatch(name):
        raise ModelError(
            f"{name!r} cannot be a model's name; use up to 53 of a-z, 0-9, '.', '_' and '-', a"
            " letter or digit first."
        )
    if name == DEFAULT:
        raise ModelError(
            f"{DEFAULT!r} is the name of what comes with frontback; choose another one."
        )


def _manifest(
    texts: TrainingSet,
    corrections: Sequence[Path],
    classifier: OfficeClassifier,
    postings: list[Labelled],
) -> Manifest:
    return {
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": {
            "frontback": pipeline.__version__,
            "python": platform.python_version(),
            "scikit-learn": sklearn.__version__,
            "numpy": np.__version__,
            "joblib": joblib.__version__,
        },
        "corpus": {
            "sha256": texts.sha256,
            "sources": [source.name for source in (*texts.sources, *corrections)],
            "counts": texts.counts,
        },
        "parameters": classifier.get_params()
        | {
            "line_weight": LINE_WEIGHT,
            "title_weight": TITLE_WEIGHT,
            "streamed": len(postings) < len(texts),
        },
        "metrics": out_of_fold_metrics(classifier, postings),
        "shares": out_of_fold_shares(classifier, postings),
        "reference": reference(classifier, postings),
        "others_found": {kind: sieve.found for kind, sieve in classifier.sieves_.items()},
        "card": card_of(
            classifier, postings, _came_with_frontback(texts), len(postings) < len(texts)
        ),
    }


def _came_with_frontback(texts: TrainingSet) -> Callable[[Labelled], bool]:
    """Return what says whether a posting stands in a file of the corpus that came with it."""
    files = {
        str(file) for source in texts.sources if _is_ours(source) for file in posting_files(source)
    }
    return lambda each: each.where.rpartition(":")[0] in files


def ensure_model(models: Path, say: Say = lambda message: None) -> None:
    """Train the default model where the folder has no active model yet, or an older default one.

    Several first runs at once train once: the others wait for the first. Where nothing can be
    written, an older one that can be read will do.
    """
    if has_usable_model(models):
        return
    try:
        models.mkdir(parents=True, exist_ok=True)
        lock = FileLock(models / ".training.lock")
        try:
            lock.acquire(blocking=False)
        except Timeout:
            say(words()("work.model.waiting"))
            lock.acquire()
    except OSError as error:
        try:
            model = load_model(models)[1]["id"]
        except ModelError:
            raise unwritable(models, error) from error
        say(words()("work.model.older", models=models, model=model))
        return
    try:
        if not has_usable_model(models):
            say(words()("work.model.first"))
            train([corpus_folder()], models, say=say)
    finally:
        lock.release()


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
