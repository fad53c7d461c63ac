"""The zip that a workbook is, written: entries copied as they lie, and entries made."""

from __future__ import annotations

import errno
import struct
import zipfile
import zlib
from pathlib import Path

from pipeline.tables.excel.archive import Archive

_LIMIT = 0xFFFFFFFF
_LARGE = 45
#: Half the time of zlib's own choice for a few percent more bytes.
_LEVEL = 4


class Repack:
    """A zip that is being written, the same bytes for the same content.

    Dates are those of the entries given; sizes are filled in when an entry ends, so that no entry
    is ever held in memory.
    """

    def __init__(self, path: Path, comment: bytes = b"") -> None:
        self._file = path.open("wb")
        self._comment = comment
        self._done: list[zipfile.ZipInfo] = []

    def copy(self, archive: Archive, name: str) -> None:
        """Copy an entry without unpacking it."""
        info = archive.entries[name]
        made = _like(info)
        made.CRC, made.file_size, made.compress_size = info.CRC, info.file_size, info.compress_size
        self._header(made, large=max(info.file_size, info.compress_size) >= _LIMIT)
        for part in archive.packed(name):
            self._file.write(part)
        self._done.append(made)

    def add(self, like: zipfile.ZipInfo, content: bytes) -> None:
        """Write an entry with the name, date and compression of another."""
        self.begin(like)
        self.write(content)
        self.end()

    def begin(self, like: zipfile.ZipInfo, expected: int = 0) -> None:
        """Begin an entry of which about ``expected`` bytes, unpacked, will be written."""
        made = _like(like)
        made.CRC = made.file_size = made.compress_size = 0
        self._large = expected >= _LIMIT // 2
        deflated = made.compress_type == zipfile.ZIP_DEFLATED
        self._pack = zlib.compressobj(_LEVEL, zlib.DEFLATED, -15) if deflated else None
        self._header(made, self._large)
        self._open = made

    def write(self, content: bytes) -> None:
        """Write on in the entry that was begun."""
        made = self._open
        made.CRC = zlib.crc32(content, made.CRC)
        made.file_size += len(content)
        self._put(self._pack.compress(content) if self._pack else content)

    def end(self) -> None:
        """End the entry that was begun."""
        made = self._open
        if self._pack:
            self._put(self._pack.flush())
        if made.file_size >= _LIMIT and not self._large:
            raise OSError(errno.EFBIG, "an entry grew past what was announced")
        end = self._file.tell()
        self._file.seek(made.header_offset)
        self._header(made, self._large)
        self._file.seek(end)
        self._done.append(made)

    def close(self) -> None:
        """Write the list of entries, and close the file."""
        begin = self._file.tell()
        for info in self._done:
            self._file.write(_central(info))
        size, count = self._file.tell() - begin, len(self._done)
        if begin >= _LIMIT:
            end = begin + size
            self._file.write(
                struct.pack("<4sQ2H2I4Q", b"PK\6\6", 44, 45, 45, 0, 0, count, count, size, begin)
                + struct.pack("<4sIQI", b"PK\6\7", 0, end, 1)
            )
        tail = (0, 0, count, count, size, min(begin, _LIMIT), len(self._comment))
        self._file.write(struct.pack("<4s4H2IH", b"PK\5\6", *tail) + self._comment)
        self._file.close()

    def discard(self) -> None:
        """Close the file as it is."""
        self._file.close()

    def _put(self, packed: bytes) -> None:
        self._file.write(packed)
        self._open.compress_size += len(packed)

    def _header(self, info: zipfile.ZipInfo, large: bool) -> None:
        info.header_offset = self._file.tell()
        name = _name(info)
        sizes, extra = (info.compress_size, info.file_size), b""
        if large:
            extra = struct.pack("<2H2Q", 1, 16, info.file_size, info.compress_size)
            sizes = (_LIMIT, _LIMIT)
            info.extract_version = _LARGE
        fields = (info.extract_version, info.flag_bits, info.compress_type, *_stamp(info), info.CRC)
        self._file.write(
            struct.pack("<4s5H3I2H", b"PK\3\4", *fields, *sizes, len(name), len(extra))
            + name
            + extra
        )


def _like(info: zipfile.ZipInfo) -> zipfile.ZipInfo:
    made = zipfile.ZipInfo(info.filename, info.date_time)
    made.compress_type, made.flag_bits = info.compress_type, info.flag_bits & 0x800
    made.create_system, made.external_attr = info.create_system, info.external_attr
    made.internal_attr, made.comment, made.extract_version = info.internal_attr, info.comment, 20
    return made


def _name(info: zipfile.ZipInfo) -> bytes:
    return info.filename.encode("utf-8" if info.flag_bits & 0x800 else "cp437")


def _stamp(info: zipfile.ZipInfo) -> tuple[int, int]:
    year, month, day, hour, minute, second = info.date_time
    return hour << 11 | minute << 5 | second // 2, (year - 1980) << 9 | month << 5 | day


def _central(info: zipfile.ZipInfo) -> bytes:
    name, wide = _name(info), [info.file_size, info.compress_size, info.header_offset]
    large = [number for number in wide if number >= _LIMIT]
    extra = struct.pack(f"<2H{len(large)}Q", 1, 8 * len(large), *large) if large else b""
    size, packed, offset = (min(number, _LIMIT) for number in wide)
    version = _LARGE if large else info.extract_version
    return (
        struct.pack(
            "<4s2B5H3I5H2I", b"PK\1\2", _LARGE if large else 20, info.create_system, version,
            info.flag_bits, info.compress_type, *_stamp(info), info.CRC, packed, size, len(name),
            len(extra), len(info.comment), 0, info.internal_attr, info.external_attr, offset,
        )
        + name + extra + info.comment
    )  # fmt: skip
