"""How a delimited file is written: its delimiter, and where its header stands."""

from __future__ import annotations

import re
from itertools import islice
from pathlib import Path
from typing import NamedTuple, TextIO

import numpy as np

from pipeline.posting import InputError
from pipeline.tables.columns import find_header
from pipeline.tables.records import split

BOM = "\ufeff"
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
#: No text has it: what a file of one column is read with.
NO_DELIMITER = "\x1f"
_SAMPLE_LINES, _SAMPLE_RECORDS = 500, 100
_LINE_END = re.compile(r"\r\n|\r|\n")
_LINE_ENDS = {"\n": "LF", "\r": "CR"}
_SEP_LINE = re.compile('^\ufeff?"?sep=', re.IGNORECASE | re.MULTILINE)


class Dialect(NamedTuple):
    """What stands before the header (BOM, ``sep=`` line, blank and title lines), and between cells.

    ``delimiter`` is None where the file has one column.
    """

    prefix: str
    delimiter: str | None


def find_dialect(
    file: TextIO,
    path: Path,
    text_column: str | None = None,
    delimiter: str | None = None,
    lone_returns: bool = False,
) -> Dialect:
    """Return the dialect of a file opened with ``newline=""``.

    Args:
        file: the text.
        path: what to call it in a message; the suffix .tsv makes tabs likely.
        text_column: the column name that the user gave, if any.
        delimiter: the one that the user gave, if any.
        lone_returns: whether a carriage return alone ends a line too.

    Raises:
        InputError: there is nothing in it.
    """
    prefix, declared, first = "", "", ""
    for line in file:
        bare = line.lstrip(BOM).rstrip("\r\n").strip('"')
        if bare.lower().startswith("sep=") and len(bare) == 5:
            declared = bare[4]
        elif bare.strip():
            first = line.lstrip(BOM)
            prefix += line[: len(line) - len(first)]
            break
        prefix += line
    if not first:
        raise InputError(f"{path}: there is nothing in it but blank lines; export it again.")
    sample = [first, *islice(file, _SAMPLE_LINES)]
    declared = delimiter or declared
    if path.suffix.lower() == ".tsv" and any("\t" in line for line in sample):
        declared = declared or "\t"
    best, best_score, above = declared or None, 0.0, ""
    for candidate in declared or "".join(DELIMITERS):
        found = split(iter(sample), candidate, lone_returns=lone_returns)
        records = list(islice(found, _SAMPLE_RECORDS))
        place, _ = find_header([record.cells for record in records], text_column)
        width = len(records[place].cells)
        alike = sum(len(record.cells) == width for record in records[place:])
        score = width * alike / len(records[place:])
        if score > best_score and (width > 1 or declared):
            best, best_score = candidate, score
            above = "".join(record.raw for record in records[:place])
    return Dialect(prefix + above, best)


def delimiter_of(name: str) -> str:
    """Return the character that a user means: itself, ``\\t``, or a word such as "tab".

    Raises:
        InputError: it is no character that can stand between cells.
    """
    words = {word: sign for sign, word in DELIMITERS.items()} | {"\\t": "\t", "pipe": "|"}
    sign = words.get(name.lower(), name)
    if len(sign) != 1 or sign.isalnum() or sign in '"\r\n\0 ':
        raise InputError(
            f"{name!r} cannot stand between cells; give one character, such as ; or |, or the"
            " word tab."
        )
    return sign


def count_lines(text: str) -> int:
    """Return how many line ends there are, of whichever kind."""
    return len(_LINE_END.findall(text))


def line_end(raw: str) -> str:
    """Return the name of a record's line end, "" where it has none."""
    return "CRLF" if raw.endswith("\r\n") else _LINE_ENDS.get(raw[-1:], "")


def has_sep_line(prefix: str) -> bool:
    """Whether a ``sep=`` line is among the lines above the header."""
    return _SEP_LINE.search(prefix) is not None


def has_lone_returns(path: Path) -> bool:
    """Whether a carriage return stands without a line feed behind it, byte by byte."""
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            if chunk.endswith(b"\r"):
                chunk += file.read(1)
            if b"\r" in chunk:
                content = np.frombuffer(chunk + b" ", np.uint8)
                if (content[np.flatnonzero(content == ord("\r")) + 1] != ord("\n")).any():
                    return True
    return False
