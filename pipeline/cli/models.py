"""frontback models: what the models folder holds, and where it is."""

from __future__ import annotations

from pathlib import Path

import click

from pipeline.cli import options
from pipeline.places import models_folder


@click.group("models")
def command() -> None:
    """Show the models there are, and the folder they are kept in."""


@command.command("list")
@options.models
def list_(models: Path | None) -> None:
    """List the models, the active one marked with a star."""
    from pipeline.store import active_id, list_models

    folder = models_folder(models)
    found = list_models(folder)
    if not found:
        click.echo(f"no model in {folder} yet; the first tag trains one", err=True)
    active = active_id(folder)
    for manifest in found:
        star = "*" if manifest["id"] == active else " "
        postings = manifest.get("corpus", {}).get("counts", {}).get("postings", 0)
        accuracy = manifest.get("metrics", {}).get("all", {}).get("accuracy", float("nan"))
        click.echo(
            f"{star} {manifest['id']}  {manifest.get('created', '')}  {postings:,} postings"
            f"  accuracy {accuracy:.3f}"
        )


@command.command("path")
@options.models
def path(models: Path | None) -> None:
    """Print the models folder.

    It is the first of these that applies: --models, the environment variable FRONTBACK_MODELS,
    the checkout when run from one, the user's data folder.
    """
    click.echo(models_folder(models))
