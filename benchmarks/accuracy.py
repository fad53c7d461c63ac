"""How well a model tags postings whose labels are known.

    python -m benchmarks.accuracy realads.jsonl
    python -m benchmarks.accuracy corpus/challenge/*.jsonl

A file holds one JSON object a line: title, text, language (es, no, en) and label; postings with
a label other than front or back are left out. With `share` (percent of duties in contact with
customers) in the file, accuracy is shown by it, too, and by `kind`, where there are several.
Figures count every posting, also those that the tagger answers with review; `decided` and `right of
these` show what review is worth.
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
from rich.table import Table

from pipeline import Tagger
from pipeline.evaluation import measure_by

_SHARES = ((0, 10), (10, 33), (33, 60), (60, 101))


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
def main(data: tuple[Path, ...], model: str | None, models: str | None) -> None:
    """Tag the labelled postings in DATA and print accuracy, all and by language."""
    rows = read_labelled(*data)
    tagger = Tagger.load(model, models)
    batch = pa.table({name: [row[name] for row in rows] for name in ("title", "text")})
    tags = tagger.tag_batch(batch.combine_chunks().to_batches()[0])
    # Where the tagger gives no probability it would have to toss a coin.
    p_front = np.array([0.5 if p is None else p for p in tags.column("p_front").to_pylist()])
    decided = np.array([office != "review" for office in tags.column("office").to_pylist()])
    figures = measure_by(
        np.array([row["language"] for row in rows]),
        p_front,
        np.array([row["label"] == "front" for row in rows]),
        decided,
    )
    table = Table(
        title=f"{tagger.model} on {', '.join(file.name for file in data)}", title_justify="left"
    )
    names = ("postings", "accuracy", "AUC", "calibration error", "decided", "right of these")
    for name in ("", *names):
        table.add_column(name, justify="right" if name else "left")
    for language, values in figures.items():
        shown = ["–" if v is None else f"{v:,}" if isinstance(v, int) else f"{v:.3f}"
                 for v in values.values()]  # fmt: skip
        table.add_row(language, *shown)
    console = Console(highlight=False)
    console.print(table)
    right = (p_front >= 0.5) == np.array([row["label"] == "front" for row in rows])
    shares = np.array([int(row.get("share", -1)) for row in rows])
    for low, high in _SHARES:
        at = (shares >= low) & (shares < high)
        if at.any():
            console.print(
                f"share of contact {low}-{high - 1} %: {right[at].mean():.2f} of {at.sum()}"
            )
    kinds = np.array([str(row.get("kind", "")) for row in rows])
    if len(set(kinds)) > 1:
        for kind in sorted(set(kinds)):
            console.print(f"{kind}: {right[kinds == kind].mean():.2f} of {(kinds == kind).sum()}")
    reasons = Counter(reason for reason in tags.column("reason").to_pylist() if reason)
    console.print("review: " + ", ".join(f"{reason} {n}" for reason, n in reasons.most_common()))


if __name__ == "__main__":
    main()
