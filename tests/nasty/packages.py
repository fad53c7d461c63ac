"""Zip and OLE files written by hand, to the byte: whole, too large, and lying about themselves."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from typing import NamedTuple

_DATE = 0x21  # 1 January 1980, as zip has it
_SECTOR = 512
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


class Entry(NamedTuple):
    """A deflated file inside a zip; ``crc`` and ``size`` are what the zip says of it."""

    data: bytes
    crc: int
    size: int


def entry(content: bytes) -> Entry:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = packer.compress(content) + packer.flush()
    return Entry(data, zlib.crc32(content), len(content))


def swollen(head: bytes, block: bytes, times: int, tail: bytes) -> Entry:
    """An entry that unpacks to ``head``, ``block`` many times and ``tail``, made without that.

    Its checksum is not right: who unpacks gigabytes to find out has lost already.
    """
    data = b"".join(_flushed(part) * n for part, n in ((head, 1), (block, times), (tail, 1)))
    size = len(head) + len(block) * times + len(tail)
    return Entry(data + b"\x03\x00", 0, size)


def lying(whole: Entry, start: bytes) -> Entry:
    """The entry, said to hold ``start`` alone, with the checksum of that."""
    return Entry(whole.data, zlib.crc32(start), len(start))


def _flushed(content: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(content) + packer.flush(zlib.Z_FULL_FLUSH)


def zipped(parts: Mapping[str, bytes | Entry], *more: tuple[str, bytes]) -> bytes:
    """A zip of these files; ``more`` may have names that are there already."""
    entries = [*parts.items(), *more]
    out, central = bytearray(), bytearray()
    for name, content in entries:
        each = content if isinstance(content, Entry) else entry(content)
        path = name.encode()
        # version, flags (UTF-8 name), method (deflate), time, date, checksum, sizes, name
        said = struct.pack("<5H3I", 20, 0x800, 8, 0, _DATE, each.crc, len(each.data), each.size)
        central += b"PK\x01\x02" + struct.pack("<H", 20) + said
        central += struct.pack("<5H2I", len(path), 0, 0, 0, 0, 0, len(out)) + path
        out += b"PK\x03\x04" + said + struct.pack("<2H", len(path), 0) + path + each.data
    end = struct.pack("<4H2IH", 0, 0, *[len(entries)] * 2, len(central), len(out), 0)
    return bytes(out + central + b"PK\x05\x06" + end)


def compound(streams: Mapping[str, bytes]) -> bytes:
    """An OLE file, which old and encrypted Office files are, of up to three streams."""
    fat, sectors, entries = [_FAT, _END], b"", [_directory("Root Entry", 5, _END, 0, child=1)]
    for number, (name, content) in enumerate(streams.items(), 1):
        size = max(4096, len(content))  # shorter ones would lie in a stream of their own
        count = -(-size // _SECTOR)
        start = len(fat)
        fat += [*range(start + 1, start + count), _END]
        sectors += content.ljust(count * _SECTOR, b"\0")
        right = number + 1 if number < len(streams) else _FREE
        entries.append(_directory(name, 2, start, size, right=right))
    entries += [b"\0" * 68 + struct.pack("<3I", *[_FREE] * 3) + b"\0" * 48] * (4 - len(entries))
    table = struct.pack(f"<{len(fat)}I", *fat).ljust(_SECTOR, b"\xff")
    if len(table) > _SECTOR:
        raise ValueError("too much for one sector of FAT")
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16
    head += struct.pack("<6H", 0x3E, 3, 0xFFFE, 9, 6, 0) + struct.pack("<3I", 0, 0, 1)
    head += struct.pack("<6I", 1, 0, 4096, _END, 0, _END) + struct.pack("<2I", 0, 0)
    return head.ljust(_SECTOR, b"\xff") + table + b"".join(entries) + sectors


def _directory(
    name: str, kind: int, start: int, size: int, right: int = _FREE, child: int = _FREE
) -> bytes:
    letters = (name + "\0").encode("utf-16-le")
    links = struct.pack("<H2B3I", len(letters), kind, 1, _FREE, right, child)
    return letters.ljust(64, b"\0") + links + b"\0" * 36 + struct.pack("<IQ", start, size)


def old_workbook(*cells: tuple[int, int, str], locked: bool = False) -> bytes:
    """A workbook of Excel 97 (BIFF8) with one sheet, without any formats."""

    def record(kind: int, *content: bytes) -> bytes:
        data = b"".join(content)
        return struct.pack("<2H", kind, len(data)) + data

    def begin(kind: int) -> bytes:
        return record(0x0809, struct.pack("<4H2I", 0x0600, kind, 0x0DBB, 0x07CC, 0, 0x0600))

    end = record(0x000A)
    opening = begin(0x0005)
    if locked:
        opening += record(0x002F, struct.pack("<3H", 1, 1, 1), bytes(range(48)))
    opening += record(0x0042, struct.pack("<H", 1200))
    name = b"Sheet1"
    place = len(opening) + 4 + 8 + len(name) + len(end)
    opening += record(0x0085, struct.pack("<I4B", place, 0, 0, len(name), 0), name) + end
    sheet = begin(0x0010)
    rows, columns = (max(cell[at] for cell in cells) + 1 for at in (0, 1))
    sheet += record(0x0200, struct.pack("<2I3H", 0, rows, 0, columns, 0))
    for row, column, text in cells:
        at = struct.pack("<3HHB", row, column, 0, len(text), 1)
        sheet += record(0x0204, at, text.encode("utf-16-le"))
    return compound({"Workbook": opening + sheet + end})
