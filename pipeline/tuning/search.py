"""A search over parameters: every candidate answers the same postings, none that it has seen."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np

from pipeline.checking.finding import Report
from pipeline.classifier import FRONT, OfficeClassifier
from pipeline.cluster.model import versions
from pipeline.features import PostingFeatures
from pipeline.fitting import AT_ONCE, Progress, Say, Taught, quiet, taught_by, too_little
from pipeline.labelled import Corpus
from pipeline.layout import Layout
from pipeline.material import Material
from pipeline.output import claimed
from pipeline.training_set import TrainingSet, training_set
from pipeline.tuning.grid import DEFAULT, Candidate, Grid, candidates
from pipeline.tuning.journal import NAME, Outcome, TuningJournal
from pipeline.tuning.results import Tuning, ranked
from pipeline.tuning.work import Pool, pool_of

_AS_FOUND = Layout()


def tune(
    sources: Sequence[Path],
    folder: Path,
    *,
    layout: Layout = _AS_FOUND,
    corrections: Sequence[Path] = (),
    grid: Grid = DEFAULT,
    by: str = "accuracy",
    seed: int = 0,
    workers: int | None = None,
    scheduler: str | None = None,
    say: Say = lambda message: None,
    report: Report = lambda finding: None,
    progress: Progress = quiet,
) -> Tuning:
    """Try each candidate of a grid on corpus folders and labelled tables.

    Args:
        sources, layout, corrections, report: see `pipeline.training_set.training_set`.
        folder: holds the journal; what is in it is not tried again.
        grid: see `pipeline.tuning.grid`.
        by: what the candidates are ranked by: see `pipeline.tuning.results`.
        seed: of folds and estimators, and of the sample where there is more than fits.
        workers: how many candidates are tried at a time on this machine; one a core for None.
        scheduler: address of a scheduler of Dask, whose workers try them instead.
        say: told what is being done, one short line at a time.
        progress: shows how far it is.

    Raises:
        ClusterError: the scheduler is not reached, its workers are not like this machine, or
            workers died.
        CorpusError: a corpus cannot be read, or there is too little of it.
        InputError: a table cannot be read.
        OutputError: another search writes to the folder.
        ResumeError: the journal is of something else.
    """
    say(f"reading {', '.join(map(str, sources))}")
    with training_set(sources, layout, report, corrections) as texts:
        corpus = _in_memory(texts, seed, say)
        postings, taught = taught_by(corpus)
        sha256 = texts.sha256
    front = np.array([label == FRONT for label in taught.y])
    language = np.array([each.language for each in postings])
    tried = candidates(grid)
    folder.mkdir(parents=True, exist_ok=True)
    settings = _settings(sha256, len(postings), seed)
    path = folder / NAME
    with claimed(path), TuningJournal.at(path, settings, len(postings)) as journal:
        missing = [each for each in tried if journal.get(each) is None]
        if not missing:
            say(f"{path}: all {len(tried)} candidates are done")
        else:
            if len(missing) < len(tried):
                done = len(tried) - len(missing)
                say(f"{path}: {done} of {len(tried)} candidates are done; going on with the others")
            with too_little(corpus.folder), pool_of(workers, scheduler) as pool:
                _search(taught, front, missing, seed, pool, journal, progress)
        outcomes = [outcome for each in tried if (outcome := journal.get(each)) is not None]
    say(f"measuring {len(tried)} candidates")
    return ranked(tried, outcomes, front, language, by)


def _in_memory(texts: TrainingSet, seed: int, say: Say) -> Corpus:
    n = len(texts)
    if n <= AT_ONCE:
        return texts.corpus()
    say(f"{n:,} postings: tuning on {AT_ONCE:,} of them, drawn by --seed {seed}")
    drawn = np.random.default_rng(seed).choice(n, AT_ONCE, replace=False)
    return replace(texts.beside, postings=list(texts.read(np.sort(drawn).tolist())))


def _settings(sha256: str, n: int, seed: int) -> dict[str, object]:
    """Return what the answers depend on, by the name that a message gives it."""
    here = versions()
    return {
        "the training set": sha256[:16],
        "the number of postings": n,
        "the number of folds": OfficeClassifier().cv,
        "the seed": seed,
        **{f"the version of {name}": here[name] for name in ("frontback", "scikit-learn")},
    }


def _search(
    taught: Taught,
    front: np.ndarray,
    missing: Sequence[Candidate],
    seed: int,
    pool: Pool,
    journal: TuningJournal,
    progress: Progress,
) -> None:
    """Try what has not been tried, and note each outcome as it comes."""
    with progress(len(missing), "tuning", unit="candidates") as advance:
        for min_df in sorted({each["min_df"] for each in missing}):
            own = [each for each in missing if each["min_df"] == min_df]
            features = PostingFeatures(min_df=min_df)
            _, _, aids, others, groups, shares = taught
            material = Material.of(features, taught.X, front, aids, others, groups, shares)
            # The other texts have a say in the features, and none in what is measured here.
            with closing(pool(answer, replace(material, others={}), own, seed)) as found:
                for candidate, outcome in found:
                    journal.note(candidate, outcome)
                    advance(1)


def answer(material: Material, candidate: Candidate, seed: int) -> tuple[Candidate, Outcome]:
    """Return what a candidate says of postings that it has not seen."""
    classifier = OfficeClassifier(**candidate, seed=seed).answer_unseen(material)
    return candidate, Outcome(classifier.out_of_fold_, classifier.band_)
