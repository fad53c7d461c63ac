"""A model card as a page of HTML."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from pipeline.card_blocks import Block, Bullets, Cell, Diagram, Paragraph, Section, Table
from pipeline.page import cell, number, page, table
from pipeline.reliability_svg import draw

_CAPTION = (
    "Grey bars: how far chance alone takes 95 % of such bins from what was said. A larger dot is"
    " more postings. Shaded: review."
)


def card_page(title: str, sections: Sequence[Section]) -> str:
    """Return a card as a page."""
    parts = []
    for section in sections:
        parts.append(f"<h2>{escape(section.title)}</h2>")
        parts += map(_block, section.blocks)
    return page(title, parts)


def _block(block: Block) -> str:
    match block:
        case Paragraph(text):
            return f"<p>{escape(text)}</p>"
        case Bullets(lines):
            return "<ul>\n" + "\n".join(f"<li>{escape(line)}</li>" for line in lines) + "\n</ul>"
        case Table(head, rows, numbers):
            return table(head, [_row(cells, numbers) for cells in rows], numbers)
        case Diagram():
            return f"<div>{draw(block)}</div>\n<p>{escape(_CAPTION)}</p>"


def _row(cells: Sequence[Cell], numbers: bool) -> list[str]:
    pairs = [(each, "") if isinstance(each, str) else each for each in cells]
    rest = [number(*pair) if numbers else cell(*pair) for pair in pairs[1:]]
    return [cell(*pairs[0], tag="th"), *rest]
