"""Delimited text into records: where each one begins and ends, in files that are not clean too."""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Iterator, Sequence
from typing import NamedTuple

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


def split(
    lines: Iterator[str], delimiter: str, line: int = 1, width: int | None = None
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
    """
    again: deque[str] = deque()
    held: Record | None = None
    while True:
        taken: list[str] = []
        ended = False

        def supply(taken: list[str] = taken) -> Iterator[str]:
            nonlocal ended
            while len(taken) < _OPEN_LINES:
                following = again.popleft() if again else next(lines, None)
                if following is None:
                    break
                taken.append(following)
                yield following
            ended = True

        cells = next(csv.reader(supply(), delimiter=delimiter), [])
        if not taken:
            break
        record = Record(line, cells, "".join(taken))
        if (ended or len(taken) > 1) and _swallows(taken, delimiter, ended, width):
            again.extendleft(reversed(taken[1:]))
            taken = taken[:1]
            record = _one_line(line, taken[0], delimiter)
        line += len(taken)
        if not record.cells and held:
            held = held._replace(raw=held.raw + record.raw)
            continue
        if held:
            yield held
        held = record
        width = width or len(record.cells)
    if held:
        yield held


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
