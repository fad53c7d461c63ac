"""The models folder as files, each there whole or not at all.

What a change is made of is written under a name that begins with a dot and is renamed when it is
complete. Only who holds the lock of `pipeline.model_changes` writes such names, so whatever is
found of them under the lock is what a killed process left, and is removed.
"""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

from pipeline.posting import OutputError

_NEW, _GONE = ".new-", ".gone-"


def unwritable(folder: Path, error: OSError) -> OutputError:
    """Return the error that says why a models folder cannot be written."""
    return OutputError(
        f"{folder}: the models folder cannot be written ({error.strerror}); free space or access"
        " there, or choose another folder with --models or FRONTBACK_MODELS."
    )


def check_writable(folder: Path) -> None:
    """Raise `OutputError` where a models folder is certain not to be writable; makes nothing."""
    there = next(each for each in (folder, *folder.parents) if os.path.exists(each))  # noqa: PTH110
    refused = 0
    if not there.is_dir():
        refused = errno.ENOTDIR
    elif not os.access(there, os.W_OK | os.X_OK):
        refused = errno.EACCES
    if refused:
        raise unwritable(folder, OSError(refused, os.strerror(refused)))


def new_version(folder: Path) -> Path:
    """Return an empty folder to write a version into, which `put` gives its name.

    To be called, as all below, in `pipeline.model_changes.changing`.
    """
    version = folder / f"{_NEW}version"
    version.mkdir()
    return version


def put(version: Path, home: Path) -> None:
    """Give a version that is written the place it is to have, instead of what may be there."""
    from pipeline.output import sync_folder

    for file in version.iterdir():
        with file.open("rb+") as written:
            os.fsync(written.fileno())
    sync_folder(version)
    if os.path.lexists(home):
        remove(home)
    version.rename(home)
    sync_folder(home.parent)


def remove(home: Path) -> None:
    """Remove a version: at once for all who look, whatever happens while its files go."""
    from pipeline.output import sync_folder

    gone = home.with_name(f"{_GONE}{home.name}")
    home.rename(gone)
    sync_folder(home.parent)
    _discard(gone)


def write_whole(folder: Path, name: str, text: str) -> None:
    """Write a small file in one step.

    Args:
        folder: the models folder.
        name: of the file in it, or in one of its versions.
    """
    from pipeline.output import sync_folder

    file, temporary = folder / name, folder / f"{_NEW}file"
    with temporary.open("w", encoding="utf-8", newline="\n") as opened:
        opened.write(text)
        opened.flush()
        os.fsync(opened.fileno())
    temporary.replace(file)
    sync_folder(file.parent)


def sweep(folder: Path) -> None:
    """Remove what a change that was cut short left of what it wrote."""
    for name in os.listdir(folder):  # noqa: PTH208 (a name is all that is asked)
        if name.startswith((_NEW, _GONE)):
            _discard(folder / name)


def _discard(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()
