"""A labelled table as lines of a corpus, so that its rows can be read in any order."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

from pipeline.checking.finding import Finding, Report
from pipeline.labelled import WHERE
from pipeline.labelled_table import LabelledRows, LabelledTable
from pipeline.language import CODES, languages_of
from pipeline.layout import Layout
from pipeline.posting import LANGUAGES
from pipeline.text import clean


def write_lines(source: Path, layout: Layout, lines: Path, report: Report) -> str:
    """Write the labelled rows of a table as JSONL; see `pipeline.labelled` for the fields.

    Rows without text, and those in none of the three languages, are left out. The language is
    detected where the table does not say it.

    Args:
        source: the table.
        layout: how it is to be read.
        lines: file to write.
        report: told of each row that is left out, and how many have no label or are broken.

    Returns:
        The sha256 (hex) over what there is to learn: titles, texts, labels, languages, occupations.

    Raises:
        InputError: the table cannot be read, or a label is neither front nor back.
    """
    table, digest = LabelledTable(source, layout), hashlib.sha256()
    with lines.open("w", encoding="utf-8", newline="\n") as file:
        for rows in table.batches():
            for where, row in _rows(rows, source):
                if what := _wrong(row):
                    report(Finding(where, f"{what}; left out"))
                    continue
                digest.update(json.dumps(row).encode() + b"\n")
                file.write(json.dumps(row | {WHERE: where}) + "\n")
    for what, left_out in (("without label", table.unlabelled), ("broken", table.unreadable)):
        if left_out:
            report(Finding(str(source), f"rows {what}: {left_out:,}; left out"))
    return digest.hexdigest()


def _rows(rows: LabelledRows, source: Path) -> Iterator[tuple[str, dict[str, str]]]:
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


def _wrong(row: dict[str, str]) -> str:
    if not clean(row["text"]):
        return "no text"
    if row["language"] in LANGUAGES:
        return ""
    unknown = row["language"] == "unknown"
    return "too little text to tell its language" if unknown else "in another language"
