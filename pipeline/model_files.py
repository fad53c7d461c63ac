"""The files of a model, manifest.json and model.joblib: read, and checked against each other.

No symbolic link is followed: what is checked here is what lies in the models folder itself.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from pipeline.posting import ModelError, UnsoundError
from pipeline.safeload import MAX_BYTES, load_arrays

#: Changes when an older frontback could not read the file, or this one an older file.
FORMAT = 4
MANIFEST, MODEL = "manifest.json", "model.joblib"
#: Beside them where the model is signed: see `pipeline.signature`.
SIGNATURE = "signature"
#: Bytes that are read at most.
MOST_BYTES = {MANIFEST: 1 << 20, MODEL: MAX_BYTES, SIGNATURE: 1_000}
#: A manifest has seven levels: the words of a card's mistakes.
_DEEPEST = 20
TRAIN = "train one with 'frontback train'"

State = dict[str, Any]
Manifest = dict[str, Any]

#: What reads the bytes of a model file, by its format: one of an older format has its own line.
#: 3 lacks parameters of the estimator that came later; they have their defaults then.
_READERS: dict[int, Callable[[bytes, Path], State]] = {3: load_arrays, FORMAT: load_arrays}
_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


def is_id(name: str) -> bool:
    """Whether a name can be a model's: nothing that leads out of the folder, or hides in it."""
    return _ID.fullmatch(name) is not None


def check_id(name: str) -> None:
    """Raise `ModelError` where a name is no model's."""
    if not is_id(name):
        raise ModelError(f"{name!r} is no model id; 'frontback models list' shows them.")


def unsound(file: Path, what: str, then: str = TRAIN) -> UnsoundError:
    """Return the error that says what is wrong with a file of a model."""
    error = UnsoundError(f"{file}: {what}; {then}.")
    error.what = what
    return error


def read_plain(file: Path, most: int, then: str = TRAIN) -> bytes:
    """Return what is in a file.

    Args:
        most: bytes that it may hold.
        then: what to do where it cannot be read.

    Raises:
        UnsoundError: it is missing, a link, a folder or a pipe, or holds more than ``most`` bytes.
    """
    try:
        status = file.lstat()
        if not stat.S_ISREG(status.st_mode):
            raise unsound(file, f"{file.name} is no ordinary file", then)
        content = b""
        if status.st_size <= most:
            with file.open("rb") as stream:
                content = stream.read(most + 1)  # and no more, where it has grown since
        if max(status.st_size, len(content)) > most:
            raise unsound(
                file, f"{file.name} is larger than the {most:,} bytes that are read", then
            )
        return content
    except FileNotFoundError:
        raise unsound(file, f"{file.name} is missing", then) from None
    except OSError as error:
        raise unsound(file, f"{file.name} cannot be read ({error.strerror})", then) from error


def no_model(folder: Path, model: str) -> ModelError:
    """Return the error that says that there is no such model."""
    return ModelError(
        f"{folder}: no model {model} here; 'frontback models list' shows what there is,"
        " and 'frontback train' makes a new one."
    )


def read_manifest(folder: Path, model: str) -> Manifest:
    """Return the manifest of a stored model, of whatever format.

    Raises:
        ModelError: there is no such model.
        UnsoundError: its manifest cannot be read.
    """
    check_id(model)
    home = folder / model
    if not os.path.lexists(home):
        raise no_model(folder, model)
    if home.is_symlink() or not home.is_dir():
        raise unsound(home, "no folder of its own, and links are not followed")
    file = home / MANIFEST
    manifest = parse_manifest(read_plain(file, MOST_BYTES[MANIFEST]), file)
    if manifest.get("id") != model:
        raise unsound(file, f"not the manifest of {model}")
    return manifest


def parse_manifest(content: bytes, file: Path) -> Manifest:
    """Return a manifest; raise `UnsoundError` where the bytes are none."""
    try:
        manifest = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise unsound(file, f"{file.name} cannot be read (it is no JSON)") from error
    if not isinstance(manifest, dict) or _is_deep(manifest):
        raise unsound(file, f"{file.name} is not that of a model")
    return manifest


def _is_deep(value: object) -> bool:
    """Whether objects and lists lie deeper in each other than in any manifest.

    What can be parsed can still be too deep for whatever goes through it.
    """
    level = [value]
    for _ in range(_DEEPEST):
        level = [inner for each in level for inner in _inside(each)]
    return bool(level)


def _inside(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def is_readable(found: object) -> bool:
    """Whether this frontback reads models of a format."""
    return type(found) is int and found in _READERS


def check_format(manifest: Manifest) -> None:
    """Raise `UnsoundError` where this frontback cannot read the format of a model."""
    found = manifest.get("format")
    if not is_readable(found):
        shown = f"format {found!s:.20}"
        is_newer = type(found) is int and found > FORMAT
        error = unsound(
            Path(f"{manifest.get('id')!s:.80}"),
            f"{shown}, and this frontback reads {' and '.join(map(str, _READERS))}",
            "upgrade it with 'pip install --upgrade frontback'" if is_newer else TRAIN,
        )
        error.what = f"{shown}, newer than this frontback" if is_newer else shown
        raise error


def read_model(folder: Path, manifest: Manifest) -> bytes:
    """Return the bytes of a model file, which are those that its manifest was written for.

    Raises:
        UnsoundError: they are others, or cannot be read.
    """
    file = folder / manifest["id"] / MODEL
    content = read_plain(file, MOST_BYTES[MODEL])
    check_sha256(content, manifest, file)
    return content


def check_sha256(content: bytes, manifest: Manifest, file: Path) -> None:
    """Raise `UnsoundError` where these bytes are not those that a manifest was written for."""
    if hashlib.sha256(content).hexdigest() != manifest.get("sha256"):
        raise unsound(file, "damaged, its sha256 is not the manifest's")


def state_of(content: bytes, manifest: Manifest, file: Path) -> State:
    """Return what a model file holds; raise `ModelError` where it cannot be read."""
    check_format(manifest)
    return _READERS[manifest["format"]](content, file)
