"""frontback train: labelled postings in, a model out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipeline.cli import options
from pipeline.layout import Layout
from pipeline.places import models_folder

if TYPE_CHECKING:
    from rich.table import Table

    from pipeline.model_files import Manifest


@click.command("train")
@options.corpora
@options.layout
@options.corrections
@click.option("--name", default="", help="What the model's id begins with; 'own' where left out.")
@options.estimator
@options.settings
@click.option(
    "--cv", type=click.IntRange(2), default=5, show_default=True, metavar="N",
    help="Parts that are left out in turn, to calibrate and measure on.",
)  # fmt: skip
@click.option(
    "--seed", type=click.IntRange(0, 2**32 - 1), default=0, show_default=True, help="Of all chance."
)
@click.option(
    "--candidate", is_flag=True, help="Store the model, and leave the active one the active one."
)
@click.option("--sign", type=options.FILE, help="Private key to sign the model with: NAME.key.")
@options.models
def command(
    sources: list[Path],
    layout: Layout,
    corrections: tuple[Path, ...],
    name: str,
    estimator: str,
    settings: tuple[str, ...],
    cv: int,
    seed: int,
    candidate: bool,
    sign: Path | None,
    models: Path | None,
) -> None:
    """Train a model, store it in the models folder and make it the active one.

    A corpus is a folder (see corpus/README.md) or any table that 'frontback batch' reads, with a
    column of labels. What cannot be learned from is left out and named with its row: 'frontback
    corpus check' lists it before. The figures are of postings left out of training.

    \b
    frontback train --extra labelled.xlsx               beside the corpus that came with frontback
    frontback train --corpus a.csv --corpus b.parquet   these alone
    frontback train --corpus labels.xlsx --label-column Tipo --front Cara --back Interno
    """
    from pipeline.cli.console import say
    from pipeline.cli.findings import Findings
    from pipeline.cli.progress import messages, progress
    from pipeline.settings import parse
    from pipeline.signature import sign_model
    from pipeline.signing_keys import read_private_key
    from pipeline.training import train

    key = read_private_key(sign) if sign else None  # known to be one before the long work
    given: dict[str, Any] = {"estimator": estimator, "cv": cv, "seed": seed}
    findings = Findings()
    manifest = train(
        sources,
        models_folder(models),
        layout=layout,
        corrections=corrections,
        name=name,
        parameters=given | dict(map(parse, settings)),
        activate=not candidate,
        say=say,
        report=findings,
        progress=progress,
    )
    findings.tell_rest()
    if key:
        sign_model(models_folder(models), manifest["id"], key, manifest)
    messages.print(_metrics_table(manifest))
    if candidate:
        say(f"'frontback models use {manifest['id']}' makes it the active one")
    click.echo(manifest["id"])


def _metrics_table(manifest: Manifest) -> Table:
    """Return what the model says of postings that it had not seen when it judged them."""
    from rich.table import Table

    table = Table(title="on postings left out of training", title_justify="left")
    for name in ("", "postings", "accuracy", "AUC", "decided", "right of these"):
        table.add_column(name, justify="left" if not name else "right")
    for name, figures in manifest["metrics"].items():
        values = [figures[key] for key in ("accuracy", "auc", "coverage", "precision")]
        shown = ["–" if value is None else f"{value:.3f}" for value in values]
        table.add_row(name, f"{figures['postings']:,}", *shown)
    return table
