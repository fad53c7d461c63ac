"""What sections of a report are made of: headings, paragraphs, a figure with its table."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np

from pipeline.decision import OFFICES
from pipeline.page import cell, number, table
from pipeline.wording import words


def heading(text: str, rank: int = 2) -> str:
    """Return a heading of a rank from 2 on."""
    return f"<h{rank}>{escape(text)}</h{rank}>"


def paragraph(text: str, kind: str = "") -> str:
    """Return a paragraph; kind: its class in the page's style, if any."""
    return f"<p{f' class={kind}' if kind else ''}>{escape(text)}</p>"


def beside(figure: str, shown: str) -> str:
    """Return a figure with its table beside it, or below where there is little room."""
    return f'<div class="both">\n{figure}\n{shown}\n</div>'


def offices_table(
    first: str, names: Sequence[str], counts: np.ndarray, caption: str, share: bool = True
) -> str:
    """Return a table of rows by group and office.

    Args:
        first: what the groups are.
        names: of the groups, length n.
        counts: shape (n, 3).
        caption: of the table.
        share: whether each number has its share of the group below it.
    """
    said = words()
    head = [first, *(said.of("office", office) for office in OFFICES), said("report.total")]
    rows = []
    for name, row in zip(names, counts, strict=True):
        total = int(row.sum())
        cells = [
            number(said.number(int(n)), said.percent(n / total) if share and total else "")
            for n in row
        ]
        rows.append([cell(name, tag="th"), *cells, number(said.number(total))])
    return table(head, rows, numbers=True, caption=caption)


def listed(pairs: Sequence[tuple[str, int]]) -> str:
    """Return names with their numbers in a row."""
    said = words()
    return ", ".join(said("report.summary.item", name=name, number=n) for name, n in pairs)
