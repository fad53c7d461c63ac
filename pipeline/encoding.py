"""Which encoding a file of text is in: a stated rule, no guesser.

BOM, then strict UTF-8, then UTF-16 by the pattern of its NUL bytes, then cp1252, the encoding in
which Spanish and Norwegian Excel save a CSV. (Statistical guessers were wrong on short cp1252
files; a rule can be foreseen and overridden.)
"""

from __future__ import annotations

import codecs
import io
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from pipeline.posting import InputError

if TYPE_CHECKING:
    import pyarrow as pa

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_MAGIC = (
    (b"PK\x03\x04", "a zip or Office file"),
    (b"\xd0\xcf\x11\xe0", "an old Office file"),
    (b"%PDF", "a PDF"),
    (b"PAR1", "a Parquet file"),
    (b"\x1f\x8b", "a gzip file"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
)
_SAMPLE = 1 << 16
_CHUNK = 1 << 20


def detect_file_encoding(path: Path) -> str:
    """Return the name of the codec that reads the whole file: see `detect_encoding`."""
    with path.open("rb") as file:
        return detect_encoding(file, path)


def detect_encoding(file: BinaryIO, name: object) -> str:
    """Return the name of the codec that reads all of a text, whose start is the file's start.

    Args:
        file: open for reading, seekable.
        name: what to call it in a message.

    Raises:
        InputError: it is no text (binary content), or no encoding of the rule fits.
    """
    head = file.read(_SAMPLE)
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            return _checked(file, encoding, name)
    for magic, what in _MAGIC:
        if head.startswith(magic):
            raise InputError(
                f"{name}: this is {what}, not text; give the file its proper suffix, or save it"
                " as CSV (UTF-8) and try again."
            )
    nul_even, nul_odd = head[0::2].count(0), head[1::2].count(0)
    if max(nul_even, nul_odd) > len(head) // 5:
        return _checked(file, "utf-16-le" if nul_odd > nul_even else "utf-16-be", name)
    controls = sum(head.count(byte) for byte in (*range(9), *range(14, 27), *range(28, 32)))
    if controls > max(8, len(head) // 20):
        raise InputError(f"{name}: this is binary data, not text; check that it is the right file.")
    for encoding in ("utf-8", "cp1252"):
        if _decodes(file, encoding):
            return encoding
    raise InputError(
        f"{name}: neither UTF-8 nor cp1252 (Western Excel) reads this; save it as UTF-8,"
        " or, if it is a table, say which encoding it has with --encoding."
    )


def decode(content: bytes, name: object) -> str:
    """Return text that came as bytes: see `detect_encoding`."""
    return content.decode(detect_encoding(io.BytesIO(content), name)).removeprefix("\ufeff")


def _checked(file: BinaryIO, encoding: str, name: object) -> str:
    if not _decodes(file, encoding):
        raise InputError(
            f"{name}: begins like {encoding} and is not readable as that; export it again."
        )
    return encoding


def _decodes(file: BinaryIO, encoding: str) -> bool:
    """Whether the whole file can be read in this encoding; memory stays flat."""
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(0)
    try:
        while chunk := file.read(_CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


def check_encoding(path: Path, encoding: str) -> str:
    """Return ``encoding`` where it exists and reads the file; otherwise raise `InputError`."""
    try:
        "".encode(encoding)
    except (LookupError, UnicodeError):
        raise InputError(
            f"{encoding!r} is no encoding that Python knows; try utf-8 or cp1252."
        ) from None
    with path.open("rb") as file:
        readable = _decodes(file, encoding)
    if not readable:
        raise InputError(
            f"{path}: not readable as {encoding}; leave --encoding out to have it found."
        )
    return encoding


def readable(column: pa.Array) -> pa.Array:
    """Return a string column; in texts that are not UTF-8, U+FFFD stands for what is not."""
    import pyarrow as pa

    try:
        column.validate(full=True)
    except pa.ArrowInvalid:
        texts = column.cast(pa.large_string()).view(pa.large_binary()).to_pylist()
        return pa.array(
            [None if text is None else text.decode("utf-8", "replace") for text in texts],
            pa.string(),
        )
    return column
