"""What else could learn front against back: the estimators side by side.

    python -m benchmarks.estimators realads.jsonl

Trains each of them on the corpus and asks it twice: about the postings of the corpus, each by a
model that has learned from no text of its occupation, and about those in DATA (see
`benchmarks.accuracy`). `loss` is the mean of the logarithmic loss, `time` the work of all cores for
a whole training as a multiple of that of logistic regression, `scale` what logits are multiplied
by. The last table is of calibration by two numbers, a factor and a shift.
"""

from __future__ import annotations

import time
from pathlib import Path

import click
import numpy as np
from rich.console import Console
from rich.table import Table
from sklearn.metrics import log_loss

from benchmarks.accuracy import read_labelled
from benchmarks.calibration import Seen, shifted
from pipeline.calibration import review_band
from pipeline.classifier import FRONT, OfficeClassifier
from pipeline.evaluation import measure
from pipeline.features import PostingFeatures
from pipeline.fitting import fit_corpus
from pipeline.labelled import read_corpus
from pipeline.parameters import ESTIMATORS
from pipeline.places import corpus_folder
from pipeline.posting import Posting
from pipeline.scoring import sigmoid
from pipeline.text import clean

_FIGURES = ("accuracy", "auc", "calibration_error", "coverage", "precision")
_COLUMNS = ("accuracy", "AUC", "calibration error", "decided", "right of these", "loss")


@click.command()
@click.argument("data", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--corpus", type=click.Path(path_type=Path), help="Corpus folder.")
def main(data: Path, corpus: Path | None) -> None:
    """Train each estimator on the corpus and print what it says of that and of DATA."""
    rows = read_labelled(data)
    texts = read_corpus(corpus or corpus_folder())
    asked = [Posting(clean(row["title"]), clean(row["text"])) for row in rows]
    is_front = np.array([row["label"] == FRONT for row in rows])
    language = np.array([row["language"] for row in rows])
    fitted: dict[str, OfficeClassifier] = {}
    work: dict[str, float] = {}
    PostingFeatures().fit_transform(asked)  # what is compiled at first use is nobody's work
    for name in ESTIMATORS:
        click.echo(f"  {name}", err=True)
        begun = time.process_time()
        fitted[name], postings = fit_corpus(texts, {"estimator": name})
        work[name] = time.process_time() - begun
    own = np.array([each.label == FRONT for each in postings])
    own_language = np.array([each.language for each in postings])
    out_of_fold = _table(
        "postings of the corpus, their occupations left out of training", "time", "scale"
    )
    on_file, with_shift = _table(data.name), _table(f"{data.name}, with a shift")
    for name, classifier in fitted.items():
        p_front, band = classifier.out_of_fold_, classifier.band_
        logits = classifier.decision_function(asked)
        known = Seen(np.log(p_front / (1 - p_front)), own, own_language)
        more = f"{work[name] / work['logistic']:.2f}", f"{classifier.scale_:.2f}"
        out_of_fold.add_row(name, *_figures(p_front, own, band), *more)
        on_file.add_row(name, *_figures(sigmoid(logits), is_front, band))
        again = shifted(known, known), shifted(known, Seen(logits, is_front, language))
        band = review_band(again[0], own, classifier.precision)
        with_shift.add_row(name, *_figures(again[1], is_front, band))
    console = Console(highlight=False, width=110)
    for table in (out_of_fold, on_file, with_shift):
        console.print(table)


def _table(title: str, *more: str) -> Table:
    table = Table(title=title, title_justify="left")
    for name in ("estimator", *_COLUMNS, *more):
        table.add_column(name, justify="left" if name == "estimator" else "right")
    return table


def _figures(p_front: np.ndarray, front: np.ndarray, band: float) -> list[str]:
    found = measure(p_front, front, np.abs(p_front - 0.5) >= band)
    values = [*(found[name] for name in _FIGURES), log_loss(front, p_front)]
    return ["–" if value is None else f"{value:.3f}" for value in values]


if __name__ == "__main__":
    main()
