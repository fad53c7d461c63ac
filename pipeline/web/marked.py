"""A posting with its evidence marked, as JSON: texts and what they push to, never HTML."""

from __future__ import annotations

from typing import Any

from pipeline.explain import places_of, source_of
from pipeline.explanation import Explanation, Span, explain_posting
from pipeline.phrases import strongest
from pipeline.posting import Posting
from pipeline.shades import Piece, pieces
from pipeline.tagger import Tagger


def marked(tagger: Tagger, posting: Posting) -> dict[str, Any]:
    """Return title and lines in pieces, and the strongest phrases for either side.

    A piece is its text, the office that it pushes to ("" for none) and how deep its shade is (see
    `pipeline.shades.Piece`). All of them in order are the posting, cleaned.
    """
    explanation = explain_posting(tagger, posting.text, posting.title, words_only=True)
    cleaned = explanation.posting
    if explanation.logit is None:
        return {
            "title": [_plain(cleaned.title)],
            "lines": [{"mark": "", "pieces": [_plain(line)]} for line in cleaned.text.split("\n")],
            "why": {},
        }
    (places,) = places_of(tagger.scorer, [cleaned])
    source = source_of(cleaned)
    title = [line for line in explanation.lines if line.part == "title"]
    return {
        "title": [each for line in title for each in _pieces(explanation, line)],
        "lines": [
            {"mark": line.mark, "pieces": _pieces(explanation, line)}
            for line in explanation.text_lines()
        ],
        "why": {side: strongest(side, source, places) for side in ("front", "back")},
    }


def _pieces(explanation: Explanation, line: Span) -> list[tuple[str, str, int]]:
    return [_short(piece) for piece in pieces(explanation, line)]


def _plain(text: str) -> tuple[str, str, int]:
    return _short(Piece(text))


def _short(piece: Piece) -> tuple[str, str, int]:
    return piece.text, piece.office, piece.shade
