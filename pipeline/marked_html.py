"""Lines of a posting with the words marked that push to front or to back, as HTML.

What pushes to front is orange with a solid line below, what pushes to back is blue with a dotted
one, so that it can be told without colours; each mark says its weight to a screen reader.
"""

from __future__ import annotations

from html import escape

from pipeline.explanation import Explanation, Span
from pipeline.shades import Piece, pieces
from pipeline.wording import words


def marked(explanation: Explanation, line: Span) -> str:
    """Return a line of an explanation, or a part of one."""
    return "".join(map(_piece, pieces(explanation, line)))


def _piece(piece: Piece) -> str:
    if not piece.shade:
        return escape(piece.text)
    wording = words()
    said = escape(
        wording(
            "explanation.page.piece",
            weight=wording.signed(piece.weight, 2),
            office=wording.of("office", piece.office),
        )
    )
    return (
        f'<mark class="{piece.office} s{piece.shade}" title="{said}">{escape(piece.text)}'
        f'<span class="unseen"> ({said})</span></mark>'
    )
