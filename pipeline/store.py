"""The models folder: one folder a version, and a small file that says which one is active.

models/
  active                  the id of the active model
  default-1a2b3c4d5e/
    model.joblib          dictionaries, strings, numbers and arrays: see `pipeline.safeload`
    manifest.json         id, versions, corpus, parameters, metrics, sha256
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

from pipeline.posting import ModelError, OutputError
from pipeline.safeload import load_arrays, read_capped

#: Changes when an older frontback could not read the file, or this one an older file.
FORMAT = 3
#: What the ids of models begin with that are trained from the corpus that came with frontback.
DEFAULT = "default"
_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_TRAIN = "train one with 'frontback train'"

State = dict[str, Any]
Manifest = dict[str, Any]


def save_model(folder: Path, name: str, state: State, manifest: Manifest) -> Manifest:
    """Store a model and make it the active one; return its manifest.

    The id is the name and the first ten digits of the file's sha256, so the same training twice
    is the same model. The version appears whole or not at all.

    Raises:
        OutputError: the folder cannot be written.
    """
    import joblib  # a tenth of a second that only training needs

    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".new-", dir=folder) as temporary:
            version = Path(temporary) / "version"
            version.mkdir()
            joblib.dump(state, version / "model.joblib")
            sha256 = hashlib.sha256((version / "model.joblib").read_bytes()).hexdigest()
            model = f"{name}-{sha256[:10]}"
            manifest = {"id": model, "format": FORMAT, "sha256": sha256, **manifest}
            _write_synced(version / "manifest.json", json.dumps(manifest, indent=2) + "\n")
            home = folder / model
            if not _holds(home, sha256):
                shutil.rmtree(home, ignore_errors=True)
                version.rename(home)
        set_active(folder, model)
    except OSError as error:
        raise unwritable(folder, error) from error
    return manifest


def _holds(home: Path, sha256: str) -> bool:
    """Whether a version is stored already, whole: then it stays, as others may be reading it."""
    try:
        content = (home / "model.joblib").read_bytes()
    except OSError:
        return False
    return hashlib.sha256(content).hexdigest() == sha256 and (home / "manifest.json").is_file()


def unwritable(folder: Path, error: OSError) -> OutputError:
    """Return the error that says why a models folder cannot be written."""
    return OutputError(
        f"{folder}: the model cannot be written ({error.strerror}); free space or access"
        " there, or choose another folder with --models or FRONTBACK_MODELS."
    )


def load_model(folder: Path, model: str | None = None) -> tuple[State, Manifest]:
    """Return state and manifest of a model by its id, or of the active one.

    Raises:
        ModelError: no such model, or its files are missing, damaged or of another format.
    """
    model = model or active_id(folder)
    if model is None:
        raise ModelError(f"{folder}: no model here yet; {_TRAIN}.")
    manifest = read_manifest(folder, model)
    file = folder / model / "model.joblib"
    try:
        content = read_capped(file)
    except OSError as error:
        raise ModelError(f"{file}: cannot be read ({error.strerror}); {_TRAIN}.") from error
    if hashlib.sha256(content).hexdigest() != manifest.get("sha256"):
        raise ModelError(f"{file}: damaged, its sha256 is not the manifest's; {_TRAIN}.")
    return load_arrays(content, file), manifest


def read_manifest(folder: Path, model: str) -> Manifest:
    """Return the manifest of a model; `ModelError` where there is none that can be read."""
    if not _ID.fullmatch(model):
        raise ModelError(f"{model!r} is no model id; 'frontback models list' shows them.")
    file = folder / model / "manifest.json"
    try:
        manifest: Manifest = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ModelError(
            f"{folder}: no model {model} here; 'frontback models list' shows what there is,"
            " and 'frontback train' makes a new one."
        ) from None
    except (OSError, ValueError) as error:
        raise ModelError(f"{file}: cannot be read ({error}); {_TRAIN}.") from error
    if not isinstance(manifest, dict) or manifest.get("id") != model:
        raise ModelError(f"{file}: not the manifest of {model}; {_TRAIN}.")
    if manifest.get("format") != FORMAT:
        raise ModelError(
            f"{model}: format {manifest.get('format')}, and this frontback reads format {FORMAT};"
            f" {_TRAIN}."
        )
    return manifest


def list_models(folder: Path) -> list[Manifest]:
    """Return the manifests of all models that can be read, oldest first."""
    found = []
    for file in folder.glob("*/manifest.json"):
        try:
            found.append(read_manifest(folder, file.parent.name))
        except ModelError:
            continue
    return sorted(found, key=lambda manifest: (str(manifest.get("created")), manifest["id"]))


def active_id(folder: Path) -> str | None:
    """Return the id of the active model, or None where no model was stored yet."""
    try:
        return (folder / "active").read_text(encoding="utf-8").strip() or None
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise ModelError(
            f"{folder / 'active'}: cannot be read ({error}); {_TRAIN}, which writes it anew."
        ) from error


def has_usable_model(folder: Path) -> bool:
    """Whether there is an active model, and not one that came with an older frontback.

    A model of one's own is never replaced without being asked: that it cannot be read is said.
    """
    model = active_id(folder)
    if model is None or not model.startswith(f"{DEFAULT}-"):
        return model is not None
    try:
        manifest = json.loads((folder / model / "manifest.json").read_text(encoding="utf-8"))
        return bool(manifest.get("format", FORMAT) >= FORMAT)
    except (OSError, ValueError, AttributeError):
        return True


def set_active(folder: Path, model: str) -> None:
    """Make a stored model the active one, in one step."""
    temporary = folder / f".active-{os.getpid()}"
    _write_synced(temporary, model + "\n")
    temporary.replace(folder / "active")


def _write_synced(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
