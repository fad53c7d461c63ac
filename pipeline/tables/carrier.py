"""Text carried through as it stands in the file, and decoded only where it is read.

In UTF-8, cp1252 and their like a delimiter, a quote and a line end are one byte, and no byte of
another letter looks like it. So a file can be parted into records and cells with each byte taken
for a character (which is what Latin-1 does), and its records written back without ever being
decoded: quicker, and no byte can change on the way. Only the cells are decoded, and those of UTF-8
are Arrow's own form already.
"""

from __future__ import annotations

import codecs
from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from pipeline.encoding import Encoding, mended

_BYTES = "latin-1"
_ALIKE = {"utf-8", "cp1252", "ascii", "iso8859-1", "iso8859-15"}


class Carrier:
    """How the text of a file is carried.

    Attributes:
        encoding: of the file, in which its cells are decoded.
        carried: the encoding to open the file with.
    """

    def __init__(self, encoding: Encoding, delimiter: str) -> None:
        self.encoding = encoding
        codec = codecs.lookup(encoding.name).name
        self._as_bytes = codec in _ALIKE and delimiter.isascii()
        self._is_utf8 = codec == "utf-8" and encoding.errors == "strict"
        self.carried = Encoding(_BYTES) if self._as_bytes else encoding

    def text(self, carried: str) -> str:
        """Return what carried text says; what does not fit stays Python's lone surrogates."""
        if not self._as_bytes or carried.isascii():
            return carried
        return carried.encode(_BYTES).decode(*self.encoding)

    def carry(self, text: str) -> str:
        """Return text as it is carried."""
        if not self._as_bytes or text.isascii():
            return text
        return text.encode(*self.encoding).decode(_BYTES)

    def array(self, carried: Sequence[str]) -> pa.Array:
        """Return carried cells as a column of text."""
        if self._as_bytes and self._is_utf8:
            ends = np.zeros(len(carried) + 1, np.int64)
            np.cumsum(np.fromiter(map(len, carried), np.int64, len(carried)), out=ends[1:])
            if ends[-1] < 2**31:
                data = "".join(carried).encode(_BYTES)
                buffers = (pa.py_buffer(ends.astype(np.int32)), pa.py_buffer(data))
                return pa.StringArray.from_buffers(len(carried), *buffers)
        return pa.array([mended(self.text(cell)) for cell in carried], pa.string())
