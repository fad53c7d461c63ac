"""Bytes that are copied while they come in, some left out and some put in; places are offsets."""

from __future__ import annotations

from collections.abc import Callable

from pipeline.tables.excel.parts import start_tag


class Copy:
    """The bytes between what came in and what has gone out."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write, self._out = write, list[bytes]()
        self._data, self._base, self._done = b"", 0, 0

    def feed(self, chunk: bytes) -> None:
        """Take in the next bytes; what was let through so far is written."""
        self._write(b"".join(self._out))
        self._out.clear()
        self._data = self._data[self._done - self._base :] + chunk
        self._base = self._done

    def to(self, offset: int) -> None:
        """Let through what comes before a place."""
        if offset > self._done:
            self._out.append(self._data[self._done - self._base : offset - self._base])
            self._done = offset

    def skip(self, offset: int) -> None:
        """Leave out what comes before a place."""
        self._done = offset

    def put(self, new: bytes) -> None:
        """Put in bytes at the place that was reached."""
        self._out.append(new)

    def tag(self, offset: int) -> bytes:
        """Return the tag that begins at a place."""
        return start_tag(self._data, offset - self._base)

    def between(self, start: int, stop: int) -> bytes:
        """Return what came in between two places."""
        return self._data[start - self._base : stop - self._base]

    def stop(self, start: int, end: int) -> int:
        """Return where an element ends whose first tag and whose end event are known."""
        if start + len(self.tag(start)) == end and self.between(end - 2, end) == b"/>":
            return end
        return self._data.index(b">", end - self._base) + self._base + 1

    def rest(self) -> None:
        """Let through all that came in, and write it."""
        self.to(self._base + len(self._data))
        self._write(b"".join(self._out))
