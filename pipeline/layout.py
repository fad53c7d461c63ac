"""How a labelled table is to be read, where what is found by itself would be wrong."""

from __future__ import annotations

from typing import NamedTuple


class Layout(NamedTuple):
    """What a user says of a labelled table; what is left out is found by itself.

    Attributes:
        title, text, label: names of the columns.
        sheet: of a workbook.
        encoding, delimiter: of a CSV.
        front, back: what the table calls the labels, beside the usual names.
    """

    title: str | None = None
    text: str | None = None
    label: str | None = None
    sheet: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    front: tuple[str, ...] = ()
    back: tuple[str, ...] = ()
