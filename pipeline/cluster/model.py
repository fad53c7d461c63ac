"""A model that travels: the bytes of its file, checked again in the process that they arrive in."""

from __future__ import annotations

import hashlib
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata

from pipeline import __version__
from pipeline.language import Detector
from pipeline.model_files import Manifest, read_model
from pipeline.model_schema import check_model
from pipeline.places import models_folder
from pipeline.posting import ClusterError, ModelError
from pipeline.safeload import load_arrays
from pipeline.scoring import Scorer
from pipeline.tagger import Tagger

_PACKAGES = ("scikit-learn", "numpy", "numba", "pyarrow")

_taggers: dict[tuple[str, str], Tagger] = {}
_loading = threading.Lock()


@dataclass(frozen=True)
class Packed:
    """A model as it is sent.

    Attributes:
        content: the bytes of the model file.
        manifest: what the store says of it.
        detector: what tells the languages apart.
        versions: those of the machine that sends it.
    """

    content: bytes
    manifest: Manifest
    detector: Detector
    versions: dict[str, str]


def pack(
    model: str | None = None,
    models: str | os.PathLike[str] | None = None,
    say: Callable[[str], None] = lambda message: None,
    detector: Detector = "frontback",
) -> Packed:
    """Return a stored model, ready to be sent; the arguments are those of `Tagger.load`.

    Raises:
        ModelError: no such model, or it cannot be read.
    """
    tagger = Tagger.load(model, models, say, detector)
    content = read_model(models_folder(models), tagger.manifest)
    return Packed(content, tagger.manifest, detector, versions())


def unpack(packed: Packed) -> Tagger:
    """Return the tagger of a model that was sent; loaded once in a process.

    Raises:
        ModelError: what arrived is not what the manifest says.
    """
    sha256 = hashlib.sha256(packed.content).hexdigest()
    if sha256 != packed.manifest["sha256"]:
        raise ModelError(
            f"{packed.manifest['id']}: damaged on its way to a worker, its sha256 is not the"
            " manifest's; try again."
        )
    key = sha256, packed.detector
    with _loading:
        if key not in _taggers:
            _taggers.clear()  # a worker of a shared cluster sees many models in its life
            state = load_arrays(packed.content, packed.manifest["id"])
            check_model(state, packed.manifest["id"])
            _taggers[key] = Tagger(Scorer(state), packed.manifest, packed.detector)
        return _taggers[key]


def versions() -> dict[str, str]:
    """Return the versions that tags and the bytes of a file depend on, here."""
    found = {
        "frontback": __version__,
        # The tables of Unicode, which cleaning asks, come with Python.
        "Python": f"{sys.version_info.major}.{sys.version_info.minor}",
    }
    for name in _PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "none"
    return found


def check_versions(found: dict[str, str], wanted: dict[str, str], where: str) -> None:
    """Raise `ClusterError` where a worker has other versions than who sent the work."""
    others = [name for name in wanted if found.get(name) != wanted[name]]
    if others:
        theirs, ours = (
            ", ".join(f"{name} {each.get(name, 'none')}" for name in others)
            for each in (found, wanted)
        )
        raise ClusterError(
            f"{where} has {theirs}, and this machine has {ours}; install the same versions on both."
        )


@contextmanager
def threads(most: int) -> Iterator[None]:
    """Let the kernels that this thread calls use so many cores at most."""
    import numba

    before = numba.get_num_threads()
    numba.set_num_threads(min(max(most, 1), before))
    try:
        yield
    finally:
        numba.set_num_threads(before)
