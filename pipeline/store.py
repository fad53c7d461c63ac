"""The models folder: one folder a version, and a small file that says which one is active.

models/
  active                  the id of the active model: see `pipeline.active`
  history                 what was active when
  default-1a2b3c4d5e/
    model.joblib          dictionaries, strings, numbers and arrays: see `pipeline.safeload`
    manifest.json         id, versions, corpus, parameters, metrics, sha256
    card.html, card.md    the manifest for people: see `pipeline.card`
    signature             who vouches for it, if anyone does: see `pipeline.signature`
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from pipeline.active import active_id, history, make_active
from pipeline.model_changes import becomes_active, changing, unsettled
from pipeline.model_files import (
    FORMAT,
    MANIFEST,
    MODEL,
    SIGNATURE,
    TRAIN,
    Manifest,
    State,
    check_format,
    is_readable,
    read_manifest,
    read_model,
    state_of,
    unsound,
)
from pipeline.model_folder import new_version, put, write_whole
from pipeline.posting import ModelError, UnsoundError

#: What the ids of models begin with that are trained from the corpus that came with frontback.
DEFAULT = "default"
_DEFAULT_ID = re.compile(rf"{DEFAULT}-[0-9a-f]{{10}}")  # default-mine-… is somebody's own
_LIKE_AN_ID = re.compile(r"[a-z0-9][a-z0-9._-]*-[0-9a-f]{10}")
_ACCESS = "ask for access to it, or choose another folder with --models or FRONTBACK_MODELS"


class Stored(NamedTuple):
    """A model in the models folder.

    Attributes:
        id: the name of its folder.
        manifest: empty where it cannot be read.
        problem: why it cannot be used, in a few words; empty where it can.
    """

    id: str
    manifest: Manifest
    problem: str


def save_model(
    folder: Path,
    name: str,
    state: State,
    manifest: Manifest,
    activate: bool = True,
    beside: Callable[[Manifest], Mapping[str, bytes]] = lambda manifest: {},
) -> Manifest:
    """Store a model, make it the active one unless told otherwise, and return its manifest.

    The id is the name and the first ten digits of the file's sha256, so the same training twice
    is the same model. The version appears whole, and active where it is to be, or not at all.

    Args:
        folder: of the models; made where there is none.
        name: what the id begins with.
        state: what is stored.
        manifest: what is known of it; id, format and sha256 are added.
        activate: whether it becomes the active model.
        beside: returns further files by name, from the manifest as it will be read.

    Raises:
        OutputError: the folder cannot be written.
    """
    import joblib  # a tenth of a second that only training needs

    with changing(folder):
        version = new_version(folder)
        joblib.dump(state, version / MODEL)
        sha256 = hashlib.sha256((version / MODEL).read_bytes()).hexdigest()
        manifest = {"id": id_of(name, sha256), "format": FORMAT, "sha256": sha256, **manifest}
        written = (json.dumps(manifest, indent=2) + "\n").encode()
        (version / MANIFEST).write_bytes(written)
        for file, content in beside(json.loads(written)).items():
            (version / file).write_bytes(content)
        if activate:
            becomes_active(folder, manifest["id"])
        if not keep(version, folder / manifest["id"], manifest):
            _renew(version, folder / manifest["id"], manifest)
        if activate:
            make_active(folder, manifest["id"])
    return manifest


def id_of(name: str, sha256: str) -> str:
    """Return the id of a model file: what a person calls it, and what is in it."""
    return f"{name}-{sha256[:10]}"


def keep(version: Path, home: Path, manifest: Manifest) -> bool:
    """Put a version into its place unless it is there; to be called in `changing`.

    One that is there and whole stays, as others may be reading it.

    Returns:
        Whether it is new.

    Raises:
        ModelError: a model that is whole has this id, and it is another one.
    """
    there = look_at(home.parent, home.name) if os.path.lexists(home) else None
    if there is not None and not there.problem:
        if there.manifest["sha256"] != manifest["sha256"]:
            raise ModelError(
                f"{home}: another model has this id; remove it with"
                f" 'frontback models delete {home.name}' if this one is to take its place."
            )
        return False
    put(version, home)
    return True


def _renew(version: Path, home: Path, manifest: Manifest) -> None:
    """Give a model whose very same bytes an older frontback stored the manifest of its training.

    Only for what was trained here: a manifest from elsewhere never takes the place of one.
    """
    if read_manifest(home.parent, home.name)["format"] >= manifest["format"]:
        return
    (home / SIGNATURE).unlink(missing_ok=True)  # it was of the other manifest
    for file in sorted(version.iterdir()):  # the manifest last: until then it is done again
        if file.name != MODEL:
            write_whole(home.parent, f"{home.name}/{file.name}", file.read_text("utf-8"))


def load_model(folder: Path, model: str | None = None) -> tuple[State, Manifest]:
    """Return state and manifest of a model by its id, or of the active one.

    Raises:
        ModelError: no such model, or its files are missing, damaged or of another format.
    """
    model = model or active_id(folder)
    if model is None:
        raise ModelError(f"{folder}: no model here yet; {TRAIN}.")
    manifest = read_manifest(folder, model)
    check_format(manifest)
    return state_of(read_model(folder, manifest), manifest, folder / model / MODEL), manifest


def look_at(folder: Path, model: str) -> Stored:
    """Return what there is of a stored model, and whether its files are whole.

    Raises:
        ModelError: there is no such model.
    """
    manifest: Manifest = {}
    try:
        manifest = read_manifest(folder, model)
        check_format(manifest)
        read_model(folder, manifest)
    except UnsoundError as error:
        return Stored(model, manifest, error.what)
    return Stored(model, manifest, "")


def list_models(folder: Path) -> list[Stored]:
    """Return all models of a folder, the damaged as well, oldest first.

    Without one whose training was killed just before it became active.
    """
    try:
        entries = [
            each.name for each in os.scandir(folder) if not each.is_file(follow_symlinks=False)
        ]
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise unsound(folder, f"cannot be read ({error.strerror})", _ACCESS) from error
    hidden = unsettled(folder)
    found = [
        _look_at_any(folder, name)
        for name in entries
        if name != hidden and is_version(folder, name)
    ]
    # What another process deleted meanwhile is no damage.
    there = [each for each in found if not each.problem or os.path.lexists(folder / each.id)]
    return sorted(there, key=lambda each: (str(each.manifest.get("created")), each.id))


def is_version(folder: Path, name: str) -> bool:
    """Whether a name is, or was, that of a model, and not of what somebody put there."""
    return bool(_LIKE_AN_ID.fullmatch(name)) or (
        not name.startswith(".") and os.path.lexists(folder / name / MANIFEST)
    )


def _look_at_any(folder: Path, name: str) -> Stored:
    try:
        return look_at(folder, name)
    except ModelError:
        return Stored(name, {}, "its name is no model's")


def has_usable_model(folder: Path) -> bool:
    """Whether there is an active model, and not one that came with an older frontback.

    A model of one's own is never replaced without being asked: that it cannot be read is said. Nor
    is an old one that somebody went back to: by a rollback, or though its successor is there.
    """
    model = active_id(folder)
    if model is None or not _DEFAULT_ID.fullmatch(model):
        return model is not None
    found = _format(folder, model)
    if found is None or found >= FORMAT:
        return True
    if not is_readable(found):
        return False
    if history(folder)[-1].how == "rollback":
        return True
    hidden = unsettled(folder)
    others = [each.name for each in folder.glob(f"{DEFAULT}-*") if each.name != hidden]
    return any((_format(folder, each) or 0) >= FORMAT for each in others)


def _format(folder: Path, model: str) -> int | None:
    """Return the format of a stored model, None where its manifest does not say."""
    try:
        found = read_manifest(folder, model).get("format")
    except ModelError:
        return None
    return found if type(found) is int else None
