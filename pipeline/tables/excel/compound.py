"""The container of the old Office (OLE): names of its streams, and the bytes of one."""

from __future__ import annotations

import struct

_ENTRY = struct.Struct("<64sHB49xIQ")
_END = 0xFFFFFFFA  # numbers from here on end a chain, or say what a sector is for
_SMALL = 4096


class Compound:
    """A container that is held in memory, as the old workbooks are small (65,536 rows).

    Attributes:
        streams: first sector and length of each stream, by its name.

    Raises:
        ValueError: the container is damaged.
    """

    def __init__(self, content: bytes) -> None:
        self._content = content
        try:
            self._read()
        except (struct.error, IndexError, UnicodeDecodeError) as error:
            raise ValueError("a damaged container") from error

    def _read(self) -> None:
        major, order, shift = struct.unpack_from("<3H", self._content, 26)
        if order != 0xFFFE or shift not in (9, 12):
            raise ValueError("a container of an odd kind")
        self._size = 1 << shift
        (directory,) = struct.unpack_from("<I", self._content, 48)
        (first_small,) = struct.unpack_from("<I", self._content, 60)
        self._next = self._table()
        self.streams: dict[str, tuple[int, int]] = {}
        root = (0, 0)
        entries = self._chain(directory)
        for at in range(0, len(entries) - 127, 128):
            name, length, kind, start, size = _ENTRY.unpack_from(entries, at)
            size &= 0xFFFFFFFF if major < 4 else 2**63 - 1
            if kind == 5:
                root = start, size
            elif kind == 2 and 2 <= length <= 64:
                self.streams[name[: length - 2].decode("utf-16-le")] = start, size
        self._small = self._chain(root[0]) if root[1] else b""
        table = self._chain(first_small)
        self._next_small = struct.unpack(f"<{len(table) // 4}I", table[: len(table) // 4 * 4])

    def _table(self) -> tuple[int, ...]:
        """Return which sector follows each sector."""
        places = list(struct.unpack_from("<109I", self._content, 76))
        (more,) = struct.unpack_from("<I", self._content, 68)
        most = len(self._content) // self._size + 1
        while more < _END and len(places) < most + 109:
            *listed, more = struct.unpack(f"<{self._size // 4}I", self._sector(more))
            places += listed
        table = b"".join(self._sector(place) for place in places if place < _END)
        return struct.unpack(f"<{len(table) // 4}I", table)

    def _sector(self, number: int) -> bytes:
        sector = self._content[(number + 1) * self._size : (number + 2) * self._size]
        if not sector:
            raise ValueError("a container that ends early")
        return sector.ljust(self._size, b"\0")

    def _chain(self, number: int) -> bytes:
        pieces: list[bytes] = []
        while number < _END and len(pieces) <= len(self._next):
            pieces.append(self._sector(number))
            number = self._next[number]
        return b"".join(pieces)

    def stream(self, name: str) -> bytes:
        """Return a stream's content.

        Raises:
            ValueError: the container is damaged.
        """
        start, size = self.streams[name]
        try:
            if size >= _SMALL:
                return self._chain(start)[:size]
            pieces: list[bytes] = []
            while start < _END and len(pieces) <= len(self._next_small):
                pieces.append(self._small[start * 64 : start * 64 + 64])
                start = self._next_small[start]
        except (struct.error, IndexError) as error:
            raise ValueError("a damaged container") from error
        return b"".join(pieces)[:size]
