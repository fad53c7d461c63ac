"""A new workbook: one sheet with filter, colours and a header that stays in sight."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipeline.posting import OutputError
from pipeline.tables.excel import tail
from pipeline.tables.excel.cells import MAX_CELL, STYLES, body, length, serial, shown
from pipeline.tables.excel.places import MAX_COLUMNS, MAX_ROWS, Area, letters
from pipeline.tables.excel.repack import Repack
from pipeline.tables.rows import Reader, Rows, Writer, values

_NAME = "postings"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_SHEET = "xl/worksheets/sheet1.xml"
_PARTS = {
    "[Content_Types].xml": (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels"'
        ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/{_SHEET}" ContentType="{_TYPE}.worksheet+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/></Types>'
    ),
    "_rels/.rels": (
        f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1"'
        f' Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1"'
        f' Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2"'
        f' Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>'
    ),
    "xl/styles.xml": (
        f'<styleSheet xmlns="{_MAIN}"><numFmts count="3">'
        '<numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>'
        '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/>'
        '<numFmt numFmtId="166" formatCode="[h]:mm:ss"/></numFmts>'
        '<fonts count="2"><font><sz val="11"/><name val="Calibri"/><family val="2"/></font>'
        '<font><b/><sz val="11"/><name val="Calibri"/><family val="2"/></font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill></fills>'
        "<borders count=\"1\"><border><left/><right/><top/><bottom/><diagonal/></border></borders>"
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>'
        '</cellStyleXfs><cellXfs count="6">'
        '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
        + "".join(
            f'<xf numFmtId="{number}" fontId="0" fillId="0" borderId="0" xfId="0"'
            ' applyNumberFormat="1"/>'
            for number in (164, 165, 21, 166)
        )
        + '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
        f'<dxfs count="{len(tail.COLOURS)}">{tail.formats()}</dxfs></styleSheet>'
    ),
}  # fmt: skip
_BOLD = 5
_WIDTH, _WIDE = 14, 60
#: A column whose first texts are longer than this is one of texts, and gets room.
_LONG = 80


class NewBook(Writer):
    """Writes rows as they come; nothing is held but the batch at hand."""

    def __init__(self, path: Path, reader: Reader, added: pa.Schema) -> None:
        if reader.rows >= MAX_ROWS:
            raise OutputError(
                f"{reader.path}: {reader.rows:,} rows do not fit, Excel holds {MAX_ROWS - 1:,}"
                " below the header; write .csv or .parquet."
            )
        self._source, self._row = reader.path, 1
        there = reader.schema.names
        self._names = [*there, *(name for name in added.names if name not in there)]
        if len(self._names) > MAX_COLUMNS:
            raise OutputError(
                f"{reader.path}: {len(self._names):,} columns do not fit, Excel holds"
                f" {MAX_COLUMNS:,}; write .csv or .parquet."
            )
        self._places = [self._names.index(name) for name in added.names]
        self._area = Area(1, 1, len(self._names), reader.rows + 1)
        self._begun = False
        self._zip = Repack(path)
        try:
            for name, part in {**_PARTS, "xl/workbook.xml": self._main()}.items():
                self._zip.add(_info(name), (_HEAD + part).encode())
        except BaseException:
            self._zip.discard()
            raise

    def _main(self) -> str:
        return (
            f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
            f'<sheet name="{_NAME}" sheetId="1" r:id="rId1"/></sheets><definedNames>'
            '<definedName name="_xlnm._FilterDatabase" localSheetId="0" hidden="1">'
            f"{_NAME}!{self._area.absolute()}</definedName></definedNames></workbook>"
        )

    def write(self, rows: Rows, added: pa.RecordBatch) -> None:
        """Write some rows; an added column takes the place of one with its name."""
        columns = [values(column) for column in rows.cells.columns]
        columns += [[]] * (len(self._names) - len(columns))
        for place, column in zip(self._places, added.columns, strict=True):
            columns[place] = values(column)
        self._begin(columns)
        self._zip.write("".join(self._line(cells) for cells in zip(*columns, strict=True)).encode())

    def _begin(self, columns: Sequence[Sequence[Any]]) -> None:
        """Begin the sheet, once something is known of what its columns hold."""
        if self._begun:
            return
        self._begun = True
        widths = {
            number: _WIDE if any(isinstance(each, str) and len(each) > _LONG for each in column)
            else max(_WIDTH, min(len(name) + 4, _WIDE))
            for number, (name, column) in enumerate(zip(self._names, columns, strict=True), 1)
        }  # fmt: skip
        here = sum(40 + 2 * len(str(each)) for column in columns for each in column)
        self._zip.begin(_info(_SHEET), here * self._area.bottom // max(1, len(columns[0])))
        self._zip.write(
            f'{_HEAD}<worksheet xmlns="{_MAIN}"><dimension ref="{self._area}"/><sheetViews>'
            '<sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2"'
            ' activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
            '<sheetFormatPr defaultRowHeight="15"/>'
            f"<cols>{tail.columns(widths)}</cols><sheetData>".encode()
        )
        header = "".join(
            f'<c r="{letters(number)}1" s="{_BOLD}"{self._body(name, number, 1)}'
            for number, name in enumerate(self._names, 1)
        )
        self._zip.write(f'<row r="1">{header}</row>'.encode())

    def _line(self, cells: Sequence[Any]) -> str:
        self._row += 1
        row = self._row
        made = [
            f'<c r="{letters(number)}{row}"{_style(value)}{self._body(value, number, row)}'
            for number, value in enumerate(cells, 1)
            if value is not None
        ]
        return f'<row r="{row}">{"".join(made)}</row>'

    def _body(self, value: Any, number: int, row: int) -> str:
        if not isinstance(value, (int, float)) and serial(value) is None:
            value = shown(value)
            if length(value) > MAX_CELL:
                raise OutputError(
                    f"{self._source}: row {row}, column {self._names[number - 1]!r} has"
                    f" {length(value):,} characters, an Excel cell holds {MAX_CELL:,}; write .csv"
                    " or .parquet."
                )
        return body(value, dated=True)

    def close(self) -> None:
        """End the sheet with its filter and colours."""
        self._begin([[]] * len(self._names))
        office = [number for number, name in enumerate(self._names, 1) if tail.is_office(name)]
        colours = ""
        if office and self._row > 1:
            colours = tail.colouring(Area(office[0], 2, office[0], self._row), 0, 1)
        self._zip.write(
            f'</sheetData><autoFilter ref="{self._area}"/>{colours}</worksheet>'.encode()
        )
        self._zip.end()
        self._zip.close()

    def discard(self) -> None:
        """Let go of the file, unfinished."""
        self._zip.discard()


def _info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    info.compress_type = zipfile.ZIP_DEFLATED
    return info


def _style(value: Any) -> str:
    number = STYLES.get(type(value)) if serial(value) is not None else None
    return f' s="{number}"' if number else ""
