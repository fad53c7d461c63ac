"""Which encoding a file of text is in: a stated rule, no guesser.

BOM, then UTF-8, then UTF-16 by the pattern of its NUL bytes, then cp1252, the encoding in which
Spanish and Norwegian Excel save a CSV. (Statistical guessers were wrong on short cp1252 files; a
rule can be foreseen and overridden.)

A few bytes that do not fit do not change the rule's mind: one broken letter in a UTF-8 file of
100,000 rows must not make nonsense of all others. Such a text is read with Python's
"surrogateescape", so that the bytes come back as they were; `mended` says what to read for them.
"""

from __future__ import annotations

import codecs
import io
import re
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from pipeline.posting import InputError

if TYPE_CHECKING:
    import pyarrow as pa

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_MAGIC = (
    (b"PK\x03\x04", "a zip or Office file"),
    (b"\xd0\xcf\x11\xe0", "an old Office file"),
    (b"%PDF", "a PDF"),
    (b"PAR1", "a Parquet file"),
    (b"\x1f\x8b", "a gzip file"),
    (b"\x28\xb5\x2f\xfd", "a zstd file"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
)
_SAMPLE = 1 << 16
_CHUNK = 1 << 20
# Bytes that do not fit are told from another encoding by how rare they are: by the letters beyond
# ASCII that do fit (by chance hardly any bytes are UTF-8, and nearly all are cp1252), or, for
# cp1252, by there being next to nothing beyond ASCII at all.
_LETTERS_A_MISFIT = {"utf-8": 1, "utf-8-sig": 1, "cp1252": 100}
_ASCII_A_MISFIT = 1_000
_ENOUGH_MISFITS = 1_000
_MISFIT = re.compile("[\udc80-\udcff]")
_READ_AS = {0xDC00 + byte: bytes([byte]).decode("cp1252", "replace") for byte in range(0x80, 0x100)}


class Encoding(NamedTuple):
    """How a file is decoded: the codec's name, and what is done with bytes that do not fit."""

    name: str
    errors: str = "strict"

    @property
    def described(self) -> str:
        """The encoding's usual name."""
        return {"utf-8-sig": "UTF-8 with BOM"}.get(self.name, self.name.replace("utf", "UTF"))


def detect_file_encoding(path: Path) -> Encoding:
    """Return the encoding that reads the whole file: see `detect_encoding`."""
    with path.open("rb") as file:
        return detect_encoding(file, path)


def detect_encoding(file: BinaryIO, name: object) -> Encoding:
    """Return the encoding that reads all of a text, whose start is the file's start.

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
        if found := _reading(file, encoding):
            return found
    raise InputError(
        f"{name}: neither UTF-8 nor cp1252 (Western Excel) reads this; save it as UTF-8,"
        " or, if it is a table, say which encoding it has with --encoding."
    )


def decode(content: bytes, name: object) -> str:
    """Return text that came as bytes: see `detect_encoding`."""
    found = detect_encoding(io.BytesIO(content), name)
    return mended(content.decode(*found)).removeprefix("\ufeff")


def mended(text: str) -> str:
    """Return the text with what cp1252 reads, or U+FFFD, for bytes that did not fit."""
    return text.translate(_READ_AS) if _MISFIT.search(text) else text


def has_misfits(text: str) -> bool:
    """Whether bytes that did not fit are in the text."""
    return _MISFIT.search(text) is not None


def _checked(file: BinaryIO, encoding: str, name: object) -> Encoding:
    found = _reading(file, encoding)
    if not found:
        raise InputError(
            f"{name}: begins like {encoding} and is not readable as that; export it again."
        )
    return found


def _reading(file: BinaryIO, encoding: str) -> Encoding | None:
    """Return how the whole file is read in this encoding, None where it is not."""
    if _decodes(file, encoding):
        return Encoding(encoding)
    if encoding in _LETTERS_A_MISFIT and _nearly_decodes(file, encoding):
        return Encoding(encoding, "surrogateescape")
    return None


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


def _nearly_decodes(file: BinaryIO, encoding: str) -> bool:
    """Whether the bytes that do not fit are few."""
    escaping = codecs.getincrementaldecoder(encoding)("surrogateescape")
    file.seek(0)
    letters = misfits = plain = 0
    while True:
        chunk = file.read(_CHUNK)
        text = escaping.decode(chunk, final=not chunk)
        wrong = len(_MISFIT.findall(text))
        misfits += wrong
        ascii_ = len(text.encode("ascii", "ignore"))
        plain += ascii_
        letters += len(text) - ascii_ - wrong
        few = letters >= misfits * _LETTERS_A_MISFIT[encoding] or (
            encoding == "cp1252" and plain >= (letters + misfits) * _ASCII_A_MISFIT
        )
        if not chunk or (misfits > _ENOUGH_MISFITS and not few):
            return few


def check_encoding(path: Path, encoding: str) -> Encoding:
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
    return Encoding(encoding)


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
