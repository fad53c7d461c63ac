"""frontback train: a corpus in, a model out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli import options
from pipeline.places import corpus_folder, models_folder

if TYPE_CHECKING:
    from rich.table import Table

    from pipeline.model_files import Manifest


@click.command("train")
@click.option(
    "--corpus",
    type=options.FILE,
    help="Corpus folder; the one that came with frontback where left out.",
)
@click.option("--sign", type=options.FILE, help="Private key to sign the model with: NAME.key.")
@options.models
def command(corpus: Path | None, sign: Path | None, models: Path | None) -> None:
    """Train a model, store it in the models folder and make it the active one."""
    from pipeline.cli.console import say
    from pipeline.cli.progress import messages
    from pipeline.signature import sign_model
    from pipeline.signing_keys import read_private_key
    from pipeline.training import train

    key = read_private_key(sign) if sign else None  # known to be one before the long work
    manifest = train(corpus or corpus_folder(), models_folder(models), say)
    if key:
        sign_model(models_folder(models), manifest["id"], key)
    messages.print(_metrics_table(manifest))
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
