"""What frontback models verify says: of a stored model, of a file, of all models there are."""

from __future__ import annotations

from pathlib import Path

import click

from pipeline.cli.console import printable, say
from pipeline.portable import is_portable, read_portable
from pipeline.posting import ModelError, UnsoundError
from pipeline.signature import check_signature, check_stored_signature
from pipeline.store import list_models
from pipeline.verification import verify_alone, verify_stored


def verify_id(folder: Path, model: str, key: bytes | None) -> None:
    """Print what a stored model holds; raise `ModelError` where it cannot be trusted."""
    lines = verify_stored(folder, model)
    signer = check_stored_signature(folder, model, key)
    _print(lines, f"{model}: sound, all is as its manifest says", signer)


def verify_file(file: Path, key: bytes | None) -> None:
    """Print what a model holds that is not stored; raise `ModelError` as `verify_id`."""
    if is_portable(file):
        portable = read_portable(file, key)
        what = f"{file}: sound, {portable.manifest['id']} as its manifest says"
        _print(portable.contents, what, portable.signer)
    else:
        check_signature(None, b"", file, key)
        lines = verify_alone(file)
        _print(lines, f"{file}: a readable model; without a manifest nothing says which")


def verify_all(folder: Path, key: bytes | None) -> None:
    """Print a line a stored model; raise `ModelError` where one cannot be trusted."""
    found, wrong = list_models(folder), 0
    if not found:
        raise ModelError(f"{folder}: no model here; name the folder with --models.")
    for stored in found:
        try:
            verify_stored(folder, stored.id)
            told = f"sound{_signed(check_stored_signature(folder, stored.id, key))}"
        except ModelError as error:
            wrong += 1
            what = error.what if isinstance(error, UnsoundError) else ""
            told = stored.problem or what or str(error)
        click.echo(printable(f"{stored.id}  {told}"))
    if wrong:
        raise ModelError(
            f"{folder}: {wrong} of {len(found)} models cannot be trusted; train or import them"
            " again, have them signed ('frontback models sign ID --key KEY') where that is all"
            " they lack, or remove them with 'frontback models delete ID'."
        )
    say(f"{len(found)} of {len(found)} are sound")


def _print(lines: list[str], what: str, signer: str = "") -> None:
    for line in lines:
        click.echo(printable(line))
    say(what + _signed(signer))


def _signed(signer: str) -> str:
    return f"; signed with {signer}" if signer else ""
