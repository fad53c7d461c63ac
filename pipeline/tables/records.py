"""Delimited text into records: where each one begins and ends, in files that are not clean too."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pipeline.tables.cells import proper_cells
from pipeline.tables.source import Source

#: A quote that is open for more lines than this counts as never closed.
_OPEN_LINES = 10_000
#: Characters that are searched for the end of a record before it is left to the csv module.
_LONGEST_QUICK = 4_000_000

# One cell may hold a whole report; the module's own limit is 131,072 characters.
csv.field_size_limit(2**31 - 1)


class Record(NamedTuple):
    """One row as it stands in the file.

    Attributes:
        line: number of its first line, from 1.
        cells: what it says.
        raw: its characters, line end and blank lines after it included; cells can be put behind it.
        lines: how many it has, without the blank ones after it.
        unclosed: whether a quote in it is never closed; the line then stands for itself, the
            quote is a character like any other, and ``raw`` is written anew in proper quotes.
    """

    line: int
    cells: list[str]
    raw: str
    lines: int = 1
    unclosed: bool = False


def split(
    pieces: Iterator[str],
    delimiter: str,
    line: int = 1,
    width: int | None = None,
    lone_returns: bool = False,
    quick: bool = True,
) -> Iterator[Record]:
    """Yield the records of a file.

    A quote that is opened and never closed would swallow all rows up to the next quote. Such a
    record is cut after its first line: where the file ends inside it, or where the quote is
    closed in the middle of a cell and the second line is a whole row for itself.

    Args:
        pieces: the text with its line ends as they stand, parted anywhere.
        delimiter: one character.
        line: number of the first line.
        width: cells of the header, if it has been read.
        lone_returns: whether a carriage return alone ends a line too.
        quick: whether records whose quotes are all in their places are read without the csv
            module; the result is the same.
    """
    source = Source(pieces, lone_returns)
    quick = quick and not lone_returns
    held: Record | None = None
    while True:
        source.start()
        record = (_proper(source, delimiter, line) if quick else None) or _by_module(
            source, delimiter, line, width
        )
        if record is None:
            break
        line += record.lines
        if not record.cells and held:
            held = held._replace(raw=held.raw + record.raw)
            continue
        if held:
            yield held
        held = record
        width = width or len(record.cells)
    if held:
        yield held


def _proper(source: Source, delimiter: str, line: int) -> Record | None:
    """Return the next record if its quotes all stand where they should."""
    while True:
        text, start = source.text, source.at
        end = _end_of_record(text, start, delimiter)
        if end:
            break
        if end is None or len(text) - start > _LONGEST_QUICK:
            return None
        if not source.more():
            # The last line needs no end.
            end = _end_of_record(text + "\n", start, delimiter)
            if not end or start == len(text):
                return None
            break
    raw = text[start:end]
    body = raw.rstrip("\r\n")
    if '"' not in body:
        source.at += len(raw)
        return Record(line, body.split(delimiter) if body else [], raw)
    cells, lines = proper_cells(body, delimiter), raw.count("\n") + (raw[-1] != "\n")
    if cells is None or lines > _OPEN_LINES:
        return None
    source.at += len(raw)
    return Record(line, cells, raw, lines)


def _end_of_record(text: str, start: int, delimiter: str) -> int | None:
    """Return where the next record begins, 0 if that is not in the text, None if it is not proper.

    It ends with the first line end that has an even number of quotes before it.
    """
    end = text.find("\n", start)
    opened = text.find('"', start, end if end >= 0 else len(text))
    if opened > start and text[opened - 1] != delimiter:
        return None
    while opened >= 0:
        closed = text.find('"', opened + 1)
        if closed < 0:
            return 0
        if end < closed:
            end = text.find("\n", closed)
        opened = text.find('"', closed + 1, end if end >= 0 else len(text))
    return end + 1


def _by_module(source: Source, delimiter: str, line: int, width: int | None) -> Record | None:
    """Return the next record as the csv module reads it, or its first line alone."""
    taken: list[str] = []
    ended = False

    def supply() -> Iterator[str]:
        nonlocal ended
        while len(taken) < _OPEN_LINES and (following := source.line()) is not None:
            taken.append(following)
            yield following
        ended = True

    cells = next(csv.reader(supply(), delimiter=delimiter), [])
    if not taken:
        return None
    if (ended or len(taken) > 1) and _swallows(taken, delimiter, ended, width):
        source.at -= sum(map(len, taken[1:]))
        return _one_line(line, taken[0], delimiter)
    return Record(line, cells, "".join(taken), len(taken))


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
        return ended or _width(taken[1], delimiter) == width
    return False


def _width(text: str, delimiter: str) -> int:
    """Return how many cells a line has for itself, a quote that it does not close a character."""
    return len(_one_line(0, text, delimiter).cells) if text.strip("\r\n") else 0


def _one_line(line: int, text: str, delimiter: str) -> Record:
    """Return a line with a quote that it does not close as a record of its own."""
    bare = text.rstrip("\r\n")
    *cells, last = next(csv.reader([bare], delimiter=delimiter))
    if next(csv.reader([f"{bare}{delimiter}end"], delimiter=delimiter))[-1] == "end":
        return Record(line, [*cells, last], text)
    cells += f'"{last}'.split(delimiter)
    return Record(line, cells, join(cells, delimiter) + text[len(bare) :], unclosed=True)
