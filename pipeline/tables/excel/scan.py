"""How large a sheet is and what is on it, learnt without building anything of its size."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from xml.parsers import expat

from pipeline.tables.excel.parts import parser_of_utf8
from pipeline.tables.excel.places import Area, area, column, letters


@dataclass
class Scan:
    """What a sheet's XML says beside its values.

    Attributes:
        area: from A1 to the last row and the last column with a value; None without values.
        filled: how many cells have a value.
        shared: how many of them have a text that others may share.
        letters: of an .ods, those of all texts, each as often as its cell and its row are repeated.
        far: the first cell in the last column with a value.
        ordered: whether rows and cells come in order, each once, as they must.
        blank_formulas: how many formulas without a result a row has, by its number.
        formula_columns: columns with formulas.
        errors: what cells with an error say, by row and column.
        merged: merged areas.
        filtered: area of the sheet's own filter.
        tables: ids of the relations to tables on the sheet.
        priority: the highest of a rule of conditional formatting.
        coloured: what each conditional format covers.
    """

    area: Area | None = None
    filled: int = 0
    shared: int = 0
    letters: int = 0
    far: str = ""
    ordered: bool = True
    blank_formulas: dict[int, int] = field(default_factory=dict)
    formula_columns: set[int] = field(default_factory=set)
    errors: dict[int, dict[int, str]] = field(default_factory=dict)
    merged: list[Area] = field(default_factory=list)
    filtered: Area | None = None
    tables: list[str] = field(default_factory=list)
    priority: int = 0
    coloured: set[str] = field(default_factory=set)


def scan(chunks: Iterable[bytes]) -> Scan:
    """Return what a sheet's XML says.

    Raises:
        expat.ExpatError: it is not well-formed.
        ValueError: it is in another encoding than UTF-8, or its places make no sense.
    """
    found = _Scanner()
    parser = None
    for chunk in chunks:
        if parser is None:
            parser = parser_of_utf8(chunk[:2])
            found.watch(parser)
        parser.Parse(chunk, False)
    if parser is None:
        raise ValueError("the sheet is empty")
    parser.Parse(b"", True)
    return found.ended()


class _Scanner:
    """Handlers of the parser; a sheet may have a million rows, so they do as little as they can."""

    def __init__(self) -> None:
        self.scan = Scan()
        self._row = self._column = self._right = self._bottom = self._far = 0
        self._kind = ""
        self._formula = self._valued = False
        self._text: list[str] = []

    def watch(self, parser: expat.XMLParserType) -> None:
        self._parser = parser
        parser.buffer_text = True
        parser.StartElementHandler = self._root

    def _root(self, name: str, attributes: dict[str, str]) -> None:
        prefix = name[: name.rfind(":") + 1]
        # Most of a sheet is these, so they are told apart by one look into a dictionary.
        self._starts = {
            prefix + "c": self._cell, prefix + "v": self._value, prefix + "is": self._inline,
            prefix + "row": self._new_row, prefix + "f": self._formula_begins,
        }  # fmt: skip
        self._depth = 1
        self._parser.StartElementHandler = self._outer
        self._parser.EndElementHandler = self._outer_end

    def _outer(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        local = name.rpartition(":")[2]
        if local == "sheetData" and self._depth == 2:
            self._data = name
            self._parser.StartElementHandler = self._inner
            self._parser.EndElementHandler = self._inner_end
        elif local == "mergeCell":
            self.scan.merged += [each] if (each := area(attributes.get("ref", ""))) else []
        elif local == "autoFilter" and self._depth == 2:
            self.scan.filtered = area(attributes.get("ref", ""))
        elif local == "tablePart":
            self.scan.tables += [value for key, value in attributes.items() if key.endswith(":id")]
        elif local == "conditionalFormatting":
            self.scan.coloured.add(attributes.get("sqref", ""))
        elif local == "cfRule":
            self.scan.priority = max(self.scan.priority, int(attributes.get("priority", "0")))

    def _outer_end(self, name: str) -> None:
        self._depth -= 1

    def _inner(self, name: str, attributes: dict[str, str]) -> None:
        handler = self._starts.get(name)
        if handler:
            handler(attributes)

    def _inner_end(self, name: str) -> None:
        if name == self._data:
            self._finish_cell()
            self._depth -= 1
            self._parser.StartElementHandler = self._outer
            self._parser.EndElementHandler = self._outer_end

    def _new_row(self, attributes: dict[str, str]) -> None:
        self._finish_cell()
        given = attributes.get("r")
        row = int(given) if given else self._row + 1
        self.scan.ordered &= row > self._row
        self._row, self._column = row, 0

    def _cell(self, attributes: dict[str, str]) -> None:
        if self._formula or self._text:
            self._finish_cell()
        given = attributes.get("r")
        place = column(given.rstrip("0123456789")) if given else self._column + 1
        if place <= self._column:
            self.scan.ordered = False
        self._column = place
        self._kind = attributes.get("t", "")

    def _value(self, attributes: dict[str, str] | None = None) -> None:
        if self._formula or self._kind == "e":
            self._parser.CharacterDataHandler = self._text.append
            if self._formula:
                return  # whether there is a result is known at the end
        elif self._kind == "s":
            self.scan.shared += 1
        self._has_value()

    _inline = _value

    def _has_value(self) -> None:
        scan = self.scan
        scan.filled += 1
        if self._column > self._right:
            self._right, self._far = self._column, self._row
        self._bottom = max(self._bottom, self._row)

    def _formula_begins(self, attributes: dict[str, str]) -> None:
        self._formula = True
        self.scan.formula_columns.add(self._column)

    def _finish_cell(self) -> None:
        text = "".join(self._text).strip()
        self._text.clear()
        self._parser.CharacterDataHandler = None
        if self._formula:
            self._formula = False
            if text:
                self._has_value()
            else:
                blank = self.scan.blank_formulas
                blank[self._row] = blank.get(self._row, 0) + 1
        if self._kind == "e" and text:
            self.scan.errors.setdefault(self._row, {})[self._column] = text

    def ended(self) -> Scan:
        if self.scan.filled:
            self.scan.area = Area(1, 1, self._right, self._bottom)
            self.scan.far = f"{letters(self._right)}{self._far}"
        return self.scan
