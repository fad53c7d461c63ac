"""A file that appears whole or not at all."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pipeline.posting import OutputError

_CAUSES = {
    errno.ENOSPC: "the disk is full; free some space, or write elsewhere",
    errno.EDQUOT: "your disk quota is used up; free some space, or write elsewhere",
    errno.EFBIG: "the file would be larger than is allowed here; write elsewhere",
    errno.EACCES: "you may not write there; choose a folder of your own",
    errno.EPERM: "you may not write there; choose a folder of your own",
    errno.EROFS: "that disk is read-only; choose another folder",
    errno.ENOENT: "there is no such folder; create it first",
    errno.ENOTDIR: "there is no such folder; create it first",
    errno.ENAMETOOLONG: "the name is too long; choose a shorter one",
}


def check_output(output: Path, source: Path, overwrite: bool) -> None:
    """Raise `OutputError` where writing would destroy something, before any work is done."""
    try:
        output.lstat()
    except FileNotFoundError:
        return
    except OSError as error:
        raise OutputError(f"{output}: not written, {cause(error)}.") from error
    if output.is_dir():
        raise OutputError(f"{output}: this is a folder; name a file in it.")
    if output.samefile(source):
        raise OutputError(f"{output}: this is the input itself; choose another output.")
    if not output.is_file():
        raise OutputError(f"{output}: this is no ordinary file; choose another output.")
    if not overwrite:
        raise OutputError(
            f"{output}: exists already; choose another name, or replace it with --overwrite."
        )


@contextmanager
def appearing(output: Path) -> Iterator[Path]:
    """Yield a path beside ``output`` to write to; it becomes ``output`` when all went well.

    Raises:
        OutputError: the system refused to write; nothing is left behind.
    """
    temporary = output.with_name(f".{output.stem}.{os.getpid()}.part{output.suffix}")
    try:
        yield temporary
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.replace(output)
    except OSError as error:
        raise OutputError(f"{output}: not written, {cause(error)}.") from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def cause(error: OSError) -> str:
    """Return what the system refused, and what to do about it."""
    known = _CAUSES.get(error.errno or 0)
    return known or f"{error.strerror or error}; try another folder"
