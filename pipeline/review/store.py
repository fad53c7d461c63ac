"""The reviews of one tagged sheet: its postings, and who decided what when."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from pipeline.corrections import written_key
from pipeline.posting import InputError, Posting, Tag
from pipeline.review.agreement import Agreement, agreement_of
from pipeline.review.decisions import (
    VERDICTS,
    Decision,
    Outcome,
    Own,
    Reviewed,
    read_decisions,
    read_outcomes,
    read_own,
    read_postings,
)
from pipeline.review.queue import review_order
from pipeline.review.review_file import ReviewFile
from pipeline.text import clean
from pipeline.training_set import key_of

#: Of a name; more is no name.
_LETTERS = 100


class SheetRow(NamedTuple):
    """A row of a tagged sheet.

    Attributes:
        row: as a spreadsheet counts.
        posting: title and text as they stand there.
        tag: the model's answer.
    """

    row: int
    posting: Posting
    tag: Tag


class Progress(NamedTuple):
    """How far one reviewer is.

    Attributes:
        asked: postings in the queue.
        decided: those of them that this reviewer has decided.
        in_review: postings of the queue that the model left in review.
        in_review_decided: those of them that this reviewer has decided.
    """

    asked: int
    decided: int
    in_review: int
    in_review_decided: int


class ReviewStore:
    """The reviews of one sheet, in a file; threads and processes may share it.

    Postings are known by their words: a sheet that is tagged anew, sorted or added to keeps its
    decisions, and a text that stands in several rows is asked about once. No decision is ever
    deleted.
    """

    def __init__(self, file: ReviewFile) -> None:
        self._file = file

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def path(self) -> Path:
        """The file."""
        return self._file.path

    def close(self) -> None:
        """Let go of the file; never raises."""
        self._file.close()

    def fill(self, rows: Iterable[SheetRow], band: float) -> int:
        """Take the sheet as it is now in the place of what it was; all of it, or nothing.

        Args:
            rows: of the sheet; those without text are left out.
            band: of the model that tagged it (`Tagger.scorer.band`).

        Returns:
            How many postings are in the queue.

        Raises:
            OutputError: the file cannot be written.
        """
        places: list[tuple[int, str]] = []
        first: dict[str, SheetRow] = {}
        for each in rows:
            posting = Posting(*map(_storable, each.posting))
            if clean(posting.text):
                name = written_key(key_of(posting))
                places.append((each.row, name))
                first.setdefault(name, each._replace(posting=posting))
        held = list(first.values())

        def postings(wanted: Sequence[int]) -> list[Posting]:
            return [held[at].posting for at in wanted]

        order = review_order([each.tag for each in held], band, postings).tolist()
        turns = {at: turn for turn, at in enumerate(order)}
        with self._file.writing() as connection:
            connection.execute("UPDATE posting SET turn = NULL")
            connection.execute("DELETE FROM place")
            connection.executemany(
                "INSERT OR REPLACE INTO posting VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    (name, *each.posting, *each.tag, turns.get(at))
                    for at, (name, each) in enumerate(first.items())
                ),
            )
            connection.executemany("INSERT INTO place VALUES (?, ?)", places)
        return len(order)

    def queue(self, reviewer: str) -> list[str]:
        """Return the ids of the postings that a reviewer has not decided, in order."""
        return [
            name
            for (name,) in self._file.fetch(
                "SELECT id FROM posting WHERE turn IS NOT NULL AND NOT EXISTS (SELECT 1"
                " FROM decision WHERE posting = id AND reviewer = ? AND undone IS NULL)"
                " ORDER BY turn",
                (_name(reviewer),),
            )
        ]

    def posting(self, posting: str) -> Reviewed:
        """Return a posting by its id.

        Raises:
            InputError: there is none with this id.
        """
        if found := read_postings(self._file, [posting]):
            return found[0]
        raise InputError(f"{self.path}: no posting {posting[:_LETTERS]!r} is in it; open it anew.")

    def decide(self, posting: str, reviewer: str, decision: str, mark: str = "") -> Decision:
        """Note what a reviewer says of a posting; once this returns, it is on the disk.

        Args:
            posting: its id.
            reviewer: a name, blanks around it left out.
            decision: front, back or unsure; it holds in the place of an earlier one of theirs.
            mark: by which the caller knows the decision; told once more, be it undone by then or
                not, it changes nothing. A new one where left out.

        Raises:
            InputError: there is no such posting, the name or decision is none, or another decision
                has this mark.
            OutputError: the file cannot be written.
        """
        if decision not in VERDICTS:
            raise InputError(f"{decision[:_LETTERS]!r} is no decision; say front, back or unsure.")
        mark = mark or secrets.token_urlsafe(12)
        made = (_name(reviewer), decision, _now(), mark)
        with self._file.writing() as connection:
            connection.execute(
                "INSERT INTO decision (posting, reviewer, decision, at, mark)"
                " SELECT id, ?, ?, ?, ? FROM posting WHERE id = ? ON CONFLICT (mark) DO NOTHING",
                (*made, posting),
            )
        noted = read_decisions(self._file, mark)
        if not noted:
            self.posting(posting)  # says that there is none
        if noted[0][:3] != (posting, *made[:2]):
            raise InputError(f"another decision has the mark {mark[:_LETTERS]!r}; make a new one.")
        return noted[0]

    def undo(self, reviewer: str, mark: str = "") -> str | None:
        """Take back a decision of a reviewer; what they said before holds again.

        Args:
            reviewer: a name.
            mark: of the decision, taken back already or not; the last that holds where left out.

        Returns:
            The id of its posting, None where there is nothing to take back.

        Raises:
            OutputError: the file cannot be written.
        """
        which = "mark = ?" if mark else "undone IS NULL AND ?"
        with self._file.writing() as connection:
            found = connection.execute(
                f"SELECT number, posting FROM decision WHERE reviewer = ? AND {which}"
                " ORDER BY number DESC LIMIT 1",
                (_name(reviewer), mark or True),
            ).fetchone()
            if found is None:
                return None
            connection.execute(
                "UPDATE decision SET undone = ? WHERE number = ? AND undone IS NULL",
                (_now(), found[0]),
            )
        return str(found[1])

    def decisions(self) -> list[Decision]:
        """Return all decisions as they were made, those that were undone included."""
        return read_decisions(self._file)

    def decisions_of(self, reviewer: str) -> list[Own]:
        """Return a reviewer's decisions that were not undone, oldest first."""
        return read_own(self._file, _name(reviewer))

    def outcomes(self) -> list[Outcome]:
        """Return what was decided front or back, and where reviewers disagree."""
        return read_outcomes(self._file)

    def progress(self, reviewer: str) -> Progress:
        """Return how far a reviewer is."""
        ((asked, decided, in_review, both),) = self._file.fetch(
            "SELECT count(*), coalesce(sum(done), 0), coalesce(sum(review), 0),"
            " coalesce(sum(done AND review), 0) FROM (SELECT office = 'review' AS review,"
            " EXISTS (SELECT 1 FROM decision WHERE posting = id AND reviewer = ?"
            " AND undone IS NULL) AS done FROM posting WHERE turn IS NOT NULL)",
            (_name(reviewer),),
        )
        return Progress(asked, decided, in_review, both)

    def agreement(self) -> Agreement:
        """Return how far the reviewers are of one mind."""
        return agreement_of(self.decisions())


def open_store(path: Path) -> ReviewStore:
    """Open the reviews of a sheet, such as ``postings.xlsx.reviews.sqlite``; made if need be.

    Raises:
        InputError: it is no file of reviews, damaged, or of a newer version.
        OutputError: it cannot be made or written.
    """
    return ReviewStore(ReviewFile(path))


def _name(reviewer: str) -> str:
    name = _storable(reviewer).strip()
    if not name or len(name) > _LETTERS:
        raise InputError(f"a reviewer needs a name, of {_LETTERS} letters at most.")
    return name


def _storable(text: str) -> str:
    """Return a text as UTF-8 can hold it: JSON may have brought half a character."""
    return text.encode(errors="replace").decode()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
