"""The input's own workbook with new columns in one sheet; every other part byte for byte."""

from __future__ import annotations

from pathlib import Path
from xml.parsers import expat

import pyarrow as pa

from pipeline.posting import InputError, OutputError
from pipeline.tables.excel import tail
from pipeline.tables.excel.edit import Colours, Plan, edit
from pipeline.tables.excel.places import MAX_COLUMNS, Area
from pipeline.tables.excel.repack import Repack
from pipeline.tables.excel.surroundings import (
    ListTable,
    table_with,
    with_filter,
    with_formats,
    without_chain,
)
from pipeline.tables.rows import Rows, Writer, values
from pipeline.tables.workbook import Place, WorkbookReader

#: A row's new cells are about this many bytes each; only whether a sheet passes 4 GB hangs on it.
_CELL_BYTES = 200


class SameBook(Writer):
    """Copies the workbook that the reader read, part by part, in the order of its zip."""

    def __init__(self, path: Path, reader: WorkbookReader, place: Place, added: pa.Schema) -> None:
        self._reader, self._place = reader, place
        self._archive = place.archive
        if not place.scan.ordered:
            raise OutputError(
                f"{reader.path}: the rows of sheet {place.sheet.name!r} are not in order; open it"
                " in Excel and save it again, or write .csv."
            )
        try:
            plan = self._plan(added)
            changes = self._changes(plan)
        except (expat.ExpatError, ValueError, KeyError) as error:
            raise self._damaged() from error
        self._zip = Repack(path, self._archive.comment)
        try:
            self._copy(plan, changes)
        except BaseException:
            self._zip.discard()
            raise

    def _plan(self, added: pa.Schema) -> Plan:
        reader, place = self._reader, self._place
        there = reader.schema.names
        merged = [each.right for each in place.scan.merged if each.bottom >= reader.header_row]
        first = max([reader.width, *merged]) + 1
        new = [name for name in added.names if name not in there]
        if first + len(new) - 1 > MAX_COLUMNS:
            raise OutputError(
                f"{reader.path}: sheet {place.sheet.name!r} has no room for {len(new)} more"
                f" columns, Excel holds {MAX_COLUMNS:,}; write .csv."
            )
        at = {name: first + number for number, name in enumerate(new)}
        columns = [at[name] if name in at else there.index(name) + 1 for name in added.names]
        self._widened = self._table_to_widen(first, bool(new))
        if self._widened:
            taken = {name.casefold() for name in self._widened.columns}
            renamed = [_free(name, taken) for name in new]
        else:
            renamed = new
        header = {at[name]: shown for name, shown in zip(new, renamed, strict=True)}
        self._replaced = set(columns) - set(at.values())
        last = reader.header_row + reader.rows
        return Plan(
            reader.header_row, last, columns, header,
            {number: max(12, len(name) + 4) for number, name in header.items()},
            self._filter(max([reader.width, *at.values()]), last),
            self._colours(dict(zip(added.names, columns, strict=True)), last),
        )  # fmt: skip

    def _table_to_widen(self, first: int, any_new: bool) -> ListTable | None:
        table = self._place.table
        fits = any_new and table and not table.linked and table.covered.right + 1 == first
        return table if fits else None

    def _filter(self, right: int, last: int) -> Area | None:
        reader, place = self._reader, self._place
        names = reader.schema.names
        left = next((number for number, name in enumerate(names, 1) if name), 1)
        covered = Area(left, reader.header_row, right, last)
        if any(each.covered.meets(covered) for each in place.tables):
            return None  # a table has its own, and two may not overlap
        was = place.scan.filtered
        if was is None:
            return covered
        if was.top != reader.header_row:
            return None  # a sheet has one filter, and this one is about something else
        return was._replace(right=max(was.right, right), bottom=max(was.bottom, last))

    def _colours(self, columns: dict[str, int], last: int) -> Colours | None:
        office = [each for name, each in columns.items() if tail.is_office(name)]
        if not office or not self._place.styles:
            return None
        covered = Area(office[0], self._reader.header_row + 1, office[0], last)
        if str(covered) in self._place.scan.coloured:
            return None  # coloured when it was tagged before
        self._styled, first = with_formats(self._archive.read(self._place.styles))
        return Colours(covered, first, self._place.scan.priority + 1)

    def _changes(self, plan: Plan) -> dict[str, bytes | None]:
        archive, place = self._archive, self._place
        changes: dict[str, bytes | None] = {}
        if self._replaced & place.scan.formula_columns:
            changes |= without_chain(archive, place.book)
        if plan.colours:
            changes[place.styles] = self._styled
        if plan.filtered:
            main = place.book.main
            changes[main] = with_filter(archive.read(main), place.sheet, plan.filtered)
        if self._widened:
            part = self._widened.part
            changes[part] = table_with(archive.read(part), list(plan.header.values()))
        return changes

    def _copy(self, plan: Plan, changes: dict[str, bytes | None]) -> None:
        """Copy up to the sheet, and begin it; the rest follows when it has ended."""
        names = list(self._archive.entries)
        place = names.index(self._place.sheet.part)
        self._changes_left, self._names_left = changes, names[place + 1 :]
        self._copy_entries(names[:place])
        info = self._archive.entries[self._place.sheet.part]
        added = self._reader.rows * len(plan.columns) * _CELL_BYTES
        self._zip.begin(info, info.file_size + added)
        self._edit = edit(self._archive.content(info.filename), self._zip.write, plan)
        self._ended = False
        try:
            next(self._edit)
        except StopIteration:
            self._ended = True
        except (expat.ExpatError, ValueError) as error:
            raise self._damaged() from error

    def _copy_entries(self, names: list[str]) -> None:
        for name in names:
            if name not in self._changes_left:
                self._zip.copy(self._archive, name)
            elif (content := self._changes_left[name]) is not None:
                self._zip.add(self._archive.entries[name], content)

    def write(self, rows: Rows, added: pa.RecordBatch) -> None:
        """Put the added cells into the next rows of the sheet."""
        try:
            for row in zip(*(values(column) for column in added.columns), strict=True):
                if self._ended:
                    raise ValueError("more rows than were announced")
                self._edit.send(row)
        except StopIteration:
            self._ended = True
        except expat.ExpatError as error:
            raise self._damaged() from error

    def close(self) -> None:
        """Copy the parts that stand behind the sheet."""
        if not self._ended:
            raise self._damaged()
        self._zip.end()
        self._copy_entries(self._names_left)
        self._zip.close()

    def discard(self) -> None:
        """Let go of the file, unfinished."""
        self._edit.close()
        self._zip.discard()

    def _damaged(self) -> InputError:
        return InputError(
            f"{self._reader.path}: its parts do not fit each other; open it in Excel and save it"
            " again."
        )


def _free(name: str, taken: set[str]) -> str:
    """Return a name that no column of a table has, upper and lower case being one to Excel."""
    while name.casefold() in taken:
        name = f"frontback_{name}"
    taken.add(name.casefold())
    return name
