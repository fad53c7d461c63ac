"""Places on a sheet, counted from 1: A1, ranges, and the limits of Excel."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

MAX_ROWS = 1_048_576
MAX_COLUMNS = 16_384

_RANGE = re.compile(r"\$?([A-Za-z]{1,3})\$?(\d{1,7})(?::\$?([A-Za-z]{1,3})\$?(\d{1,7}))?")


class Area(NamedTuple):
    """A rectangle of cells, its edges included."""

    left: int
    top: int
    right: int
    bottom: int

    def __str__(self) -> str:
        return f"{letters(self.left)}{self.top}:{letters(self.right)}{self.bottom}"

    def absolute(self) -> str:
        """Return the area as names of a workbook spell it: ``$A$1:$B$2``."""
        left, right = letters(self.left), letters(self.right)
        return f"${left}${self.top}:${right}${self.bottom}"

    def meets(self, other: Area) -> bool:
        """Whether the two share a cell."""
        across = self.left <= other.right and other.left <= self.right
        return across and self.top <= other.bottom and other.top <= self.bottom


def area(reference: str) -> Area | None:
    """Return what ``A1:B2`` or ``A1`` means; None where it is neither."""
    match = _RANGE.fullmatch(reference.strip())
    if not match:
        return None
    left, top = column(match[1]), int(match[2])
    right, bottom = (column(match[3]), int(match[4])) if match[3] else (left, top)
    return Area(left, top, right, bottom)


@cache
def column(name: str) -> int:
    """Return the number of a column: 1 for ``A``, 27 for ``AA``."""
    number = 0
    for letter in name.upper():
        number = number * 26 + ord(letter) - 64
    return number


@cache
def letters(number: int) -> str:
    """Return the name of a column: ``A`` for 1, ``AA`` for 27."""
    name = ""
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(65 + rest) + name
    return name
