"""How well a model tags postings whose labels are known.

    python -m benchmarks.accuracy realads.jsonl
    python -m benchmarks.accuracy realads.jsonl --plot reliability.png
    python -m benchmarks.accuracy corpus/challenge/*.jsonl

A file holds one JSON object a line: title, text, language (es, no, en) and label; postings with
a label other than front or back are left out. With `share` (percent of duties in contact with
customers) in the file, the predicted share is measured, and accuracy is shown by it, too, and by
`kind`, where there are several. Figures count every posting, also those that the tagger answers
with review; `decided` and `right of these` show what review is worth.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import click
import numpy as np
import pyarrow as pa
from rich.console import Console

from benchmarks.report import Answers, print_figures
from pipeline import Tagger
from pipeline.classifier import OfficeClassifier
from pipeline.places import models_folder
from pipeline.posting import Posting
from pipeline.reliability_plot import draw_reliability
from pipeline.store import load_model
from pipeline.text import clean


def read_labelled(*data: Path) -> list[dict[str, Any]]:
    """Return the postings of JSONL files that are labelled front or back."""
    lines = [line for file in data for line in file.read_text("utf-8").splitlines()]
    rows = [json.loads(line) for line in lines if line.strip()]
    rows = [row for row in rows if row["label"] in ("front", "back")]
    if not rows:
        names = ", ".join(str(file) for file in data)
        raise click.ClickException(f"{names}: no posting in it is labelled front or back.")
    return rows


@click.command()
@click.argument(
    "data", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--model", help="Id of a stored model; the active one where left out.")
@click.option("--models", help="Models folder.")
@click.option(
    "--plot", type=click.Path(dir_okay=False, path_type=Path), help="Draw reliability into a PNG."
)
def main(data: tuple[Path, ...], model: str | None, models: str | None, plot: Path | None) -> None:
    """Tag the labelled postings in DATA and print accuracy, all and by language."""
    rows = read_labelled(*data)
    tagger = Tagger.load(model, models)
    batch = pa.table({name: [row[name] for row in rows] for name in ("title", "text")})
    tags = tagger.tag_batch(batch.combine_chunks().to_batches()[0])
    classifier = OfficeClassifier.from_state(load_model(models_folder(models), tagger.model)[0])
    answers = Answers(
        np.array([0.5 if p is None else p for p in tags.column("p_front").to_pylist()]),
        np.array([office != "review" for office in tags.column("office").to_pylist()]),
        classifier.predict_share([Posting(clean(r["title"]), clean(r["text"])) for r in rows]),
        np.array([row["language"] for row in rows]),
        np.array([row["label"] == "front" for row in rows]),
        np.array([int(row.get("share", -1)) for row in rows]),
        np.array([len(row["text"].split()) for row in rows]),
        np.array([str(row.get("kind", "")) for row in rows]),
    )
    console = Console(highlight=False)
    title = f"{tagger.model} on {', '.join(file.name for file in data)}"
    print_figures(console, title, answers)
    reasons = Counter(reason for reason in tags.column("reason").to_pylist() if reason)
    console.print("review: " + ", ".join(f"{reason} {n}" for reason, n in reasons.most_common()))
    if plot:
        of = answers.language, answers.p_front, answers.front
        draw_reliability(plot, title, *of, tagger.scorer.band)
        console.print(f"drawn: {plot}")


if __name__ == "__main__":
    main()
