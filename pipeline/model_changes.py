"""One change of the models folder at a time, and none that is half done.

A training makes two steps that the disk cannot make as one: its version gets its place, and then
becomes the active one. What is about to happen is written down first, in the file `.becoming`: the
id, and how long the history was. Who holds the lock next finds there what a killed process left,
and removes a version that never became active. One that was in its place before is not written
down, and stays.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.active import active_id, history
from pipeline.model_files import is_id, read_plain
from pipeline.model_folder import remove, sweep, unwritable, write_whole
from pipeline.posting import ModelError, OutputError

_LOCK = ".lock"
_BECOMING = ".becoming"
_MOST_BYTES = 1_000
#: Changes take milliseconds; who holds the lock longer is stuck, or on a disk that is.
_SECONDS = 60.0


@contextmanager
def changing(folder: Path) -> Iterator[None]:
    """Keep other processes from changing a models folder, which is made where there is none.

    Raises:
        OutputError: it cannot be written, or another process does not let go of it.
    """
    from filelock import FileLock, Timeout  # tagging, which changes nothing, does without

    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / _LOCK, timeout=_SECONDS):
            _settle(folder)
            try:
                yield
            finally:
                _settle(folder)
    except Timeout:
        raise OutputError(
            f"{folder}: another frontback has been changing this folder for a minute; try again"
            " when it is done."
        ) from None
    except OSError as error:
        raise unwritable(folder, error) from error


def becomes_active(folder: Path, model: str) -> None:
    """Write down that a version gets its place only to become active; to be called in `changing`.

    Where that fails or is cut short, the version is removed. One that has its place stays.
    """
    if os.path.lexists(folder / model):
        return
    try:
        changes = len(history(folder))
    except ModelError:
        changes = 0  # a file that cannot be read is mended by the change
    write_whole(folder, _BECOMING, f"{model} {changes}\n")


def unsettled(folder: Path) -> str | None:
    """Return the id of a version that was to become active and did not, or has yet to."""
    if not os.path.lexists(folder / _BECOMING):
        return None
    try:
        content = read_plain(folder / _BECOMING, _MOST_BYTES).decode(errors="replace")
        model, _, changes = content.strip().partition(" ")
        if not is_id(model) or not changes.isdecimal() or active_id(folder) == model:
            return None
        since = history(folder)[int(changes) :]
    except ModelError:
        return None  # where it cannot be told, nothing is removed
    return None if model in {change.model for change in since} else model


def _settle(folder: Path) -> None:
    model = unsettled(folder)
    if model is not None and os.path.lexists(folder / model):
        remove(folder / model)
    sweep(folder)
    (folder / _BECOMING).unlink(missing_ok=True)
