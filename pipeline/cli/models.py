"""frontback models: what the models folder holds, and which model is in use."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli import compare, options
from pipeline.cli.console import say
from pipeline.places import models_folder
from pipeline.posting import ModelError

if TYPE_CHECKING:
    from pipeline.active import Change
    from pipeline.store import Stored

_model = click.argument("model", metavar="ID")
_key = click.option(
    "--key", type=options.FILE, help="Public key that the model has to be signed with."
)


@click.group("models")
def command() -> None:
    """Show the models there are, check them, choose one, go back, sign, send, take in.

    Wherever an ID is asked for, "active" stands for the model in use.
    """


command.add_command(compare.command)


@command.command("list")
@options.as_json
@options.models
def list_(as_json: bool, models: Path | None) -> None:
    """List the models, the oldest first and the active one marked with a star."""
    from pipeline.active import active_id
    from pipeline.store import list_models

    folder = models_folder(models)
    found = list_models(folder)
    active = active_id(folder)
    if as_json:
        for stored in found:
            click.echo(json.dumps(_told(stored, active)))
    elif found:
        from pipeline.cli.models_shown import print_list

        print_list(found, active)
    else:
        say(f"no model in {folder} yet; the first tag trains one")


@command.command("show")
@_model
@options.as_json
@options.models
def show(model: str, as_json: bool, models: Path | None) -> None:
    """Show what a model was made of, what it is worth, and when it was active."""
    from pipeline.active import active_id, history
    from pipeline.store import look_at

    folder = models_folder(models)
    stored = look_at(folder, _named(folder, model))
    spans = _spans(history(folder), stored.id)
    if as_json:
        told = _told(stored, active_id(folder)) | {"was_active": spans}
        click.echo(json.dumps(told))
    else:
        from pipeline.card import PAGE
        from pipeline.cli.models_shown import print_model

        print_model(stored, spans, folder / stored.id / PAGE)


@command.command("use")
@_model
@options.models
def use(model: str, models: Path | None) -> None:
    """Make a stored model the active one, once it was verified."""
    from pipeline.versions import use_model

    folder = models_folder(models)
    name = _named(folder, model)
    use_model(folder, name)
    click.echo(f"{name} is the active model", err=True)


@command.command("rollback")
@options.models
def rollback(models: Path | None) -> None:
    """Go back to the model that was active before; once more goes further back."""
    from pipeline.versions import rollback

    done = rollback(models_folder(models))
    for passed in done.passed:
        say(f"{passed} was active in between and can no longer be used")
    click.echo(f"{done.model} is the active model, as before {done.undone}", err=True)


@command.command("verify")
@click.argument("model", metavar="[ID | FILE]", required=False)
@_key
@options.models
def verify(model: str | None, key: Path | None, models: Path | None) -> None:
    """Check a model against its manifest and list what it holds; all models where none is named.

    A FILE is one that 'frontback models export' made, or a model file alone; nothing of it is
    stored. Leaves with 1 where a model cannot be trusted.
    """
    from pipeline.cli import models_verified
    from pipeline.model_files import is_id

    folder, wanted = models_folder(models), _public(key)
    if model is None:
        models_verified.verify_all(folder, wanted)
    elif (is_id(model) and os.path.lexists(folder / model)) or not options.is_path(model):
        models_verified.verify_id(folder, _named(folder, model), wanted)
    else:
        models_verified.verify_file(Path(model), wanted)


@command.command("export")
@_model
@click.argument("file", type=options.FILE)
@options.overwrite
@options.models
def export(model: str, file: Path, overwrite: bool, models: Path | None) -> None:
    """Write a model into one FILE, to be taken in elsewhere; the same model is the same file."""
    from pipeline.portable import export_model

    folder = models_folder(models)
    name = _named(folder, model)
    export_model(folder, name, file, overwrite)
    click.echo(f"{file}: {name}, {file.stat().st_size:,} bytes", err=True)


@command.command("import")
@click.argument("file", type=options.FILE)
@_key
@options.models
def import_(file: Path, key: Path | None, models: Path | None) -> None:
    """Store the model of a FILE that was exported, once it was verified; print its id.

    The active model stays the active one.
    """
    from pipeline.portable import import_model

    model, is_new = import_model(models_folder(models), file, _public(key))
    click.echo(model)
    say(
        f"stored; 'frontback models use {model}' makes it the active one"
        if is_new
        else "it was there already"
    )


@command.command("keys")
@click.argument("name", type=options.FILE)
def keys(name: Path) -> None:
    """Make a pair of keys to sign models with: NAME.key to keep, NAME.pub to give away."""
    from pipeline.signing_keys import write_keys

    private, public = write_keys(name)
    click.echo(f"{private}: sign with it, and let nobody else have it", err=True)
    click.echo(f"{public}: give it to those who are to check your models", err=True)


@command.command("sign")
@_model
@click.option("--key", type=options.FILE, required=True, help="Private key: NAME.key.")
@options.models
def sign(model: str, key: Path, models: Path | None) -> None:
    """Sign a stored model, once it was verified; a signature that it has is replaced."""
    from pipeline.signature import sign_model
    from pipeline.signing_keys import read_private_key

    folder, private = models_folder(models), read_private_key(key)
    name = _named(folder, model)
    sign_model(folder, name, private)
    click.echo(f"{name} is signed", err=True)


@command.command("delete")
@_model
@options.models
def delete(model: str, models: Path | None) -> None:
    """Delete a stored model; the active one is refused."""
    from pipeline.versions import delete_model

    folder = models_folder(models)
    name = _named(folder, model)
    delete_model(folder, name)
    click.echo(f"{name} is deleted", err=True)


@command.command("path")
@options.models
def path(models: Path | None) -> None:
    """Print the models folder.

    It is the first of these that applies: --models, the environment variable FRONTBACK_MODELS,
    the checkout when run from one, the user's data folder.
    """
    click.echo(models_folder(models))


def _named(folder: Path, model: str) -> str:
    """Return an id; the word "active" stands for that of the active model."""
    from pipeline.active import ACTIVE, active_id

    if model != ACTIVE:
        return model
    found = active_id(folder)
    if found is None:
        raise ModelError(f"{folder}: no model is active; train one with 'frontback train'.")
    return found


def _public(key: Path | None) -> bytes | None:
    if key is None:
        return None
    from pipeline.signing_keys import read_public_key

    return read_public_key(key)


def _told(stored: Stored, active: str | None) -> dict[str, object]:
    own = {"id": stored.id, "active": stored.id == active, "problem": stored.problem}
    return own | {key: value for key, value in stored.manifest.items() if key not in own}


def _spans(changes: list[Change], model: str) -> list[tuple[str, str]]:
    """Return from when to when a model was active; the end is empty where it is."""
    ends = [*(change.when for change in changes[1:]), ""]
    both = zip(changes, ends[: len(changes)], strict=True)
    return [(change.when, end) for change, end in both if change.model == model]
