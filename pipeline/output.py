"""A file that appears whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pipeline.posting import OutputError

_CAUSES = {
    errno.ENOSPC: "the disk is full; free some space, or write elsewhere",
    errno.EDQUOT: "your disk quota is used up; free some space, or write elsewhere",
    errno.EFBIG: "the file would be larger than is allowed here; write elsewhere",
    errno.EACCES: "you may not do that there; choose a folder of your own",
    errno.EPERM: "you may not do that there; choose a folder of your own",
    errno.EROFS: "that disk is read-only; choose another folder",
    errno.ENOENT: "there is no such folder; create it first",
    errno.ENOTDIR: "there is no such folder; create it first",
    errno.ENAMETOOLONG: "the name is too long; choose a shorter one",
}


def check_output(output: Path, source: Path, overwrite: bool) -> None:
    """Raise `OutputError` where nothing can be written, or where writing would destroy something.

    Done before any work: what is certain to fail after an hour is said at once.
    """
    try:
        exists = output.exists()
        if exists and output.is_dir():
            raise OutputError(f"{output}: this is a folder; name a file in it.")
        if exists and source.exists() and output.samefile(source):
            raise OutputError(f"{output}: this is the input itself; choose another output.")
        if exists and not output.is_file():
            raise OutputError(f"{output}: this is no ordinary file; choose another output.")
        if exists and not overwrite:
            raise OutputError(
                f"{output}: exists already; choose another name, or replace it with --overwrite."
            )
        with _temporary(output) as probe:
            probe.touch()
    except OSError as error:
        raise OutputError(f"{output}: not written, {cause(error)}.") from error


@contextmanager
def appearing(output: Path) -> Iterator[Path]:
    """Yield a path beside ``output`` to write to; it becomes ``output`` when all went well.

    A file that is replaced hands on its permissions; a symbolic link stays one.

    Raises:
        OutputError: the system refused to write; nothing is left behind.
    """
    try:
        with _temporary(output) as temporary:
            yield temporary
            with temporary.open("rb+") as file:
                os.fsync(file.fileno())
            target = output.resolve()
            if target.exists():
                temporary.chmod(stat.S_IMODE(target.stat().st_mode))
            temporary.replace(target)
    except OSError as error:
        raise OutputError(f"{output}: not written, {cause(error)}.") from error


@contextmanager
def _temporary(output: Path) -> Iterator[Path]:
    """Yield a path in the output's folder that is gone afterwards, whatever happens."""
    target = output.resolve()
    # The end of a long name is left out, so that the temporary one is not too long itself.
    path = target.with_name(f".{target.stem[:50]}.{os.getpid()}.part{target.suffix}")
    try:
        yield path
    finally:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def cause(error: OSError) -> str:
    """Return what the system refused, and what to do about it."""
    known = _CAUSES.get(error.errno or 0)
    return known or f"{error.strerror or error}; try another folder"
