"""Which rows of a sheet two models answer differently, and by which words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from pipeline.comparison import pushing_more
from pipeline.posting import Posting, Tag
from pipeline.tagger import Tagger
from pipeline.training_set import key_of

#: What stands in where no model applies.
_NOWHERE = 0.5


class Row(NamedTuple):
    """A row of a sheet.

    Attributes:
        number: as a spreadsheet shows it.
    """

    number: int
    title: str
    text: str


class RowChange(NamedTuple):
    """A row that the two models answer differently.

    Attributes:
        row: as a spreadsheet numbers them.
        first, second: front, back or review.
        why_first, why_second: reasons for review, otherwise "".
        p_first, p_second: None where no model applies.
        reviewed: whether the second model learned from this very posting.
        words: by which the second pushes more to its side than the first: logits of front.
    """

    row: int
    title: str
    first: str
    second: str
    why_first: str
    why_second: str
    p_first: float | None
    p_second: float | None
    reviewed: bool
    words: list[tuple[str, float]]


class SheetChanges(NamedTuple):
    """Two models on the rows of a sheet.

    Attributes:
        rows: how many.
        first, second: how many rows get each office from each model.
        changed: the rows that get another office.
        changes: some of these, those whose probability moved most first.
    """

    rows: int
    first: dict[str, int]
    second: dict[str, int]
    changed: list[int]
    changes: list[RowChange]

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON's own objects."""
        return self._asdict() | {"changes": [change._asdict() for change in self.changes]}


def sheet_changes(
    sheet: Sequence[Row], taggers: tuple[Tagger, Tagger], reviewed: Collection[int], most: int
) -> SheetChanges:
    """Return what the second of two models would change in a sheet.

    Args:
        sheet: the rows.
        taggers: the two.
        reviewed: keys (`pipeline.training_set.key_of`) of postings the second one learned from.
        most: how many changed rows to look at.
    """
    texts, titles = [row.text for row in sheet], [row.title for row in sheet]
    before, after = (tagger.tag(texts, titles) for tagger in taggers)
    pairs = list(zip(sheet, before, after, strict=True))
    changed = [each for each in pairs if each[1].office != each[2].office]
    moved = sorted(changed, key=lambda each: -abs(_p(each[2]) - _p(each[1])))
    return SheetChanges(
        len(sheet),
        dict(Counter(tag.office for tag in before)),
        dict(Counter(tag.office for tag in after)),
        [row.number for row, _, _ in changed],
        [_change(*each, taggers, reviewed) for each in moved[:most]],
    )


def _change(
    row: Row, first: Tag, second: Tag, taggers: tuple[Tagger, Tagger], reviewed: Collection[int]
) -> RowChange:
    posting = Posting(row.title, row.text)
    return RowChange(
        row.number,
        row.title,
        first.office,
        second.office,
        first.reason,
        second.reason,
        first.p_front,
        second.p_front,
        key_of(posting) in reviewed,
        pushing_more(taggers, posting, _p(second) >= _p(first)),
    )


def _p(tag: Tag) -> float:
    return _NOWHERE if tag.p_front is None else tag.p_front
