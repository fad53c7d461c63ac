"""A sheet's XML copied while it streams by, with new cells put in; all else byte for byte."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from typing import Any, NamedTuple

from pipeline.tables.excel import tail
from pipeline.tables.excel.cells import body
from pipeline.tables.excel.parts import parser_of_utf8, split, start_tag, with_attribute
from pipeline.tables.excel.places import Area, area, column, letters


class Colours(NamedTuple):
    """Which cells are coloured, by the first of which formats, with rules of which priority."""

    covered: Area
    format_: int
    priority: int


class Plan(NamedTuple):
    """What is put into a sheet.

    Attributes:
        header_row, last_row: numbers of the first row and the last that get cells.
        columns: numbers of the columns that get values, in the order of a row's values.
        header: names of the columns that are new, by number.
        widths: of columns, in characters.
        filtered: what the sheet's own filter covers; None leaves it as it is.
        colours: None leaves the sheet without new ones.
    """

    header_row: int
    last_row: int
    columns: Sequence[int]
    header: dict[int, str]
    widths: dict[int, float]
    filtered: Area | None
    colours: Colours | None


Values = Sequence[Any]


def edit(
    chunks: Iterable[bytes], write: Callable[[bytes], object], plan: Plan
) -> Generator[None, Values, None]:
    """Copy a sheet, taking the values of each row below the header when its turn comes.

    It is begun with ``next``, takes one row with each ``send``, and ends with the last of them.

    Raises:
        expat.ExpatError, ValueError: the sheet is damaged.
    """
    copy = _Copy(write)
    editor = _Editor(copy, plan)
    parser = None
    for chunk in chunks:
        if parser is None:
            parser = parser_of_utf8(chunk[:2])
            editor.listen(parser)
        copy.feed(chunk)
        parser.Parse(chunk, False)
        yield from editor.work()
    copy.rest()


class _Copy:
    """The bytes between what came in and what has gone out."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write, self._out = write, list[bytes]()
        self._data, self._base, self._done = b"", 0, 0

    def feed(self, chunk: bytes) -> None:
        self._write(b"".join(self._out))
        self._out.clear()
        self._data = self._data[self._done - self._base :] + chunk
        self._base = self._done

    def to(self, offset: int) -> None:
        """Let through what comes before a place."""
        if offset > self._done:
            self._out.append(self._data[self._done - self._base : offset - self._base])
            self._done = offset

    def skip(self, offset: int) -> None:
        """Leave out what comes before a place."""
        self._done = offset

    def put(self, new: bytes) -> None:
        self._out.append(new)

    def tag(self, offset: int) -> bytes:
        return start_tag(self._data, offset - self._base)

    def between(self, start: int, stop: int) -> bytes:
        return self._data[start - self._base : stop - self._base]

    def stop(self, start: int, end: int) -> int:
        """Return where an element ends whose first tag and whose end event are known."""
        if start + len(self.tag(start)) == end and self.between(end - 2, end) == b"/>":
            return end
        return self._data.index(b">", end - self._base) + self._base + 1

    def rest(self) -> None:
        self.to(self._base + len(self._data))
        self._write(b"".join(self._out))


