"""Read the labelled texts of a corpus folder, each with the file and line it stands in.

A corpus folder holds, each part optional but the postings:

    postings/*.jsonl        title, text, label, share, kind, language, variety, isco08, id,
                            second_label, second_share
    challenge/*.jsonl       the same; hard cases for measuring, never trained on
    lines/*.tsv             label (contact, other, neutral), second_label, isco2, line
    titles/*.tsv            front_share (0-100), second_share, isco08, title
    other_languages.jsonl   language, title, text, second_label (the language)
    no_postings.jsonl       language, variety, kind, text, second_label (no posting)
    several_roles.jsonl     language, variety, label (several roles, one role), title, text,
                            second_label; ads for several roles, and ads that look like it
    dropped.tsv             part, language, label, second_label, isco, text: what two readers
                            did not agree on; never trained on

``second_label`` and ``second_share`` are what a second reader said who did not see the first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pipeline.labelled_files import JsonLines, read_jsonl, read_tsv
from pipeline.posting import LANGUAGES, CorpusError, Posting

#: A role is front when at least this share of its duties, in percent, is contact with customers.
FRONT_SHARE = 33
NO_POSTING = "no posting"
SEVERAL_ROLES, ONE_ROLE = "several roles", "one role"
#: Where a posting was copied from that stands in a file of ours: no corpus has such a field.
WHERE = "frontback: copied from"
KINDS = ("plain", "blurb", "pair", "internal", "title-trap", "thin", "mixed")


@dataclass(frozen=True)
class Labelled:
    """One labelled text and where it stands.

    Attributes:
        language: es, no or en (texts in other languages: their own code).
        label: front or back for postings and titles; contact, other or neutral for duty lines;
            the language for postings in others; "no posting"; "several roles" or "one role".
        share: share of duties in contact with customers, 0 to 100; -1 where not given.
        kind: what sort of posting or text; empty for lines and titles.
        second: label given by a second reader who did not see the first; empty where none did.
        where: file and line.
    """

    posting: Posting
    language: str
    label: str = ""
    share: int = -1
    second: str = ""
    kind: str = ""
    variety: str = ""
    isco: str = ""
    id: str = ""
    where: str = ""


@dataclass(frozen=True)
class Corpus:
    """Everything that a corpus folder holds."""

    folder: Path
    postings: list[Labelled] = field(default_factory=list)
    challenge: list[Labelled] = field(default_factory=list)
    lines: list[Labelled] = field(default_factory=list)
    titles: list[Labelled] = field(default_factory=list)
    other_languages: list[Labelled] = field(default_factory=list)
    no_postings: list[Labelled] = field(default_factory=list)
    several_roles: list[Labelled] = field(default_factory=list)
    dropped: list[Labelled] = field(default_factory=list)

    @property
    def parts(self) -> dict[str, list[Labelled]]:
        """The parts by name, in the order of the files; without what was dropped."""
        return {
            "postings": self.postings,
            "challenge": self.challenge,
            "lines": self.lines,
            "titles": self.titles,
            "other_languages": self.other_languages,
            "no_postings": self.no_postings,
            "several_roles": self.several_roles,
        }


def read_corpus(folder: Path) -> Corpus:
    """Read a corpus folder.

    Raises:
        CorpusError: there is no posting in it, or a line cannot be read; the text names the
            file and the line.
    """
    if not folder.is_dir():
        raise CorpusError(f"{folder}: no such folder; name one that holds postings/*.jsonl.")
    postings = [_posting(row, at) for row, at in read_jsonl(folder.glob("postings/*.jsonl"))]
    if not postings:
        raise CorpusError(
            f"{folder}: no labelled postings; a corpus folder holds postings/*.jsonl"
            " with title, text, label and language in each line."
        )
    return replace(read_beside(folder), postings=postings)


def posting_files(folder: Path) -> list[Path]:
    """Return the files of a corpus folder that hold its postings, sorted."""
    return sorted(folder.glob("postings/*.jsonl"))


def read_postings(lines: JsonLines, order: Iterable[int]) -> Iterator[Labelled]:
    """Yield postings by the numbers of their lines, one in memory at a time.

    Raises:
        CorpusError: a line cannot be read; the text names the file and the line.
    """
    return (_posting(row, at) for row, at in lines.read(order))


def read_beside(folder: Path) -> Corpus:
    """Read what a corpus folder holds beside its postings; raises as `read_corpus` does."""
    return Corpus(
        folder=folder,
        challenge=read_challenge(folder),
        lines=[_duty_line(row, at) for row, at in read_tsv(folder.glob("lines/*.tsv"))],
        titles=[_title(row, at) for row, at in read_tsv(folder.glob("titles/*.tsv"))],
        other_languages=[
            _text(row, at, label=str(row.get("language")))
            for row, at in read_jsonl([folder / "other_languages.jsonl"])
        ],
        no_postings=[
            _text(row, at, label=NO_POSTING)
            for row, at in read_jsonl([folder / "no_postings.jsonl"])
        ],
        several_roles=[
            _text(row, at, label=_roles(row, at))
            for row, at in read_jsonl([folder / "several_roles.jsonl"])
        ],
        dropped=[_dropped(row, at) for row, at in read_tsv([folder / "dropped.tsv"])],
    )


def read_challenge(folder: Path) -> list[Labelled]:
    """Read the challenge set of a corpus folder, if it has one; raises as `read_corpus` does."""
    return [_posting(row, at) for row, at in read_jsonl(folder.glob("challenge/*.jsonl"))]


def _roles(row: dict[str, Any], at: str) -> str:
    label = str(row.get("label"))
    if label not in (SEVERAL_ROLES, ONE_ROLE):
        raise CorpusError(f"{at}: label {label!r} must be {SEVERAL_ROLES} or {ONE_ROLE}.")
    return label


def _posting(row: dict[str, Any], at: str) -> Labelled:
    missing = [name for name in ("title", "text", "label", "language") if name not in row]
    if missing:
        raise CorpusError(f"{at}: {', '.join(missing)} missing; every posting needs it.")
    if row["label"] not in ("front", "back"):
        raise CorpusError(f"{at}: label {row['label']!r} must be front or back.")
    if row["language"] not in LANGUAGES:
        raise CorpusError(f"{at}: language {row['language']!r} must be es, no or en.")
    if row.get("kind", "plain") not in KINDS:
        raise CorpusError(f"{at}: kind {row['kind']!r} must be one of {', '.join(KINDS)}.")
    return Labelled(
        Posting(str(row["title"] or ""), str(row["text"] or "")),
        language=str(row["language"]),
        label=row["label"],
        share=_percent(row.get("share", -1), at),
        second=_given(row, "second_label"),
        kind=str(row.get("kind", "plain")),
        variety=_given(row, "variety"),
        isco=_given(row, "isco08"),
        id=_given(row, "id"),
        where=str(row.get(WHERE, at)),
    )


def _duty_line(row: dict[str, Any], at: str) -> Labelled:
    _need(row, ("label", "isco2", "line"), at)
    if row["label"] not in ("contact", "other", "neutral"):
        raise CorpusError(f"{at}: label {row['label']!r} must be contact, other or neutral.")
    return Labelled(
        Posting("", row["line"]),
        row["language"],
        row["label"],
        second=row.get("second_label", ""),
        isco=row["isco2"],
        where=at,
    )


def _title(row: dict[str, Any], at: str) -> Labelled:
    _need(row, ("front_share", "isco08", "title"), at)
    share = _percent(row["front_share"], at)
    second = _percent(row["second_share"], at) if row.get("second_share") else -1
    return Labelled(
        Posting(row["title"], ""),
        row["language"],
        _label(share),
        share,
        second=_label(second) if second >= 0 else "",
        isco=row["isco08"],
        where=at,
    )


def _label(share: int) -> str:
    return "front" if share >= FRONT_SHARE else "back"


def _text(row: dict[str, Any], at: str, label: str) -> Labelled:
    _need(row, ("language", "text"), at)
    posting = Posting(_given(row, "title"), str(row["text"]))
    kind, variety = _given(row, "kind"), _given(row, "variety")
    second = _given(row, "second_label")
    return Labelled(
        posting, str(row["language"]), label, second=second, kind=kind, variety=variety, where=at
    )


def _dropped(row: dict[str, Any], at: str) -> Labelled:
    return Labelled(
        Posting("", row["text"]),
        row["language"],
        row["label"],
        second=row["second_label"],
        kind=row["part"],
        isco=row["isco"],
        where=at,
    )


def _given(row: dict[str, Any], name: str) -> str:
    """Return a field as text; null, as tables that were turned into JSON have it, is none."""
    value = row.get(name)
    return "" if value is None else str(value)


def _need(row: dict[str, Any], names: Sequence[str], at: str) -> None:
    for name in names:
        if not row.get(name):
            raise CorpusError(f"{at}: no {name}; every line needs {', '.join(names)}.")


def _percent(value: object, at: str) -> int:
    if value is None:
        return -1
    try:
        share = float(str(value))
    except ValueError:
        share = 101
    if not -1 <= share <= 100 or share % 1:
        raise CorpusError(f"{at}: share {value!r} must be a whole number from 0 to 100.")
    return int(share)
