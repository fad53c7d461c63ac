"""What reviewers have decided, and what they agree on."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple, get_args

from pipeline.checking.finding import Finding, Report
from pipeline.posting import InputError, Office, Posting, Tag
from pipeline.review.review_file import ReviewFile

Verdict = Literal["front", "back", "unsure"]
VERDICTS: Final[tuple[str, ...]] = get_args(Verdict)
UNSURE: Final = "unsure"
#: Where a posting stands, and its fields as `pipeline.labelled` names them.
Line = tuple[str, dict[str, str]]


class Decision(NamedTuple):
    """What one reviewer said of one posting.

    Attributes:
        posting: its id.
        reviewer: a name.
        decision: front, back or unsure.
        at: when, UTC, ISO 8601.
        undone: when it was taken back, "" where it holds.
        mark: by which it is known, different for each.
    """

    posting: str
    reviewer: str
    decision: Verdict
    at: str
    undone: str = ""
    mark: str = ""


class Own(NamedTuple):
    """A decision of somebody's, and of what it was.

    Attributes:
        decision: one that was not undone.
        title: of the posting.
        rows: see `Reviewed`.
    """

    decision: Decision
    title: str
    rows: tuple[int, ...]


class Reviewed(NamedTuple):
    """A posting of the sheet.

    Attributes:
        id: the number of its words (`pipeline.corrections.written_key`).
        rows: where the sheet has it, as a spreadsheet counts rows, ascending; empty for one that
            the sheet had before it was changed.
        posting: title and text as the sheet has them.
        tag: the model's.
    """

    id: str
    rows: tuple[int, ...]
    posting: Posting
    tag: Tag


class Outcome(NamedTuple):
    """What the reviewers say of one posting together.

    Attributes:
        of: the posting.
        label: front or back; "" where they disagree.
        decisions: those that say so, oldest first; unsure ones are not among them.
    """

    of: Reviewed
    label: str
    decisions: tuple[Decision, ...]

    @property
    def at(self) -> str:
        """When the last of them was made, UTC, ISO 8601."""
        return max(each.at for each in self.decisions)

    def where(self, path: Path) -> str:
        """Return where the posting stands, for messages: the row is the sheet's."""
        rows = self.of.rows
        return f"{path}, row {rows[0]:,}" if rows else f"{path}, posting {self.of.id}"

    @property
    def said(self) -> str:
        """Who said what, in words."""
        return ", ".join(f"{each.decision} by {each.reviewer}" for each in self.decisions)


def read_decisions(file: ReviewFile, mark: str = "") -> list[Decision]:
    """Return all decisions as they were made, those that were undone included; or one by its mark.

    Args:
        file: of reviews.
        mark: of the one that is asked for.
    """
    rows = file.fetch(
        "SELECT posting, reviewer, decision, at, coalesce(undone, ''), mark FROM decision"
        " WHERE ? IN ('', mark) ORDER BY number",
        (mark,),
    )
    return [Decision(*row) for row in rows]


def read_own(file: ReviewFile, reviewer: str) -> list[Own]:
    """Return the decisions of a reviewer that were not undone, oldest first."""
    rows = file.fetch(
        "SELECT title, (SELECT group_concat(row) FROM place WHERE place.posting = posting.id),"
        " posting.id, reviewer, decision, at, '', mark FROM decision"
        " JOIN posting ON posting.id = decision.posting"
        " WHERE reviewer = ? AND undone IS NULL ORDER BY number",
        (reviewer,),
    )
    return [Own(Decision(*made), title, _rows(places)) for title, places, *made in rows]


def holding(decisions: Iterable[Decision]) -> dict[str, dict[str, Decision]]:
    """Return the decision that holds by posting and reviewer: the last that was not undone."""
    last: defaultdict[str, dict[str, Decision]] = defaultdict(dict)
    for each in decisions:
        if not each.undone:
            last[each.posting].pop(each.reviewer, None)  # in the order of the decisions that hold
            last[each.posting][each.reviewer] = each
    return dict(last)


def read_postings(file: ReviewFile, ids: Iterable[str] | None = None) -> list[Reviewed]:
    """Return postings in the order of the queue, those that left the sheet last.

    Args:
        file: of reviews.
        ids: which; all of them where left out.
    """
    wanted = "" if ids is None else "WHERE posting.id IN (SELECT value FROM json_each(?))"
    rows = file.fetch(
        "SELECT id, group_concat(row), title, text, office, p_front, share, language,"
        " language_confidence, mixed, reason, model"
        f" FROM posting LEFT JOIN place ON place.posting = posting.id {wanted}"
        " GROUP BY posting.id ORDER BY turn IS NULL, turn, posting.id",
        () if ids is None else (json.dumps(list(ids)),),
    )
    return [_reviewed(*row) for row in rows]


def read_outcomes(file: ReviewFile) -> list[Outcome]:
    """Return what was decided front or back, in the order of the queue; unsure counts for nothing.

    Raises:
        InputError: the file cannot be read.
    """
    held = holding(read_decisions(file))
    outcomes = []
    for of in read_postings(file, held):
        said = tuple(each for each in held[of.id].values() if each.decision != UNSURE)
        labels = {each.decision for each in said}
        if labels:
            outcomes.append(Outcome(of, labels.pop() if len(labels) == 1 else "", said))
    return outcomes


def decided_lines(path: Path, report: Report) -> Iterator[Line]:
    """Yield where each posting with a label stands, and its fields as a line of a corpus has them.

    Args:
        path: a file of reviews.
        report: told of each posting on which reviewers disagree; it is left out.

    Raises:
        InputError: the file cannot be read, or nothing has been decided in it.
    """
    for each in outcomes_in(path):
        if not each.label:
            report(Finding(each.where(path), f"{each.said}; left out"))
            continue
        (title, text), tag = each.of.posting, each.of.tag
        fields = {"title": title, "text": text, "label": each.label, "language": tag.language}
        yield each.where(path), fields | {"isco08": ""}


def outcomes_in(path: Path) -> list[Outcome]:
    """Return the outcomes of a file that is only read.

    Raises:
        InputError: the file cannot be read, or nothing has been decided in it.
    """
    with closing(ReviewFile(path, create=False)) as file:
        outcomes = read_outcomes(file)
    if not outcomes:
        raise InputError(
            f"{path}: nobody has decided front or back in it; review some postings first."
        )
    return outcomes


def _reviewed(
    name: str, places: str | None, title: str, text: str, office: Office, *tag: Any
) -> Reviewed:
    p_front, share, language, confidence, mixed, reason, model = tag
    answer = Tag(office, p_front, share, language, confidence, bool(mixed), reason, model)
    return Reviewed(name, _rows(places), Posting(title, text), answer)


def _rows(places: str | None) -> tuple[int, ...]:
    return tuple(sorted(map(int, places.split(",")))) if places else ()
