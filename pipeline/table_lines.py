"""Labelled tables and reviews as lines of a corpus, so that their rows can be read in any order."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile, gettempdir
from typing import BinaryIO

from pipeline.checking.finding import Finding, Report
from pipeline.labelled import WHERE
from pipeline.labelled_table import LabelledRows, LabelledTable
from pipeline.language import CODES, languages_of
from pipeline.layout import Layout
from pipeline.output import cause
from pipeline.posting import LANGUAGES, OutputError
from pipeline.review.decisions import Line, decided_lines
from pipeline.review.review_file import is_review_file
from pipeline.text import clean


@contextmanager
def nameless(source: Path) -> Iterator[BinaryIO]:
    """Yield a file for the rows of a table that is gone with the process, even a killed one."""
    try:
        file = TemporaryFile(prefix="frontback-")  # noqa: SIM115
    except OSError as error:
        raise OutputError(
            f"{source}: its rows need a folder for temporary files, and there is none to write to;"
            " name one by TMPDIR."
        ) from error
    try:
        yield file
    finally:
        with suppress(OSError):  # it tries once more to write what a full disk has not taken
            file.close()


def write_lines(
    source: Path, layout: Layout, lines: BinaryIO, report: Report, strict: bool = True
) -> str:
    """Write the labelled rows of a table or of reviews as JSONL; see `pipeline.labelled`.

    Args:
        source: the table, or a file of reviews.
        layout: how a table is to be read.
        lines: file to write.
        report: told of each row that is left out, and how many have no label or are broken.
        strict: see `pipeline.training_set.training_set`.

    Returns:
        The sha256 (hex) over what there is to learn: titles, texts, labels, languages, occupations.

    Raises:
        InputError: the source cannot be read, or a label is neither front nor back.
        OutputError: the file cannot be written.
    """
    digest = hashlib.sha256()
    for where, row in labelled_lines(source, layout, report, strict):
        digest.update(json.dumps(row).encode() + b"\n")
        _write(lines, json.dumps(row | {WHERE: where}).encode() + b"\n", source)
    _write(lines, b"", source)
    return digest.hexdigest()


def labelled_lines(
    source: Path, layout: Layout, report: Report, strict: bool = True
) -> Iterator[Line]:
    """Yield where each labelled row stands, and its fields as a line of a corpus has them.

    Rows without text, and those in none of the three languages, are left out. The language is
    detected where a table does not say it. See `write_lines`.
    """
    rows = (
        decided_lines(source, report)
        if is_review_file(source)
        else _table_lines(source, layout, report, strict)
    )
    for where, row in rows:
        if what := _wrong(row):
            report(Finding(where, f"{what}; left out"))
        else:
            yield where, row


def _table_lines(source: Path, layout: Layout, report: Report, strict: bool) -> Iterator[Line]:
    def tell(number: int, what: str) -> None:
        report(Finding(f"{source}, row {number:,}", what))

    table = LabelledTable(source, layout)
    for rows in table.batches(None if strict else tell):
        yield from _rows(rows, source)
    for what, left_out in (("without label", table.unlabelled), ("broken", table.unreadable)):
        if left_out:
            report(Finding(str(source), f"rows {what}: {left_out:,}; left out"))


def _rows(rows: LabelledRows, source: Path) -> Iterator[Line]:
    """Yield where each row stands, and its fields."""
    postings = rows.postings.to_pydict()
    detected = languages_of([clean(text) for text in postings["text"]]).codes
    for at, number in enumerate(rows.numbers.tolist()):
        yield (
            f"{source}, row {number:,}",
            {
                "title": postings["title"][at] or "",
                "text": postings["text"][at] or "",
                "label": "front" if rows.front[at] else "back",
                "language": rows.languages[at] or CODES[detected[at]],
                "isco08": rows.isco[at],
            },
        )


def _write(lines: BinaryIO, line: bytes, source: Path) -> None:
    """Write a line, or, if there is none, what has been kept back of those before."""
    try:
        lines.write(line) if line else lines.flush()
    except OSError as error:
        raise OutputError(
            f"{source}: its rows find no room in {gettempdir()}, {cause(error)} (TMPDIR names the"
            " folder)."
        ) from error


def _wrong(row: dict[str, str]) -> str:
    if not clean(row["text"]):
        return "no text"
    if row["language"] in LANGUAGES:
        return ""
    unknown = row["language"] == "unknown"
    return "too little text to tell its language" if unknown else "in another language"
