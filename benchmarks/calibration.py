"""Why one temperature for all languages, and why a review band for 0.98.

    python -m benchmarks.calibration realads.jsonl

Trains on the corpus. The first table compares ways of making probabilities of logits, by log loss
and calibration error: on the corpus each is learned on four parts of the occupations and measured
on the fifth, on the file it is learned on the whole corpus. The lines below it say how far each
language's own temperature is from the common one. The second table shows review bands for
wanted shares of right answers; `at least` is the share that 95 of 100 employers reach who have
postings of ten occupations (ISCO-08 sub-major groups), drawn by chance from the corpus.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import click
import numpy as np
from rich.console import Console
from rich.table import Table
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss

from benchmarks.accuracy import read_labelled
from pipeline.calibration import folds_of, review_band, temperature
from pipeline.classifier import FRONT
from pipeline.evaluation import calibration_error
from pipeline.fitting import fit_corpus
from pipeline.labelled import read_corpus
from pipeline.places import corpus_folder
from pipeline.posting import Posting
from pipeline.scoring import sigmoid
from pipeline.text import clean

_WANTED = (0.97, 0.975, 0.98, 0.985, 0.99)
_DRAWS = 200
_EMPLOYERS, _OCCUPATIONS = 4000, 10


class Seen(NamedTuple):
    """Postings with their logits by the model as it is; arrays of shape (n,)."""

    logits: np.ndarray
    front: np.ndarray
    language: np.ndarray

    def at(self, rows: np.ndarray) -> Seen:
        """Return some of them."""
        return Seen(*(column[rows] for column in self))


Learn = Callable[[Seen, Seen], np.ndarray]


def _one(known: Seen, new: Seen) -> np.ndarray:
    return sigmoid(temperature(known.logits, known.front) * new.logits)


def _each(known: Seen, new: Seen) -> np.ndarray:
    p_front = np.zeros(len(new.logits))
    for code in np.unique(new.language):
        at = new.language == code
        p_front[at] = _one(known.at(known.language == code), new.at(at))
    return p_front


def shifted(known: Seen, new: Seen) -> np.ndarray:
    """Return p_front of new postings by a factor and a shift (Platt scaling)."""
    fitted = LogisticRegression(C=1e6).fit(known.logits[:, None], known.front)
    return np.asarray(fitted.predict_proba(new.logits[:, None])[:, 1])


_WAYS: dict[str, Learn] = {
    "one temperature": _one,
    "one a language": _each,
    "one and a shift": shifted,
}


@click.command()
@click.argument("data", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--corpus", type=click.Path(path_type=Path), help="Corpus folder.")
def main(data: Path, corpus: Path | None) -> None:
    """Compare calibrations and review bands on the corpus and on the postings in DATA."""
    rows = read_labelled(data)
    classifier, postings = fit_corpus(read_corpus(corpus or corpus_folder()))
    p_front = classifier.out_of_fold_
    own = Seen(
        np.log(p_front / (1 - p_front)),
        np.array([each.label == FRONT for each in postings]),
        np.array([each.language for each in postings]),
    )
    real = Seen(
        classifier.decision_function([Posting(clean(r["title"]), clean(r["text"])) for r in rows]),
        np.array([row["label"] == FRONT for row in rows]),
        np.array([row["language"] for row in rows]),
    )
    occupations = np.array([each.isco[:2] for each in postings])
    console = Console(highlight=False)
    console.print(_ways(own, real, occupations))
    for code, (factor, error) in _factors(own, occupations).items():
        console.print(f"temperature of {code}: {factor:.2f} of the common one, ± {error:.2f}")
    console.print(_bands(own, real, occupations))


def _ways(own: Seen, real: Seen, occupations: np.ndarray) -> Table:
    codes = [str(code) for code in np.unique(real.language)]
    errors = ("error: corpus", "file", *codes)
    table = _table("calibration", "loss: corpus", "file", *errors, "accuracy: file")
    for name, learn in _WAYS.items():
        unseen = np.zeros(len(own.front))
        for train, test in folds_of(own.front, list(occupations), seed=0):
            unseen[test] = learn(own.at(train), own.at(test))
        p_front = learn(own, real)
        figures = [
            log_loss(own.front, unseen),
            log_loss(real.front, p_front),
            calibration_error(unseen, own.front),
            calibration_error(p_front, real.front),
        ]
        for code in codes:
            at = real.language == code
            figures.append(calibration_error(p_front[at], real.front[at]))
        figures.append(((p_front >= 0.5) == real.front).mean())
        table.add_row(name, *(f"{figure:.3f}" for figure in figures))
    return table


def _factors(own: Seen, occupations: np.ndarray) -> dict[str, tuple[float, float]]:
    """Return each language's own temperature by the common one, and its standard error.

    The error is over draws of occupations with replacement: the bootstrap (Efron 1979).
    """
    rng, groups = np.random.default_rng(0), np.unique(occupations)
    rows = {group: np.flatnonzero(occupations == group) for group in groups}
    codes = [str(code) for code in np.unique(own.language)]

    def factors(seen: Seen) -> list[float]:
        common = temperature(seen.logits, seen.front)
        of_codes = [seen.at(seen.language == code) for code in codes]
        return [temperature(each.logits, each.front) / common for each in of_codes]

    drawn = [
        factors(own.at(np.concatenate([rows[group] for group in rng.choice(groups, len(groups))])))
        for _ in range(_DRAWS)
    ]
    found = zip(factors(own), np.std(drawn, axis=0), strict=True)
    return dict(zip(codes, found, strict=True))


def _bands(own: Seen, real: Seen, occupations: np.ndarray) -> Table:
    names = ("corpus: decided", "right", "at least", "file: decided", "right")
    table = _table("wanted", "band", *names)
    for wanted in _WANTED:
        band = review_band(sigmoid(own.logits), own.front, wanted)
        figures = [*_decided(own, band), _at_least(own, band, occupations), *_decided(real, band)]
        shown = (f"{figure:.3f}" for figure in figures)
        table.add_row(f"{wanted:.3f}", f"{band:.2f}", *shown)
    return table


def _decided(seen: Seen, band: float) -> tuple[float, float]:
    p_front = sigmoid(seen.logits)
    decided, right = np.abs(p_front - 0.5) >= band, (p_front >= 0.5) == seen.front
    return float(decided.mean()), float(right[decided].mean()) if decided.any() else float("nan")


def _at_least(own: Seen, band: float, occupations: np.ndarray) -> float:
    """Return the share of right answers that 95 of 100 employers reach."""
    p_front = sigmoid(own.logits)
    decided, right = np.abs(p_front - 0.5) >= band, (p_front >= 0.5) == own.front
    _, group = np.unique(occupations, return_inverse=True)
    answers, rights = np.bincount(group, decided), np.bincount(group, decided & right)
    rng = np.random.default_rng(0)
    drawn = rng.integers(0, len(answers), (_EMPLOYERS, _OCCUPATIONS))
    reached = rights[drawn].sum(axis=1) / np.maximum(answers[drawn].sum(axis=1), 1)
    return float(np.quantile(reached, 0.05))


def _table(*names: str) -> Table:
    table = Table()
    for place, name in enumerate(names):
        table.add_column(name, justify="right" if place else "left")
    return table


if __name__ == "__main__":
    main()
