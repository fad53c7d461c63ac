"""Reviews added to a corpus folder of one's own, where the newest decision on a text holds."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.checking.finding import Finding, Report
from pipeline.labelled import posting_files
from pipeline.labelled_files import read_jsonl
from pipeline.layout import Layout
from pipeline.output import appearing, cause, claimed
from pipeline.posting import InputError, OutputError, Posting
from pipeline.review.decisions import outcomes_in
from pipeline.review.review_file import is_review_file
from pipeline.table_lines import labelled_lines
from pipeline.tables import open_table
from pipeline.tables.columns import place_of
from pipeline.training_set import key_of

#: The file of the folder that is written; others are left alone.
REVIEWED = Path("postings", "reviewed.jsonl")
_FIELDS = ("title", "text", "label", "language")
_ROWS = 1_000
_WHEN = "when"
_Row = dict[str, Any]
_Placed = tuple[_Row, str]


class Added(NamedTuple):
    """How many postings are new, got another label, and were there already."""

    added: int
    changed: int
    known: int


def add_reviews(reviews: Path, folder: Path, report: Report) -> Added:
    """Add the decided postings of a file to a corpus folder, all of them or, if it fails, none.

    A text that is there already with another label gets the label of the newer decision. What
    stands in other files of the folder is not touched.

    Args:
        reviews: a file of reviews, or a table with labels that was exported from one; its rows
            count as decided now where it has no column ``when``.
        folder: made if need be.
        report: told of each label that changes, and of each row that is left out.

    Raises:
        InputError: the reviews cannot be read.
        CorpusError: a line of the folder cannot be read.
        OutputError: the folder cannot be written, or another run is writing it.
    """
    if folder.is_file():
        raise OutputError(f"{folder}: this is a file; name a folder.")
    now = datetime.now(UTC).isoformat(timespec="seconds")
    times = _times(reviews)
    lines = [
        ({name: row[name] for name in _FIELDS} | {"at": times.get(where, now)}, where)
        for where, row in labelled_lines(reviews, Layout(), report)
    ]
    output = folder / REVIEWED
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # whose postings, theirs to show
        output.parent.mkdir(exist_ok=True)
    except OSError as error:
        raise OutputError(f"{folder}: not written, {cause(error)}.") from error
    with claimed(output):
        others = [each for each in posting_files(folder) if each.name != output.name]
        elsewhere = {_key(row): (row, at) for row, at in read_jsonl(others)}
        held = {_key(row): row for row, _ in read_jsonl([output])}
        done = _merge(lines, held, elsewhere, report)
        with appearing(output) as temporary:
            text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in held.values())
            temporary.write_bytes(text.encode(errors="replace"))
    return done


def _merge(
    lines: list[_Placed], held: dict[int, _Row], elsewhere: dict[int, _Placed], report: Report
) -> Added:
    """Put lines among those that are held; of two decisions on a text the newer one holds."""
    added = changed = known = 0
    for row, where in lines:
        key = _key(row)
        earlier, at = elsewhere.get(key) or (held.get(key), "")
        if earlier is None:
            added += 1
            held[key] = row
        elif earlier.get("label") == row["label"]:
            known += 1
            if not at:
                earlier["at"] = max(earlier.get("at", ""), row["at"])
        elif at or row["at"] < earlier.get("at", ""):
            by = f"at {at}" if at else "by a newer decision"
            what = f"{row['label']}, and the same text is {earlier.get('label')} {by}; left out"
            report(Finding(where, what))
        else:
            changed += 1
            report(Finding(where, f"{row['label']} now, {earlier.get('label')} before"))
            held[key] = row
    return Added(added, changed, known)


def _times(reviews: Path) -> dict[str, str]:
    """Return when rows were decided, UTC in ISO 8601, by where they stand; what a table says."""
    if is_review_file(reviews):
        return {each.where(reviews): each.at for each in outcomes_in(reviews)}
    reader = open_table(reviews)
    column = place_of(reader.schema.names, _WHEN)
    if column is None:
        return {}
    times, number = {}, reader.above
    for rows in reader.batches(_ROWS):
        for cell in rows.text(column).to_pylist():
            number += 1
            if cell and cell.strip():
                where = f"{reviews}, row {number:,}"
                times[where] = _time(cell, where)
    return times


def _time(cell: str, where: str) -> str:
    try:
        time = datetime.fromisoformat(cell.strip())
        in_utc = time.replace(tzinfo=time.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        raise InputError(
            f"{where}, column {_WHEN!r}: {cell[:30]!r} is no time; write it like"
            " 2027-01-31T12:00:00+00:00, or leave the cell blank."
        ) from None
    return in_utc.isoformat(timespec="seconds")


def _key(row: _Row) -> int:
    return key_of(Posting(str(row.get("title") or ""), str(row.get("text") or "")))
