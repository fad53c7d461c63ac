"""Which sheet of a workbook has the postings, and in which row its header stands."""

from __future__ import annotations

from typing import NamedTuple

from python_calamine import CalamineSheet

from pipeline.posting import InputError
from pipeline.tables.columns import find_header
from pipeline.tables.excel.source import Source

_SEARCHED_ROWS = 50


class Choice(NamedTuple):
    """A sheet.

    Attributes:
        name: of the sheet.
        sheet: its values.
        header_row: number of the row with the column names, from 1.
        others: names of sheets that look as much like postings.
    """

    name: str
    sheet: CalamineSheet
    header_row: int
    others: list[str]


def choose(source: Source, wanted: str | None, text_column: str | None) -> Choice:
    """Return the sheet, and row in it, that looks most like a header of postings.

    Args:
        source: the workbook.
        wanted: name of the sheet, if the user gave one.
        text_column: name of the text's column, if the user gave one.

    Raises:
        InputError: there is no such sheet, or none with anything in it.
    """
    names = [
        name for name in source.sheets if wanted is None or name.casefold() == wanted.casefold()
    ]
    if not names:
        there = ", ".join(map(repr, source.sheets))
        raise InputError(f"{source.path}: there is no sheet {wanted!r}; there are: {there}.")
    best: tuple[tuple[int, int], Choice] | None = None
    sure: list[str] = []
    refusal: InputError | None = None
    for name in names:
        try:
            sheet = source.load(name)
        except InputError as error:
            refusal = refusal or error  # another sheet may do
            continue
        row, certain = _header(sheet, text_column)
        if certain == 2:
            sure.append(name)
        # The surest first; a hidden sheet only where no visible one will do.
        rank = ((certain > 0) * 2 + source.sheets[name], certain)
        if best is None or rank > best[0]:
            best = rank, Choice(name, sheet, row, [])
    if best is None:
        raise refusal or AssertionError
    (_, certain), choice = best
    if certain < 0:
        raise InputError(f"{source.path}: there is no cell with anything in it; export it again.")
    others = [name for name in sure if name != choice.name] if certain == 2 else []
    return choice._replace(others=others)


def _header(sheet: CalamineSheet, text_column: str | None) -> tuple[int, int]:
    """Return the number of the header's row, and how sure that is: -1 where there is no cell."""
    top = sheet.to_python(skip_empty_area=False, nrows=_SEARCHED_ROWS)
    rows = [[None if cell == "" else cell for cell in row] for row in top]
    place, certain = find_header(rows, text_column)
    return place + 1, certain if sheet.end else -1
