"""Text that comes in pieces, read line by line or as far as one likes, and gone back in."""

from __future__ import annotations

import re
from collections.abc import Iterator

_LINE_END = re.compile(r"\r\n|\r|\n")


class Source:
    """The text of a file, of which a little is in memory.

    Attributes:
        text: what is in memory.
        at: where the next character to be read stands in it; it may be set back to ``start``.
    """

    def __init__(self, pieces: Iterator[str], lone_returns: bool = False) -> None:
        """Begin.

        Args:
            pieces: the text, parted anywhere.
            lone_returns: whether a carriage return alone ends a line too.
        """
        self.text, self.at = "", 0
        self._start = 0
        self._pieces, self._lone_returns = pieces, lone_returns

    def start(self) -> int:
        """Say that what was read up to here is done with; return where that is."""
        self._start = self.at
        return self.at

    def more(self) -> bool:
        """Bring more of the text into memory, after which all places have moved; False at its end.

        As much again as is held: a record of many megabytes is not copied for every piece.
        """
        held = self.text[self._start :]
        parts, added = [held], 0
        for piece in self._pieces:
            parts.append(piece)
            added += len(piece)
            if added >= len(held):
                break
        if not added:
            return False
        self.text = "".join(parts)
        self.at -= self._start
        self._start = 0
        return True

    def line(self) -> str | None:
        """Return the next line with its end, None where there is none."""
        while True:
            end = self._line_end()
            if end is None and self.more():
                continue
            begin, self.at = self.at, len(self.text) if end is None else end
            return self.text[begin : self.at] or None

    def _line_end(self) -> int | None:
        """Return where the next line begins, None if more of the text is needed to tell."""
        if not self._lone_returns:
            return self.text.find("\n", self.at) + 1 or None
        found = _LINE_END.search(self.text, self.at)
        # A carriage return at the very end may have its line feed in the next piece.
        return found.end() if found and found.end() < len(self.text) else None