class _Editor:
    """What is done at each element; only those down to cells are looked at."""

    def __init__(self, copy: _Copy, plan: Plan) -> None:
        self._copy, self._plan = copy, plan
        self._events: list[tuple[int, int, str, dict[str, str] | None, int]] = []
        self._prefix = ""
        self._within = ""  # the child of the root that is being read
        self._held: int | None = None  # where an element begins that is replaced as a whole
        self._row = 0
        self._next = plan.header_row + 1
        self._pending: list[tuple[int, str]] = []  # cells still to be put into the row
        self._cell: tuple[int, str] | None = None  # the one that takes the place of another
        self._beside = ""  # style of the header cell before the new ones
        self._order = sorted(zip(plan.columns, range(len(plan.columns)), strict=True))
        self._inserts: dict[str, Callable[[], str]] = {}

    def listen(self, parser: Any) -> None:
        events, depth, place, wanted = self._events, 0, 0, True
        header_row, first = self._plan.header_row, min(self._plan.columns)

        def start(name: str, attributes: dict[str, str]) -> None:
            nonlocal depth, place, wanted
            depth += 1
            if depth == 4:
                given = attributes.get("r")
                place = column(given.rstrip("0123456789")) if given else place + 1
                # Nothing happens at most cells of a sheet: those before the first new one.
                wanted = place >= first or self._row <= header_row or name[-1] != "c"
                if wanted:
                    events.append((parser.CurrentByteIndex, depth, name, attributes, place))
            elif depth < 4:
                place = 0
                events.append((parser.CurrentByteIndex, depth, name, attributes, 0))

        def end(name: str) -> None:
            nonlocal depth
            if depth < 4 or (depth == 4 and wanted):
                events.append((parser.CurrentByteIndex, depth, name, None, 0))
            depth -= 1

        parser.StartElementHandler, parser.EndElementHandler = start, end

    def work(self) -> Generator[None, Values, None]:
        """Go through the elements that came in since the last time."""
        at = None
        for at, depth, name, attributes, place in self._events:
            if depth == 4:
                if self._within == "sheetData":
                    self._at_cell(at, name, attributes, place)
            elif depth == 3:
                if self._within == "sheetData" and attributes is not None:
                    yield from self._begin_row(at, attributes.get("r"))
                elif self._within == "sheetData":
                    self._fill(at, None)
            elif depth == 2 and attributes is not None:
                self._begin(at, split(name)[1], attributes)
            elif depth == 2:
                yield from self._end(at)
            elif attributes is not None:
                self._root(name)
            else:
                self._insert(at, None)
        self._events.clear()
        if at is not None and self._held is None and self._cell is None:
            self._copy.to(at)

    def _root(self, name: str) -> None:
        self._prefix, local = split(name)
        if local != "worksheet":
            raise ValueError("a sheet begins otherwise than sheets do")
        plan, prefix = self._plan, self._prefix
        if plan.widths:
            name = f"{prefix}cols"
            inner = tail.columns(plan.widths, prefix)
            self._inserts["cols"] = lambda: f"<{name}>{inner}</{name}>"
        if plan.filtered:
            self._inserts["autoFilter"] = lambda: f'<{prefix}autoFilter ref="{plan.filtered}"/>'
        if plan.colours:
            colours = tail.colouring(*plan.colours, prefix)
            self._inserts["conditionalFormatting"] = lambda: colours

    def _begin(self, at: int, name: str, attributes: dict[str, str]) -> None:
        self._within = name
        self._insert(at, name)
        if name == "cols" and "cols" in self._inserts:
            del self._inserts["cols"]
            self._copy.to(at)
            self._held = at
        elif name == "autoFilter" and "autoFilter" in self._inserts:
            del self._inserts["autoFilter"]
            self._replace_tag(at, "ref", str(self._plan.filtered))
        elif name == "dimension":
            self._replace_tag(at, "ref", str(self._covered(attributes.get("ref", ""))))

    def _end(self, at: int) -> Generator[None, Values, None]:
        if self._held is not None:
            stop = self._copy.stop(self._held, at)
            old = self._copy.between(self._held, stop)
            self._copy.put(tail.widened(old, self._plan.widths, self._prefix))
            self._copy.skip(stop)
            self._held = None
        elif self._within == "sheetData":
            yield from self._missing(at, self._plan.last_row + 1)
        self._within = ""

    def _insert(self, at: int, name: str | None) -> None:
        """Put in what must stand before an element; everything, where ``name`` is None."""
        # What is not known may stand anywhere, but what is put in belongs behind the rows then.
        unknown = len(tail.RANK) if self._row else 0
        here = unknown if name is None else tail.RANK.get(name, unknown)
        for each in list(self._inserts):
            if tail.RANK[each] < here:
                self._copy.to(at)
                self._copy.put(self._inserts.pop(each)().encode())

    def _at_cell(self, at: int, name: str, attributes: dict[str, str] | None, place: int) -> None:
        if attributes is None:
            if self._cell is not None:
                number, style = self._cell
                self._copy.skip(self._copy.stop(self._start, at))
                self._put_cell(number, style)
                self._cell = None
        elif self._pending:
            if split(name)[1] == "c":
                self._begin_cell(at, place, attributes.get("s", ""))
            else:
                self._fill(at, None)

    def _begin_row(self, at: int, number: str | None) -> Generator[None, Values, None]:
        plan, copy = self._plan, self._copy
        self._row = int(number) if number else self._row + 1
        yield from self._missing(at, self._row)
        if self._row == plan.header_row:
            self._pending = [(each, body(name, self._prefix)) for each, name in plan.header.items()]
            self._pending.sort()
        elif plan.header_row < self._row <= plan.last_row:
            self._pending = self._cells((yield))
            self._next = self._row + 1
        else:
            return
        tag = copy.tag(at)
        copy.to(at)
        copy.skip(at + len(tag))
        if b"spans" in tag:
            tag = with_attribute(tag, "spans", None)
        if tag.endswith(b"/>"):
            tag = tag[:-2].rstrip() + b">"
            copy.put(tag)
            self._fill(at + len(copy.tag(at)), None)
            copy.put(f"</{self._prefix}row>".encode())
        else:
            copy.put(tag)

    def _begin_cell(self, at: int, place: int, style: str) -> None:
        self._fill(at, place)
        if self._pending and self._pending[0][0] == place:
            self._copy.to(at)
            self._start, self._cell = at, (place, style)
        elif self._row == self._plan.header_row and self._pending:
            self._beside = style

    def _fill(self, at: int, before: int | None) -> None:
        """Put in the cells that stand before a column; all, where it is None."""
        if self._pending and (before is None or self._pending[0][0] < before):
            self._copy.to(at)
            while self._pending and (before is None or self._pending[0][0] < before):
                self._put_cell(self._pending[0][0], "")

    def _put_cell(self, number: int, style: str) -> None:
        inner = self._pending.pop(0)[1]
        if self._row == self._plan.header_row:
            style = self._beside or style
        elif inner == "/>" and not style:
            return
        self._copy.put(self._made(number, self._row, style, inner))

    def _missing(self, at: int, before: int) -> Generator[None, Values, None]:
        """Put in the rows that the sheet leaves out."""
        while self._next < min(before, self._plan.last_row + 1):
            cells = self._cells((yield))
            self._copy.to(at)
            made = (self._made(each, self._next, "", inner) for each, inner in cells)
            row = f"{self._prefix}row"
            self._copy.put(f'<{row} r="{self._next}">'.encode())
            self._copy.put(b"".join(made) + f"</{row}>".encode())
            self._next += 1

    def _made(self, number: int, row: int, style: str, inner: str) -> bytes:
        styled = f' s="{style}"' if style else ""
        return f'<{self._prefix}c r="{letters(number)}{row}"{styled}{inner}'.encode()

    def _cells(self, values: Values) -> list[tuple[int, str]]:
        return [(number, body(values[place], self._prefix)) for number, place in self._order]

    def _replace_tag(self, at: int, name: str, value: str) -> None:
        tag = self._copy.tag(at)
        self._copy.to(at)
        self._copy.put(with_attribute(tag, name, value))
        self._copy.skip(at + len(tag))

    def _covered(self, old: str) -> Area:
        columns = self._plan.columns
        left, right = min(columns), max(columns)
        was = area(old) or Area(left, self._plan.header_row, right, self._plan.last_row)
        return Area(
            min(was.left, left), min(was.top, self._plan.header_row), max(was.right, right),
            max(was.bottom, self._plan.last_row),
        )  # fmt: skip
