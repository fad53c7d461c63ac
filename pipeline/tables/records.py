"""Delimited text into records: where each one begins and ends, in files that are not clean too."""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pipeline.tables.cells import proper_cells

#: A quote that is open for more lines than this counts as never closed.
_OPEN_LINES = 10_000

# One cell may hold a whole report; the module's own limit is 131,072 characters.
csv.field_size_limit(2**31 - 1)


class Record(NamedTuple):
    """One row as it stands in the file.

    Attributes:
        line: number of its first line, from 1.
        cells: what it says.
        raw: its characters, line end and blank lines after it included; cells can be put behind it.
        unclosed: whether a quote in it is never closed; the line then stands for itself, the
            quote is a character like any other, and ``raw`` is written anew in proper quotes.
    """

    line: int
    cells: list[str]
    raw: str
    unclosed: bool = False


class Lines:
    """Lines that can be given back."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._again: deque[str] = deque()

    def next(self) -> str | None:
        """Return the next line, None at the end."""
        return self._again.popleft() if self._again else next(self._lines, None)

    def give_back(self, lines: Sequence[str]) -> None:
        """Put lines before those that are still to come."""
        self._again.extendleft(reversed(lines))


def split(
    lines: Iterator[str],
    delimiter: str,
    line: int = 1,
    width: int | None = None,
    quick: bool = True,
) -> Iterator[Record]:
    """Yield the records of a file.

    A quote that is opened and never closed would swallow all rows up to the next quote. Such a
    record is cut after its first line: where the file ends inside it, or where the quote is
    closed in the middle of a cell and the second line is a whole row for itself.

    Args:
        lines: lines with their ends, as a file opened with ``newline=""`` gives them.
        delimiter: one character.
        line: number of the first line.
        width: cells of the header, if it has been read.
        quick: whether records whose quotes are all in their places are read without the csv
            module; the result is the same.
    """
    source = Lines(lines)
    held: Record | None = None
    while (first := source.next()) is not None:
        if quick and '"' not in first:
            body = first.rstrip("\r\n")
            count, record = 1, Record(line, body.split(delimiter) if body else [], first)
        else:
            found = _proper(first, source, delimiter, line) if quick else None
            count, record = found or _by_module(first, source, delimiter, line, width)
        line += count
        if not record.cells and held:
            held = held._replace(raw=held.raw + record.raw)
            continue
        if held:
            yield held
        held = record
        width = width or len(record.cells)
    if held:
        yield held


def _proper(first: str, source: Lines, delimiter: str, line: int) -> tuple[int, Record] | None:
    """Return a record whose quotes all stand where they should and its number of lines, or None."""
    before = first[: first.index('"')]
    if before and before[-1] != delimiter:
        return None
    taken, quotes = [first], first.count('"')
    while quotes % 2 and len(taken) < _OPEN_LINES and (following := source.next()) is not None:
        taken.append(following)
        quotes += following.count('"')
    raw = "".join(taken)
    cells = None if quotes % 2 else proper_cells(raw.rstrip("\r\n"), delimiter)
    if cells is None:
        source.give_back(taken[1:])
        return None
    return len(taken), Record(line, cells, raw)


def _by_module(
    first: str, source: Lines, delimiter: str, line: int, width: int | None
) -> tuple[int, Record]:
    """Return a record as the csv module reads it, or its first line alone, and how many lines."""
    taken: list[str] = []
    ended = False

    def supply() -> Iterator[str]:
        nonlocal ended
        following: str | None = first
        while following is not None and len(taken) < _OPEN_LINES:
            taken.append(following)
            yield following
            following = source.next() if len(taken) < _OPEN_LINES else None
        ended = True

    cells = next(csv.reader(supply(), delimiter=delimiter), [])
    if (ended or len(taken) > 1) and _swallows(taken, delimiter, ended, width):
        source.give_back(taken[1:])
        return 1, _one_line(line, first, delimiter)
    return len(taken), Record(line, cells, "".join(taken))


def join(cells: Sequence[str | None], delimiter: str) -> str:
    """Return cells as one record without its line end, quoted where they must be."""
    text = io.StringIO()
    # With an empty lineterminator the module would leave line feeds unquoted.
    csv.writer(text, delimiter=delimiter, lineterminator="\r\n").writerow(cells)
    return text.getvalue().removesuffix("\r\n")


def with_tail(raw: str, added: str) -> str:
    """Return ``raw`` with ``added`` behind the record and before its line end."""
    body = raw.rstrip("\r\n")
    return body + added + raw[len(body) :]


def _swallows(taken: list[str], delimiter: str, ended: bool, width: int | None) -> bool:
    try:
        next(csv.reader(taken, delimiter=delimiter, strict=True))
    except csv.Error:
        return ended or len(next(csv.reader(taken[1:2], delimiter=delimiter))) == width
    return False


def _one_line(line: int, text: str, delimiter: str) -> Record:
    """Return a line with a quote that it does not close as a record of its own."""
    bare = text.rstrip("\r\n")
    *cells, last = next(csv.reader([bare], delimiter=delimiter))
    if next(csv.reader([f"{bare}{delimiter}end"], delimiter=delimiter))[-1] == "end":
        return Record(line, [*cells, last], text)
    cells += f'"{last}'.split(delimiter)
    return Record(line, cells, join(cells, delimiter) + text[len(bare) :], unclosed=True)
