"""How a delimited file is written: its delimiter, and where its header stands."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import NamedTuple, TextIO

from pipeline.posting import InputError
from pipeline.tables.columns import find_header
from pipeline.tables.records import split

BOM = "\ufeff"
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
#: No text has it: what a file of one column is read with.
NO_DELIMITER = "\x1f"
_SAMPLE_LINES, _SAMPLE_RECORDS = 500, 100


class Dialect(NamedTuple):
    """What stands before the header (BOM, ``sep=`` line, blank and title lines), and between cells.

    ``delimiter`` is None where the file has one column.
    """

    prefix: str
    delimiter: str | None


def find_dialect(file: TextIO, path: Path, text_column: str | None = None) -> Dialect:
    """Return the dialect of a file opened with ``newline=""``.

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
    if path.suffix.lower() == ".tsv" and any("\t" in line for line in sample):
        declared = declared or "\t"
    best, best_score, above = declared or None, 0.0, ""
    for delimiter in declared or "".join(DELIMITERS):
        records = list(islice(split(iter(sample), delimiter), _SAMPLE_RECORDS))
        place, _ = find_header([record.cells for record in records], text_column)
        width = len(records[place].cells)
        alike = sum(len(record.cells) == width for record in records[place:])
        score = width * alike / len(records[place:])
        if score > best_score and (width > 1 or declared):
            best, best_score = delimiter, score
            above = "".join(record.raw for record in records[:place])
    return Dialect(prefix + above, best)
