"""What tables call the labels: the usual names, and those that a user gives."""

from __future__ import annotations

from pipeline.layout import Layout
from pipeline.posting import InputError
from pipeline.tables.columns import normal

_SHOWN_LETTERS = 60
#: What people write for the labels, as `normal` has it.
_SPELLINGS = {
    **dict.fromkeys(("front", "front office", "frontoffice", "frontkontor", "fo"), True),
    **dict.fromkeys(("back", "back office", "backoffice", "bakkontor", "bo"), False),
}
#: No label: nobody has decided yet.
_BLANK = ("", "review")


class LabelNames:
    """Which label each name stands for.

    Raises:
        InputError: a name is one of both labels, or blank.
    """

    def __init__(self, layout: Layout) -> None:
        own: dict[str, bool] = {}
        for names, front in ((layout.front, True), (layout.back, False)):
            for name in names:
                if not name.strip():
                    raise InputError("a blank cell is no label; give --front and --back a name.")
                if own.setdefault(_name(name), front) is not front:
                    raise InputError(f"{name!r} cannot be both front and back; name it once.")
        self._known = _SPELLINGS | own

    def front(self, cell: str) -> bool | None:
        """Return whether a cell says front; None where it says nothing.

        Raises:
            ValueError: it says something else; the text is what, as far as a message has room.
        """
        label = _name(cell)
        if label in self._known:
            return self._known[label]
        if normal(cell) in _BLANK:
            return None
        raise ValueError(repr(cell if len(cell) <= _SHOWN_LETTERS else f"{cell[:_SHOWN_LETTERS]}…"))


def _name(cell: str) -> str:
    """Return a label without case and accents; one of signs only (+, -) as it is."""
    return normal(cell) or cell.strip()
