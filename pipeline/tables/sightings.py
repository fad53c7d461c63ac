"""What is odd about a table, told in a line: how often, and where first."""

from __future__ import annotations

from collections.abc import Sequence

_LINES_TOLD = 3
_PLACES_TOLD = 10


class Sightings:
    """How often something was seen, and in which lines first."""

    def __init__(self) -> None:
        self.times = 0
        self._lines: list[int] = []

    def add(self, line: int) -> None:
        """Count one more in this line."""
        self.times += 1
        if len(self._lines) <= _LINES_TOLD and line not in self._lines:
            self._lines.append(line)

    def note(self, sentence: str) -> list[str]:
        """Return the sentence with number and lines in its two places, nothing if none was seen."""
        lines = ", ".join(str(line) for line in self._lines[:_LINES_TOLD])
        more = " …" if len(self._lines) > _LINES_TOLD else ""
        return [sentence.format(f"{self.times:,}", f"lines {lines}{more}")] if self.times else []


def header_notes(names: Sequence[str]) -> list[str]:
    """Return what is odd about a header: names that are blank, names that stand there twice."""
    notes = []
    if blank := [str(place) for place, name in enumerate(names, 1) if not name.strip()]:
        notes.append(f"the header has no name for column {_first(blank)}; kept")
    places: dict[str, list[str]] = {}
    for place, name in enumerate(names, 1):
        places.setdefault(name, []).append(str(place))
    for name, at in places.items():
        if name.strip() and len(at) > 1:
            notes.append(f"columns {_first(at)} are all called {name!r}; kept")
    return notes


def _first(places: Sequence[str]) -> str:
    """Return the first places, and how many more there are."""
    more = len(places) - _PLACES_TOLD
    return ", ".join(places[:_PLACES_TOLD]) + (f" and {more:,} more" if more > 0 else "")
