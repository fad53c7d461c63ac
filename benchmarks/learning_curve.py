"""What the size of the corpus is worth: figures on real postings against postings trained on.

    python -m benchmarks.learning_curve realads.jsonl

Trains on growing parts of the corpus, with and without duty lines and job titles, and measures
each model on postings whose labels are known (see `benchmarks.accuracy`). Writes
``learning_curve.csv`` into the corpus folder and draws it into ``plots/`` there. A part is taken
by chance with a fixed seed; each holds the smaller ones.
"""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import click
import numpy as np

from benchmarks.accuracy import read_labelled
from pipeline.corpus_plots import CURVE, draw_curve
from pipeline.evaluation import measure_by
from pipeline.fitting import fit_corpus
from pipeline.labelled import Corpus, read_corpus
from pipeline.learning_curve import halvings
from pipeline.places import corpus_folder
from pipeline.posting import Posting
from pipeline.text import clean

_SEED = 0
_SMALLEST = 240
_FIELDS = ("postings", "lines_and_titles", "language", "accuracy", "auc", "calibration_error")


@click.command()
@click.argument("data", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--corpus", type=click.Path(path_type=Path), help="Corpus folder.")
def main(data: Path, corpus: Path | None) -> None:
    """Train on growing parts of the corpus and measure each on the postings in DATA."""
    rows = read_labelled(data)
    whole = read_corpus(corpus or corpus_folder())
    postings = [each for each in whole.postings if each.kind == "plain"]
    order = [postings[at] for at in np.random.default_rng(_SEED).permutation(len(postings))]
    found = []
    for size in halvings(len(order), _SMALLEST):
        part = replace(whole, postings=order[:size])
        for aids in ("yes", "no"):
            used = part if aids == "yes" else replace(part, lines=[], titles=[])
            for language, figures in _figures(used, rows).items():
                line = {"postings": size, "lines_and_titles": aids, "language": language}
                found.append(line | {name: figures[name] for name in _FIELDS[3:]})
                click.echo("  ".join(f"{value!s:>8}" for value in found[-1].values()))
    with (whole.folder / CURVE).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, _FIELDS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(found)
    click.echo(f"drawn: {draw_curve(whole.folder / CURVE, whole.folder / 'plots')}")


def _figures(corpus: Corpus, rows: list[dict[str, str]]) -> dict[str, dict[str, float]]:
    classifier, _ = fit_corpus(corpus)
    p_front = classifier.predict_proba(
        [Posting(clean(row["title"]), clean(row["text"])) for row in rows]
    )[:, 1]
    return measure_by(
        np.array([row["language"] for row in rows]),
        p_front,
        np.array([row["label"] == "front" for row in rows]),
        np.abs(p_front - 0.5) >= classifier.band_,
    )


if __name__ == "__main__":
    main()
