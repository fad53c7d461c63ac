"""What a model card is made of: sections of paragraphs, lists, tables and diagrams.

Nothing in them is marked up or escaped yet: that is up to who writes them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

#: Text, or text and its small print.
Cell = str | tuple[str, str]


class Paragraph(NamedTuple):
    """A paragraph of text."""

    text: str


class Bullets(NamedTuple):
    """A list, an item a line."""

    lines: Sequence[str]


class Table(NamedTuple):
    """A table; the first cell of a row is its name.

    Attributes:
        numbers: whether all columns but the first hold numbers.
    """

    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    numbers: bool


class Bin(NamedTuple):
    """See `pipeline.evaluation.Bin`."""

    postings: int
    said: float
    seen: float


class Diagram(NamedTuple):
    """A reliability diagram for each part: what was said against what was so.

    Attributes:
        band: half-width of the review band around 0.5; None where it is not known.
    """

    parts: dict[str, list[Bin]]
    band: float | None


Block = Paragraph | Bullets | Table | Diagram


class Section(NamedTuple):
    """A heading and what stands below it."""

    title: str
    blocks: list[Block]
