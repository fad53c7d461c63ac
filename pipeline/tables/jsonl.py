"""JSON lines, read: each object as it stands."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pipeline.posting import InputError
from pipeline.tables.json_rows import Item, JsonReader
from pipeline.tables.json_text import BLANK, object_in

_BOM = "\ufeff"


class JsonlReader(JsonReader):
    """A file of one JSON object a line.

    Attributes:
        prefix: what stands before the first object: BOM, blank lines.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.prefix = ""
        self._survey()
        if not self.schema.names:
            raise InputError(
                f"{path}: no line holds a JSON object; write one object a line, or use .csv."
            )

    def items(self) -> Iterator[Item]:
        """Yield the lines, each with its end and the blank lines behind it."""
        name, errors = self.encoding
        held: Item | None = None
        prefix = ""
        with self.content.open(encoding=name, errors=errors, newline="\n") as file:
            for number, line in enumerate(file, 1):
                if not line.strip(BLANK + _BOM):
                    prefix += "" if held else line
                    held = held and held._replace(raw=held.raw + line)
                    continue
                if held:
                    yield held
                else:
                    self.prefix = prefix + (_BOM if line.startswith(_BOM) else "")
                    line = line.removeprefix(_BOM)
                held = Item(number, line, object_in(line))
        if held:
            yield held
