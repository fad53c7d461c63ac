"""Tables from standard input and to standard output: what a pipe carries has no name."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa

from pipeline.output import cause
from pipeline.posting import InputError, OutputError

_PACKED = ((b"\x1f\x8b", ".gz"), (b"\x28\xb5\x2f\xfd", ".zst"))
_HEAD = 1 << 12


@contextmanager
def received(stream: BinaryIO, name: str = "standard input") -> Iterator[Path]:
    """Yield a file with all that a stream gives, its suffix the kind of table that it is.

    A file because every table is read twice. It is gone afterwards, whatever happens.

    Raises:
        InputError: there is nothing in it, or no room for it.
    """
    with tempfile.TemporaryDirectory(prefix="frontback-") as folder:
        file = Path(folder) / "input"
        try:
            with file.open("wb") as copy:
                shutil.copyfileobj(stream, copy, 1 << 20)
        except OSError as error:
            raise InputError(f"{name}: cannot be kept, {cause(error)}.") from error
        if file.stat().st_size == 0:
            raise InputError(f"{name}: there is nothing in it; pipe a table in.")
        yield file.rename(file.with_name(f"input{kind_in(file)}"))


def send(file: Path, stream: BinaryIO, name: str = "standard output") -> None:
    """Copy a finished table to a stream.

    Raises:
        BrokenPipeError: whoever reads the stream stopped early.
        OutputError: the system refused to write.
    """
    try:
        with file.open("rb") as content:
            shutil.copyfileobj(content, stream, 1 << 20)
        stream.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(f"{name}: {cause(error)}.") from error


def kind_in(file: Path) -> str:
    """Return the suffix of the kind of table that a file's content looks like, CSV if like none."""
    with file.open("rb") as content:
        head = content.read(_HEAD)
    for magic, suffix in _PACKED:
        if head.startswith(magic):
            return _kind_of_head(_unpacked(file, suffix)) + suffix
    return _kind_of_head(head)


def _unpacked(file: Path, suffix: str) -> bytes:
    from pipeline.tables.compressed import CODECS

    try:
        with pa.CompressedInputStream(pa.OSFile(str(file)), CODECS[suffix]) as packed:
            return bytes(packed.read(_HEAD))
    except OSError:
        return b""  # whoever unpacks it says what is wrong with it


def _kind_of_head(head: bytes) -> str:
    if head.startswith(b"PAR1"):
        return ".parquet"
    if head.startswith(b"PK\x03\x04"):
        return ".ods" if b"opendocument.spreadsheet" in head[:200] else ".xlsx"
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return ".xls"
    text = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    return ".json" if text.startswith((b"{", b"[")) else ".csv"
