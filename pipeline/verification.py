"""Whether a model can be trusted to be what its manifest says, and what is in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pipeline.model_files import (
    MODEL,
    MOST_BYTES,
    Manifest,
    State,
    check_format,
    check_sha256,
    read_manifest,
    read_model,
    read_plain,
    state_of,
)
from pipeline.posting import ModelError
from pipeline.safeload import load_arrays
from pipeline.scoring import Scorer


def verify_stored(folder: Path, model: str) -> list[str]:
    """Return what a stored model holds, a line a value: see `contents`.

    Raises:
        ModelError: no such model, or it is not one that could be tagged with.
    """
    manifest = read_manifest(folder, model)
    check_format(manifest)
    return verify(read_model(folder, manifest), manifest, folder / model / MODEL)


def verify(content: bytes, manifest: Manifest, file: Path) -> list[str]:
    """Return what the bytes of a model file hold, as `verify_stored` does.

    Raises:
        ModelError: they are not those of the manifest, or none that could be tagged with.
    """
    check_format(manifest)
    check_sha256(content, manifest, file)
    state = state_of(content, manifest, file)
    _check_parts(state, file)
    return contents(state)


def verify_alone(file: Path) -> list[str]:
    """Return what a model file holds that has no manifest; its sha256 says nothing then."""
    state = load_arrays(read_plain(file, MOST_BYTES[MODEL]), file)
    _check_parts(state, file)
    return contents(state)


def _check_parts(state: State, file: Path) -> None:
    """Raise `ModelError` where a model lacks what tagging needs."""
    try:
        Scorer(state)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelError(
            f"{file}: it lacks what a model needs ({error}); train one with 'frontback train'."
        ) from error


def contents(state: dict[str, Any], inside: str = "") -> list[str]:
    """Return a line for each value of a model: where it is, dtype and shape, or the value."""
    lines = []
    for key, value in state.items():
        if isinstance(value, dict):
            lines += contents(value, f"{inside}{key}.")
        elif hasattr(value, "dtype"):
            shape = " × ".join(f"{n:,}" for n in value.shape)
            lines.append(f"{inside}{key}  {value.dtype}  {shape}")
        else:
            lines.append(f"{inside}{key}  {type(value).__name__}  {value!r:.60}")
    return lines
