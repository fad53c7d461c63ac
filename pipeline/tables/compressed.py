"""gzip and zstd around a table of any kind: unpacked beside, read or written as usual."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pyarrow as pa

from pipeline.output import cause
from pipeline.posting import InputError
from pipeline.tables.rows import Reader, Rows, Writer
from pipeline.tables.streams import kind_in

CODECS = {".gz": "gzip", ".zst": "zstd"}
_CHUNK = 1 << 20
#: A file that unpacks to more than both is taken for a bomb; text of postings packs to a fifth, a
#: sheet that says the same in each row to a hundredth.
MOST_BYTES = 1 << 30
MOST_TIMES = 200


def codec_of(path: Path) -> str:
    """Return the name of the codec that the suffix stands for."""
    return CODECS[path.suffix.lower()]


def unpack(path: Path, folder: Path) -> Path:
    """Return a file in this folder with what is packed in another, named without the last suffix.

    Raises:
        InputError: it is damaged, or unpacks to more than a table does, or there is no room.
    """
    target = folder / path.with_suffix("").name
    most = max(MOST_BYTES, MOST_TIMES * path.stat().st_size)
    written = 0
    try:
        with (
            pa.CompressedInputStream(pa.OSFile(str(path)), codec_of(path)) as packed,
            target.open("wb") as file,
        ):
            while chunk := packed.read(_CHUNK):
                written += file.write(chunk)
                if written > most:
                    raise InputError(
                        f"{path}: unpacks to more than {most / 2**30:.1f} GB, {MOST_TIMES}"
                        " times its size; unpack it yourself if you trust it."
                    )
    except OSError as error:
        if error.errno:
            raise InputError(f"{path}: cannot be unpacked, {cause(error)}.") from error
        raise InputError(
            f"{path}: not a readable {codec_of(path)} file; export it again."
        ) from error
    return target


def open_unpacked(path: Path, open_: Callable[[Path], Reader]) -> Reader:
    """Return a reader of a packed table; what is unpacked lasts as long as the reader.

    Args:
        path: the packed file, by which messages call it.
        open_: returns a reader of the unpacked one.
    """
    folder = Path(tempfile.mkdtemp(prefix="frontback-"))
    try:
        content = unpack(path, folder)
        if not content.suffix:
            content = content.rename(content.with_suffix(kind_in(content)))
        if content.suffix.lower() in CODECS:
            raise InputError(f"{path}: packed twice; unpack it once, and name that.")
        reader = named(content, path, open_)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    weakref.finalize(reader, shutil.rmtree, folder, ignore_errors=True)
    reader.form = (("plain", codec_of(path)), *reader.form)
    return reader


def named(content: Path, name: Path, open_: Callable[[Path], Reader]) -> Reader:
    """Return a reader of ``content`` whose messages call it ``name``."""
    try:
        reader = open_(content)
    except InputError as error:
        raise InputError(str(error).replace(str(content), str(name))) from error
    reader.path = name
    return reader


class PackedWriter(Writer):
    """Writes a table beside the output, and packs it when it is complete."""

    def __init__(
        self,
        path: Path,
        reader: Reader,
        added: pa.Schema,
        make: Callable[[Path, Reader, pa.Schema], Writer],
        codec: str,
        kind: str,
    ) -> None:
        self._path, self._codec = path, codec
        self._plain = path.with_name(f"{path.name}{kind}")
        self._writer = make(self._plain, reader, added)

    def write(self, rows: Rows, added: pa.RecordBatch) -> None:
        """Write some rows with their added columns."""
        self._writer.write(rows, added)

    def close(self) -> None:
        """Pack what was written."""
        self._writer.close()
        # Neither codec writes a time or a name: the same rows give the same bytes.
        with (
            self._plain.open("rb") as plain,
            self._path.open("wb") as file,
            pa.CompressedOutputStream(pa.PythonFile(file), self._codec) as packed,
        ):
            shutil.copyfileobj(plain, packed, _CHUNK)
        self._plain.unlink()

    def discard(self) -> None:
        """Let go of the file, unfinished; never raises."""
        self._writer.discard()
        with suppress(OSError):
            self._plain.unlink(missing_ok=True)
