"""What is odd about a table, told in a line: how often, and where first."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.wording import words

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

    def note(self, name: str, **values: str) -> list[str]:
        """Return the note of this name, with number and lines in it; nothing if none was seen."""
        if not self.times:
            return []
        lines = ", ".join(str(line) for line in self._lines[:_LINES_TOLD])
        more = " …" if len(self._lines) > _LINES_TOLD else ""
        return [words()(f"tables.note.{name}", times=self.times, lines=lines + more, **values)]


def header_notes(names: Sequence[str]) -> list[str]:
    """Return what is odd about a header: names that are blank, names that stand there twice."""
    notes = []
    if blank := [str(place) for place, name in enumerate(names, 1) if not name.strip()]:
        notes.append(words()("tables.note.nameless", places=_first(blank)))
    places: dict[str, list[str]] = {}
    for place, name in enumerate(names, 1):
        places.setdefault(name, []).append(str(place))
    for name, at in places.items():
        if name.strip() and len(at) > 1:
            notes.append(words()("tables.note.twice", places=_first(at), name=repr(name)))
    return notes


def _first(places: Sequence[str]) -> str:
    """Return the first places, and how many more there are."""
    more, first = len(places) - _PLACES_TOLD, ", ".join(places[:_PLACES_TOLD])
    return words()("tables.places", places=first, more=more) if more > 0 else first
