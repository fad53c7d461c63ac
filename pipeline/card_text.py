"""A model card as Markdown."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.card_blocks import Block, Bullets, Cell, Diagram, Paragraph, Section, Table

# What could mark up, or be made a link of, by whichever program shows it.
_MARKS = re.compile(r"[\\`*_\[\]<>#|~&!$@^]|:(?=//)|(?<=www)\.", re.IGNORECASE)


def card_text(title: str, sections: Sequence[Section]) -> str:
    """Return a card as Markdown; a diagram is left out, as its figures stand in a table."""
    parts = [f"# {_plain(title)}"]
    for section in sections:
        parts.append(f"## {_plain(section.title)}")
        parts += filter(None, map(_block, section.blocks))
    return "\n\n".join(parts) + "\n"


def _block(block: Block) -> str:
    match block:
        case Paragraph(text):
            return _plain(text)
        case Bullets(items):
            return "\n".join(f"- {_plain(item)}" for item in items)
        case Table(head, rows, numbers):
            side = "---:" if numbers else "---"
            lines = [[_plain(name) for name in head], ["---", *[side] * (len(head) - 1)]]
            lines += [[_cell(each) for each in cells] for cells in rows]
            return "\n".join(f"| {' | '.join(line)} |" for line in lines)
        case Diagram():
            return ""


def _cell(content: Cell) -> str:
    shown, small = (content, "") if isinstance(content, str) else content
    return " ".join(filter(None, (_plain(shown), f"({_plain(small)})" if small else "")))


def _plain(text: str) -> str:
    """Return text that shows as it is."""
    return _MARKS.sub(r"\\\g<0>", text)
