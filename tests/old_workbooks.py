"""Workbooks of the old kind (.xls), made byte by byte: no library that is kept up writes them."""

from __future__ import annotations

import struct
from collections.abc import Sequence

_END, _TABLE, _NONE = 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF


def old_workbook(
    rows: Sequence[Sequence[str | float]], locked: bool = False, far: bool = False
) -> bytes:
    """Return an .xls of one sheet with these cells.

    Args:
        rows: texts and numbers.
        locked: with the record that says it has a password.
        far: with one more cell as far away as a record can say.
    """
    lock = _record(0x2F, b"\0" * 6) if locked else b""
    begin = _record(0x0809, struct.pack("<4HII", 0x600, 5, 0, 1997, 0, 6)) + lock
    begin += _record(0x42, struct.pack("<H", 1200))
    name = b"Ark1"
    place = len(begin) + 4 + 8 + len(name) + 4
    sheet = _record(0x85, struct.pack("<IHBB", place, 0, len(name), 0) + name) + _record(0x0A)
    cells = b"".join(
        _cell(row, column, value)
        for row, line in enumerate(rows)
        for column, value in enumerate(line)
    )
    cells += _cell(65534, 40000 - 1, 1.0) if far else b""
    body = _record(0x0809, struct.pack("<4HII", 0x600, 0x10, 0, 1997, 0, 6)) + cells
    return _container(begin + sheet + body + _record(0x0A))


def _record(kind: int, content: bytes = b"") -> bytes:
    return struct.pack("<2H", kind, len(content)) + content


def _cell(row: int, column: int, value: str | float) -> bytes:
    if isinstance(value, str):
        text = value.encode("latin-1")
        return _record(0x204, struct.pack("<3HHB", row, column, 0, len(text), 0) + text)
    return _record(0x203, struct.pack("<3Hd", row, column, 0, value))


def _container(stream: bytes) -> bytes:
    """Return a stream in an OLE container: a table of sectors, a directory, the stream."""
    stream = stream.ljust(max(4096, -(-len(stream) // 512) * 512), b"\0")
    count = len(stream) // 512
    chain = [_TABLE, _END, *range(3, 2 + count), _END]
    table = struct.pack(f"<{len(chain)}I", *chain).ljust(512, b"\xff")
    directory = _entry("Root Entry", 5, _END, 0, child=1) + _entry("Workbook", 2, 2, len(stream))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<5H", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<9I", 0, 1, 1, 0, 4096, _END, 0, _END, 0)
    header += struct.pack("<109I", 0, *[_NONE] * 108)
    return header + table + directory.ljust(512, b"\0") + stream


def _entry(name: str, kind: int, start: int, size: int, child: int = _NONE) -> bytes:
    text = name.encode("utf-16-le")
    entry = text.ljust(64, b"\0") + struct.pack(
        "<HBB3I", len(text) + 2, kind, 1, _NONE, _NONE, child
    )
    return entry + bytes(36) + struct.pack("<IQ", start, size)
