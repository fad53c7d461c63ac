"""Whether a model can be trusted to be what its manifest says, and what is in it."""

from __future__ import annotations

from pathlib import Path

from pipeline.model_files import (
    MODEL,
    MOST_BYTES,
    Manifest,
    check_format,
    check_sha256,
    read_manifest,
    read_model,
    read_plain,
    state_of,
)
from pipeline.model_schema import check_model
from pipeline.safeload import contents, load_arrays


def verify_stored(folder: Path, model: str) -> list[str]:
    """Return what a stored model holds, a line a value: see `pipeline.safeload`.

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
    check_model(state_of(content, manifest, file), file)
    return contents(content, file)


def verify_alone(file: Path) -> list[str]:
    """Return what a model file holds that has no manifest; its sha256 says nothing then."""
    content = read_plain(file, MOST_BYTES[MODEL], "name a model file")
    check_model(load_arrays(content, file), file)
    return contents(content, file)
