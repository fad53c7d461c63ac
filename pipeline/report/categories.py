"""Columns of a sheet that part its rows into groups: a department, a place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from pipeline.decision import OFFICES
from pipeline.posting import InputError
from pipeline.report.tagged import UNTAGGED, TaggedRows, TaggedTable, cells_of
from pipeline.tables.columns import column_named

#: A column that nobody named is taken for categories if it has from two to so many different
#: values, none of them longer than so many letters, and each stands in so many rows on average.
MOST_VALUES, MOST_LETTERS, ROWS_A_VALUE = 30, 60, 3
#: So many of these columns are shown, the first ones.
MOST_COLUMNS = 6
#: Values that are shown of a column; what is left goes together.
MOST_SHOWN = 15
#: A column that is named may have so many different values: what is held in memory.
_MOST_HELD = 100_000


class Group(NamedTuple):
    """The rows of a value.

    Attributes:
        value: as it stands; "" for blank cells, None for values that are put together.
        offices: rows by `OFFICES`, int64, shape (3,).
        values: how many values these are.
    """

    value: str | None
    offices: np.ndarray
    values: int = 1


class Categories:
    """Counts of offices by the values of columns, of any number of rows.

    Memory grows with the different values, not with the rows.
    """

    def __init__(self, table: TaggedTable, by: Sequence[str] = ()) -> None:
        """Begin.

        Args:
            table: whose columns they are.
            by: names of columns; without any, the table's own columns are tried.

        Raises:
            InputError: there is no column of that name.
        """
        self._table = table
        self._named = bool(by)
        places = [column_named(table.names, name, table.path) for name in by] or table.own
        self._counts: dict[int, Counter[tuple[str, int]]] = {place: Counter() for place in places}
        self._values: dict[int, set[str]] = {place: set() for place in places}

    def add(self, rows: TaggedRows) -> None:
        """Count some rows.

        Raises:
            InputError: a column that was named has too many different values.
        """
        for place in list(self._counts):
            cells = [" ".join(cell.split()) for cell in cells_of(rows.rows, place)]
            if self._named:
                cells = [_short(cell) for cell in cells]
            values = self._values[place]
            values.update(cells)
            if self._named:
                if len(values) > _MOST_HELD:
                    raise InputError(
                        f"{self._table.path}: column {self._table.names[place]!r} has more than"
                        f" {_MOST_HELD:,} different values; name one with fewer."
                    )
            elif len(values - {""}) > MOST_VALUES or max(map(len, cells)) > MOST_LETTERS:
                del self._counts[place], self._values[place]
                continue
            self._counts[place].update(zip(cells, rows.offices.tolist(), strict=True))

    def groups(self) -> list[tuple[str, list[Group]]]:
        """Return the columns by name with their groups, the largest first, blank cells last."""
        found = [
            (_short(self._table.names[place]), _groups(counts))
            for place, counts in self._counts.items()
            if self._named or self._is_category(place)
        ]
        return found if self._named else found[:MOST_COLUMNS]

    def _is_category(self, place: int) -> bool:
        values = self._values[place] - {""}
        filled = sum(n for (value, _), n in self._counts[place].items() if value)
        return len(values) > 1 and filled >= ROWS_A_VALUE * len(values)


def _short(cell: str) -> str:
    return cell if len(cell) <= MOST_LETTERS else f"{cell[: MOST_LETTERS - 1]}…"


def _groups(counts: Counter[tuple[str, int]]) -> list[Group]:
    by_value: dict[str, np.ndarray] = {}
    for (value, office), n in counts.items():
        if office != UNTAGGED:
            by_value.setdefault(value, np.zeros(len(OFFICES), np.int64))[office] += n
    blank = by_value.pop("", None)
    order = sorted(by_value, key=lambda value: (-int(by_value[value].sum()), value))
    groups = [Group(value, by_value[value]) for value in order[:MOST_SHOWN]]
    if rest := order[MOST_SHOWN:]:
        offices = np.sum([by_value[value] for value in rest], axis=0)
        groups.append(Group(None, offices, len(rest)))
    return groups + ([] if blank is None else [Group("", blank)])
