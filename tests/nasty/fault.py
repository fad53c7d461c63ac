"""What a nasty file is: its content, and what must come of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tests.postings import BACK, FRONT

Content = bytes | Callable[[], bytes]

#: Three postings, (title, text), with letters that tell encodings apart.
POSTINGS = (
    ("Kundebehandler på Ås", FRONT["no"]),
    ("Operador de máquina", BACK["es"]),
    ("Receptionist", FRONT["en"]),
)


class Fault(NamedTuple):
    """A file and what must come of it.

    Attributes:
        content: its bytes, or what gives them.
        rows: rows that come out where it must be read; None where it must be refused.
        refused: words that the refusal must hold.
        not_copied: words of the refusal to write it in its own kind, where it can only be read.
        by: what makes it instead, where it is no ordinary file.
    """

    content: Content = b""
    rows: int | None = None
    refused: str = ""
    not_copied: str = ""
    by: Callable[[Path], object] | None = None

    def write(self, path: Path) -> None:
        """Make the file."""
        if self.by:
            self.by(path)
        else:
            path.write_bytes(self.content if isinstance(self.content, bytes) else self.content())


def kept(rows: int, content: Content, not_copied: str = "") -> Fault:
    """A file that must be read: as many rows come out, every cell as it was."""
    return Fault(content, rows=rows, not_copied=not_copied)


def refused(words: str, content: Content) -> Fault:
    """A file that must be refused with one sentence that holds these words."""
    return Fault(content, refused=words)
