"""Sheets to review, without a model."""

from collections.abc import Sequence
from pathlib import Path

from pipeline.posting import Posting, Tag
from pipeline.review.store import ReviewStore, SheetRow, open_store

BAND = 0.3


def tag(p_front: float | None = 0.5, reason: str | None = None, language: str = "en") -> Tag:
    """A tag as a model with `BAND` gives it."""
    if reason is None:
        reason = "close call" if p_front is None or abs(p_front - 0.5) < BAND else ""
    office = "review" if reason else "front" if p_front and p_front >= 0.5 else "back"
    share = None if p_front is None else round(100 * p_front)
    return Tag(office, p_front, share, language, 0.9, False, reason, "own-0123456789")


def sheet(texts: Sequence[str], titles: Sequence[str] = (), **tags: object) -> list[SheetRow]:
    """Rows from the second on, one for each text."""
    return [
        SheetRow(row, Posting(titles[row - 2] if titles else "", text), tag(**tags))
        for row, text in enumerate(texts, 2)
    ]


def opened(folder: Path, texts: Sequence[str]) -> ReviewStore:
    """Reviews of a sheet with these texts."""
    store = open_store(folder / "sheet.reviews.sqlite")
    store.fill(sheet(texts), BAND)
    return store


def ids(store: ReviewStore) -> list[str]:
    """The ids of all postings in the order of the sheet."""
    return sorted(store.queue("nobody"), key=lambda each: store.posting(each).rows)
