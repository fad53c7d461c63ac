"""The lines of a posting, or the sentences of one that is all on one line."""

from __future__ import annotations

import re

_LINE = re.compile(r"[^\n]+")
# Up to the blank behind what ends a sentence: a number (9.30) and an address have none.
_SENTENCE = re.compile(r".+?(?:[.!?…;•](?=\s)|$)\s*")


def lines_of(text: str) -> list[tuple[int, int]]:
    """Return where each line of a cleaned text begins and ends, sentences where it has one line."""
    found = list(_LINE.finditer(text))
    if len(found) == 1:
        found = list(_SENTENCE.finditer(text))
    return [(match.start(), match.start() + len(match[0].rstrip())) for match in found]


def without(text: str, lines: list[tuple[int, int]], removed: set[int]) -> str:
    """Return a text without some of its lines, by their places; blanks go with what is removed."""
    ends = [*(start for start, _ in lines[1:]), len(text)]
    kept = (
        text[start:end]
        for place, ((start, _), end) in enumerate(zip(lines, ends, strict=True))
        if place not in removed
    )
    return "".join(kept).strip()
