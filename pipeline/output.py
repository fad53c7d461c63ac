"""A file that appears whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

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


@contextmanager
def claimed(output: Path) -> Iterator[None]:
    """Keep other runs from an output for as long as this one writes it.

    Raises:
        OutputError: another run has it.
    """
    target = real(output)
    path = target.with_name(f".{target.name[-100:]}.lock")
    lock = FileLock(path, timeout=0)
    try:
        with lock:
            try:
                yield
            finally:
                with suppress(OSError):  # Windows removes it itself, when it is let go
                    path.unlink(missing_ok=True)
    except Timeout:
        raise OutputError(
            f"{output}: another run is writing this file; wait for its end, or choose another"
            " output."
        ) from None
    except OSError as error:
        raise OutputError(f"{output}: not written, {cause(error)}.") from error


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
            raise _exists(output)
        with _temporary(output, f"{os.getpid()}.probe") as probe:
            probe.touch()
    except OSError as error:
        raise OutputError(f"{output}: not written, {cause(error)}.") from error


@contextmanager
def appearing(
    output: Path, ready: Callable[[], None] = lambda: None, replace: bool = True
) -> Iterator[Path]:
    """Yield a path beside ``output`` to write to; it becomes ``output`` when all went well.

    A file that is replaced hands on its permissions; a symbolic link stays one.

    To be used where the output is `claimed`: what a killed run left of it is replaced.

    Args:
        output: the file to write.
        ready: called when all is written, before the file is put into its place.
        replace: whether it may take the place of a file that has come there meanwhile.

    Raises:
        OutputError: the system refused to write; nothing is left behind.
    """
    try:
        # The whole name is in it by its check: the end of a long one is left out.
        with _temporary(output, f"{zlib.crc32(os.fsencode(output.name)):08x}.part") as temporary:
            temporary.unlink(missing_ok=True)
            yield temporary
            with temporary.open("rb+") as file:
                os.fsync(file.fileno())
            target = real(output)
            if target.exists():
                if not replace:
                    raise _exists(output)
                temporary.chmod(stat.S_IMODE(target.stat().st_mode))
            ready()
            temporary.replace(target)
            sync_folder(target.parent)
    except OSError as error:
        raise OutputError(f"{output}: not written, {cause(error)}.") from error


def _exists(output: Path) -> OutputError:
    return OutputError(
        f"{output}: exists already; choose another name, or replace it with --overwrite."
    )


def sync_folder(folder: Path) -> None:
    """Have the disk hold what a folder lists, where a system lets folders be opened for that."""
    with suppress(OSError):
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)


@contextmanager
def _temporary(output: Path, name: str) -> Iterator[Path]:
    """Yield a path in the output's folder that is gone afterwards, whatever happens."""
    target = real(output)
    path = target.with_name(f".{target.stem[:50]}.{name}{target.suffix}")
    try:
        yield path
    finally:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def real(path: Path) -> Path:
    """Return what a path leads to, be it there or not; where links lead in a circle, itself."""
    return Path(os.path.realpath(path))  # Path.resolve() raises there


def cause(error: OSError) -> str:
    """Return what the system refused, and what to do about it."""
    known = _CAUSES.get(error.errno or 0)
    return known or f"{error.strerror or error}; try another folder"
