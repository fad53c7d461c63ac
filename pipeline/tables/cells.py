"""The cells of one record of delimited text: what they say, and how they are written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache


def proper_cells(record: str, delimiter: str) -> list[str] | None:
    """Return what the cells of a record say, None where a quote stands where none should.

    In a proper record a cell has no quotes, or begins and ends with one and has only doubled ones
    between. Parted at its quotes, such a record has every second part outside of quotes, and these
    are empty (a doubled quote) or begin and end with a delimiter. The csv module reads such a
    record in the same way, more slowly.

    Args:
        record: with one quote at least and an even number of them, without its line end.
        delimiter: one character.
    """
    parts = record.split('"')
    before, last = parts[0], len(parts) - 1
    if before and before[-1] != delimiter:
        return None
    cells = before[:-1].split(delimiter) if before else []
    cell = parts[1]
    for place in range(2, last, 2):
        outside = parts[place]
        if not outside:
            cell += '"' + parts[place + 1]
            continue
        if outside[0] != delimiter or outside[-1] != delimiter:
            return None
        cells.append(cell)
        if len(outside) > 1:
            cells += outside[1:-1].split(delimiter)
        cell = parts[place + 1]
    cells.append(cell)
    behind = parts[last]
    if behind:
        if behind[0] != delimiter:
            return None
        cells += behind[1:].split(delimiter)
    return cells


def replace_cells(raw: str, delimiter: str, new: Mapping[int, str]) -> str:
    """Return a record with some cells written anew and all others character for character.

    Args:
        raw: the record, its line end included.
        delimiter: one character.
        new: cells as they are to be written, quotes and all, by place from 0.
    """
    body = raw.rstrip("\r\n")
    cells = raw_cells(body, delimiter)
    for place, cell in new.items():
        cells[place] = cell
    return delimiter.join(cells) + raw[len(body) :]


def raw_cells(body: str, delimiter: str) -> list[str]:
    """Return the cells of a record as they are written; joined again they are the record."""
    if '"' not in body:
        return body.split(delimiter)
    pattern = _raw_cell(delimiter)
    cells, place = [], 0
    while True:
        found = pattern.match(body, place)
        cells.append(found[0] if found else "")
        place += len(cells[-1]) + 1
        if place > len(body):
            return cells


@cache
def _raw_cell(delimiter: str) -> re.Pattern[str]:
    # A quote counts at the start of a cell only; behind the closing one all is text again.
    return re.compile(rf'(?:"(?:[^"]++|"")*+")?+[^{re.escape(delimiter)}]*+')
