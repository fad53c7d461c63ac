"""How strongly a word of an explanation is shown, on a terminal and on a page alike."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from typing import Final, NamedTuple

from pipeline.explanation import Explanation, Span

#: Words that weigh less of the strongest one than the first of these are not marked; each further
#: one begins a deeper shade.
_STEPS: Final = (0.12, 0.35, 0.7)


class Piece(NamedTuple):
    """A piece of a line: a marked word, or what stands between two of them.

    Attributes:
        text: as it stands.
        office: what the word pushes to: front, back, or "" for none.
        shade: 1, 2 or 3, the strongest; 0 for none.
        weight: of the word.
    """

    text: str
    office: str = ""
    shade: int = 0
    weight: float = 0.0


def pieces(explanation: Explanation, line: Span) -> Iterator[Piece]:
    """Yield what a line consists of, in order; together it is the line."""
    part = explanation.posting.title if line.part == "title" else explanation.posting.text
    words, most = explanation.words, explanation.heaviest
    # Only the line's own are gone through: a cell may have tens of thousands of lines.
    first, end = (bisect_left(words, _place(line.part, at), key=_begin) for at in line[1:3])
    at = line.start
    for word in words[first:end]:
        shade = sum(abs(word.weight) >= step * most > 0 for step in _STEPS)
        if shade:
            if word.start > at:
                yield Piece(part[at : word.start])
            office = "front" if word.weight > 0 else "back"
            yield Piece(part[word.start : word.end], office, shade, word.weight)
            at = word.end
    if at < line.end:
        yield Piece(part[at : line.end])


def _begin(word: Span) -> tuple[bool, int]:
    return _place(word.part, word.start)


def _place(part: str, at: int) -> tuple[bool, int]:
    return part == "text", at  # the title comes first
