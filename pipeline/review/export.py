"""What reviewers agree on as a table: to train on, to look at, to hand on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from pipeline.output import check_output
from pipeline.posting import InputError
from pipeline.review.decisions import Outcome
from pipeline.review.store import ReviewStore
from pipeline.tables import BOOKS, kind_of
from pipeline.tables.made import fitting, write_table

_SCHEMA = pa.schema(
    [
        ("title", pa.string()),
        ("text", pa.string()),
        ("label", pa.string()),
        ("language", pa.string()),
        ("office", pa.string()),
        ("p_front", pa.float64()),
        ("model", pa.string()),
        ("reviewers", pa.string()),
        ("when", pa.string()),
    ]
)


class Exported(NamedTuple):
    """What was written.

    Attributes:
        postings: how many.
        conflicts: those on which reviewers disagree; they are not in the table.
    """

    postings: int
    conflicts: list[Outcome]


def export_corrections(store: ReviewStore, output: Path, overwrite: bool = False) -> Exported:
    """Write the postings on whose label reviewers agree, for ``train --extra`` to learn from.

    What nobody is sure of, and what was undone, counts for nothing. ``office``, ``p_front`` and
    ``model`` are the model's answer, ``when`` is the last decision's time (UTC, ISO 8601).

    Args:
        store: the reviews.
        output: its suffix says of which kind: .jsonl, .xlsx, .csv or another that can be written.
        overwrite: whether it may take the place of another file.

    Raises:
        InputError: there is no posting to write.
        OutputError: the file cannot be written, or not as this kind.
    """
    check_output(output, store.path, overwrite)
    outcomes = store.outcomes()
    agreed = [each for each in outcomes if each.label]
    if not agreed:
        raise InputError(
            f"{store.path}: there is no posting on which its reviewers agree; decide on some first."
        )
    write_table(output, _table(agreed, kind_of(output) in BOOKS), overwrite)
    return Exported(len(agreed), [each for each in outcomes if not each.label])


def _table(outcomes: Sequence[Outcome], for_excel: bool) -> pa.Table:
    return pa.Table.from_pylist([_row(each, for_excel) for each in outcomes], _SCHEMA)


def _row(outcome: Outcome, for_excel: bool) -> dict[str, Any]:
    (title, text), tag = outcome.of.posting, outcome.of.tag
    return {
        "title": fitting(title) if for_excel else title,
        "text": fitting(text) if for_excel else text,
        "label": outcome.label,
        "language": tag.language,
        "office": tag.office,
        "p_front": tag.p_front,
        "model": tag.model,
        "reviewers": ", ".join(each.reviewer for each in outcome.decisions),
        "when": outcome.at,
    }
