"""The same workbook back: every part that tags do not concern is byte for byte what it was."""

import random
import tracemalloc
import zipfile
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.table import Table

from pipeline import InputError, OutputError
from pipeline.batch import run
from pipeline.job import prepare
from pipeline.tables import open_table, writer_for
from pipeline.tables.excel.edit import Plan, edit
from tests import packages
from tests.old_workbooks import old_workbook
from tests.packages import MAIN, ROWS, contents, one_sheet, package, parts, plain_cells, sheet_of
from tests.test_tables import ADDED, COUNTED, annotate, through

HEADER = ("Ref", "Tittel", "Beskrivelse")


def book_with_everything(path: Path) -> None:
    """A workbook as an HR department has it: pictures, charts, comments, lists, protection."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Stillinger"
    sheet.append(["Stillinger 2027"])
    sheet.merge_cells("A1:H1")
    sheet.append([])
    sheet.append(HEADER)
    for number in range(20):
        sheet.append([f"{number:03}", "Kokk", "uno " * (number % 4)])
    sheet["A4"].comment = Comment("Haster", "HR")
    sheet.freeze_panes = "B4"
    sheet.row_dimensions[7].hidden = True
    sheet.protection.sheet = True
    choice = DataValidation(type="list", formula1='"Kokk,Kelner"')
    choice.add("B4:B23")
    sheet.add_data_validation(choice)
    other = book.create_sheet("Tall")
    for row in [("Måned", "Antall"), ("jan", 3), ("feb", "=B2*2")]:
        other.append(row)
    chart = BarChart()
    chart.add_data(Reference(other, min_col=2, min_row=1, max_row=3), titles_from_data=True)
    other.add_chart(chart, "D2")
    book.save(path)
    with zipfile.ZipFile(path, "a") as zipped:
        zipped.writestr("xl/media/image1.png", bytes(range(256)), zipfile.ZIP_STORED)
        zipped.writestr("xl/slicers/slicer1.xml", "<slicers/>", zipfile.ZIP_DEFLATED)


def replaced(source: Path, output: Path) -> Path:
    """Tag a table again, so that columns of the same names are replaced."""
    reader = open_table(source)
    writer = writer_for(output, source)(output, reader, ADDED)
    names = reader.schema.names
    text = names.index("Beskrivelse") if "Beskrivelse" in names else names.index("description")
    for rows in reader.batches(2):
        batch = pa.record_batch([rows.text(text)], names=["text"])
        writer.write(rows, annotate(batch))
    writer.close()
    return output


def test_all_parts_but_those_that_must_know_come_back_byte_for_byte(tmp_path: Path) -> None:
    source, output = tmp_path / "in.xlsx", tmp_path / "out.xlsx"
    book_with_everything(source)
    assert through(source, output).rows == 20
    before, after = contents(source), contents(output)
    assert list(before) == list(after)
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"xl/worksheets/sheet1.xml", "xl/styles.xml", "xl/workbook.xml"}
    assert {"xl/media/image1.png", "xl/charts/chart1.xml"} <= set(after)
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(output) as new:
        for one, other in zip(old.infolist(), new.infolist(), strict=True):
            assert (one.date_time, one.compress_type) == (other.date_time, other.compress_type)
    xml = sheet_of(output)
    for kept in (
        "sheetProtection",
        "pane ",
        "mergeCells",
        "dataValidations",
        "legacyDrawing ",
    ):
        assert f"<{kept}" in xml
    sheet = openpyxl.load_workbook(output)["Stillinger"]
    assert [cell.value for cell in sheet[3][:5]] == [*HEADER, "office", "p_front"]
    assert [sheet.cell(row, 4).value for row in range(4, 24)] == [f"w{n % 4}" for n in range(20)]
    assert sheet.row_dimensions[7].hidden
    assert sheet["A4"].comment.text == "Haster"
    assert sheet.auto_filter.ref == "A3:E23"


def test_the_same_workbook_gives_the_same_bytes(tmp_path: Path) -> None:
    book_with_everything(tmp_path / "in.xlsx")
    (tmp_path / "in.csv").write_text("text\nuno\n")
    for source in ("in.xlsx", "in.csv"):
        for output in ("a.xlsx", "b.xlsx"):
            through(tmp_path / source, tmp_path / output, overwrite=True)
        assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_what_stands_in_the_sheet_stays_character_for_character(tmp_path: Path) -> None:
    source = one_sheet(tmp_path / "in.xlsx")
    through(source, tmp_path / "out.xlsx")
    xml = sheet_of(tmp_path / "out.xlsx")
    assert '<row r="2"><c r="A2" t="inlineStr"><is><t>Kokk</t></is></c>' in xml
    assert (
        '<c r="B2" t="inlineStr"><is><t>uno dos</t></is></c><c r="C2" t="inlineStr"><is><t>w2</t>'
        '</is></c><c r="D2"><v>0.25</v></c></row>' in xml
    )
    assert '<c r="C1" s="1" t="inlineStr"><is><t>office</t></is></c>' in xml


SHAPES = {
    "prefixed": packages.sheet()
    .replace("<", "<x:").replace("<x:/", "</x:").replace("xmlns=", "xmlns:x="),
    "without places": packages.sheet().replace(' r="', ' data-r="').replace("data-r=", "xml:id="),
    "white space": packages.sheet().replace("><", ">\n  <"),
    "single quotes": packages.sheet().replace('"', "'"),
    "blank row behind": packages.sheet(ROWS + '<row r="4" ht="20"/><row r="9" hidden="1"></row>'),
    "styled blanks": packages.sheet(
        ROWS.replace("</row>", "", 1).replace('<row r="2"', '<c r="D1" s="1"/></row><row r="2"')
    ),
    "comment": packages.sheet(ROWS.replace("<c r=\"B2\"", "<!-- <c r='Z9'/> --><c r=\"B2\"")),
    "extended rows": packages.sheet(ROWS.replace("</row>", "<extLst/></row>")),
    "bom": "\ufeff" + packages.sheet(),
    "declared": '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n' + packages.sheet(),
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_a_sheet_may_be_spelled_in_any_way(tmp_path: Path, shape: str) -> None:
    package(tmp_path / "in.xlsx", parts(SHAPES[shape]))
    assert through(tmp_path / "in.xlsx", tmp_path / "out.xlsx").rows == 2
    sheet_of(tmp_path / "out.xlsx")
    rows = list(openpyxl.load_workbook(tmp_path / "out.xlsx").active.values)
    assert [row[:4] for row in rows[:3]] == [
        ("Tittel", "Beskrivelse", "office", "p_front"),
        ("Kokk", "uno dos", "w2", 0.25),
        ("Kelner", "uno", "w1", 0.125),
    ]
    assert not any(any(row) for row in rows[3:])


def test_rows_that_the_sheet_leaves_out_are_put_in_at_their_place(tmp_path: Path) -> None:
    rows = ROWS.replace('r="3"', 'r="6"').replace("A3", "A6").replace("B3", "B6")
    rows = rows.replace('<row r="6"', '<row r="4"/><row r="6"')
    one_sheet(tmp_path / "in.xlsx", rows)
    assert through(tmp_path / "in.xlsx", tmp_path / "out.xlsx").rows == 5
    cells = plain_cells(sheet_of(tmp_path / "out.xlsx"))
    assert [cells[f"C{row}"] for row in range(1, 7)] == ["office", "w2", "w0", "w0", "w0", "w1"]


def test_chunks_of_any_size_give_the_same_sheet(tmp_path: Path, monkeypatch) -> None:
    book_with_everything(tmp_path / "in.xlsx")
    through(tmp_path / "in.xlsx", tmp_path / "out.xlsx")
    whole = sheet_of(tmp_path / "out.xlsx")
    for size in (1, 7, 100):
        monkeypatch.setattr("pipeline.tables.excel.archive._CHUNK", size)
        through(tmp_path / "in.xlsx", tmp_path / "out.xlsx", overwrite=True)
        assert sheet_of(tmp_path / "out.xlsx") == whole


def peak(rows: int) -> int:
    """Return the most bytes held while a sheet of so many rows is copied."""
    plan = Plan(1, rows + 1, [2], {2: "office"}, {2: 12}, None, None)
    text = "uno dos tres " * 40

    def chunks():
        head, end = packages.sheet("|").split("|")
        yield (head + '<row r="1"><c r="A1" t="s"><v>0</v></c></row>').encode()
        for row in range(2, rows + 2):
            cell = f'<c r="A{row}" t="inlineStr"><is><t>{text}</t></is></c>'
            yield f'<row r="{row}">{cell}</row>'.encode()
        yield end.encode()

    tracemalloc.start()
    copying = edit(chunks(), lambda part: None, plan)
    next(copying)
    for _ in range(rows - 1):
        copying.send(["front"])
    with suppress(StopIteration):
        copying.send(["front"])  # the last row, and what stands behind it
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most


def test_a_long_sheet_is_copied_in_the_memory_of_a_short_one() -> None:
    peak(10)
    assert peak(5_000) < peak(200) + 50_000


COLUMNS = {
    '<cols><col min="1" max="2" width="30"/></cols>':
        '<col min="1" max="2" width="30"/><col min="3"',
    '<cols><col min="2" max="16384" width="9" style="1" hidden="1"/></cols>':
        '<col min="2" max="2" width="9" style="1" hidden="1"/><col min="3" max="3" width="12"'
        ' style="1" customWidth="1"/><col min="4" max="4" width="12" style="1" customWidth="1"/>'
        '<col min="5" max="16384" width="9" style="1" hidden="1"/>',
    '<cols><col min="4" max="4" width="9"></col></cols>':
        '<cols><col min="3" max="3" width="12" customWidth="1"/><col min="4" max="4" width="12"',
    "<cols/>": '<cols><col min="3" max="3" width="12" customWidth="1"/><col min="4" max="4"',
    "<sheetFormatPr/>": "<sheetFormatPr/><cols><col min=\"3\" max=\"3\"",
}  # fmt: skip


@pytest.mark.parametrize("before", COLUMNS)
def test_widths_of_new_columns_never_overlap_those_that_are_there(tmp_path, before: str) -> None:
    one_sheet(tmp_path / "in.xlsx", before=before)
    through(tmp_path / "in.xlsx", tmp_path / "out.xlsx")
    assert COLUMNS[before] in sheet_of(tmp_path / "out.xlsx")


def test_the_size_that_a_sheet_claims_is_widened(tmp_path: Path) -> None:
    one_sheet(tmp_path / "in.xlsx", before='<dimension ref="A1"/>')
    through(tmp_path / "in.xlsx", tmp_path / "out.xlsx")
    assert '<dimension ref="A1:D3"/>' in sheet_of(tmp_path / "out.xlsx")


BEHIND = (
    '<sheetProtection sheet="1"/>{filter}<mergeCells><mergeCell ref="A9:B9"/></mergeCells>'
    '<conditionalFormatting sqref="A2:A3"><cfRule type="cellIs" dxfId="0" priority="7"'
    ' operator="equal"><formula>1</formula></cfRule></conditionalFormatting>'
    '<dataValidations count="1"><dataValidation sqref="A2"/></dataValidations>'
    '<pageMargins left="1" right="1" top="1" bottom="1" header="1" footer="1"/>'
    "<extLst><ext uri='{{x}}'><autoFilter ref='A5:B9'/></ext></extLst>"
)


@pytest.mark.filterwarnings("ignore:Unknown extension")  # openpyxl's, which reads what came out
def test_filter_and_colours_stand_where_the_format_wants_them(tmp_path: Path) -> None:
    one_sheet(tmp_path / "in.xlsx", behind=BEHIND.format(filter=""))
    through(tmp_path / "in.xlsx", tmp_path / "out.xlsx")
    xml = sheet_of(tmp_path / "out.xlsx")
    assert '<sheetProtection sheet="1"/><autoFilter ref="A1:D3"/><mergeCells' in xml
    assert 'sqref="C2:C3"><cfRule type="cellIs" dxfId="0" priority="8"' in xml
    assert "<ext uri='{x}'><autoFilter ref='A5:B9'/></ext>" in xml
    back = openpyxl.load_workbook(tmp_path / "out.xlsx").active
    rules = [rule for area in back.conditional_formatting if str(area.sqref) == "C2:C3"
             for rule in area.rules]  # fmt: skip
    colours = {rule.formula[0]: rule.dxf.fill.bgColor.rgb for rule in rules}
    assert colours == {'"front"': "FFC6EFCE", '"back"': "FFDDEBF7", '"review"': "FFFFEB9C"}


def test_a_filter_that_is_there_is_widened_with_what_it_hides(tmp_path: Path) -> None:
    criteria = '<filterColumn colId="0"><filters><filter val="Kokk"/></filters></filterColumn>'
    behind = BEHIND.format(filter=f'<autoFilter ref="A1:B3">{criteria}</autoFilter>')
    one_sheet(tmp_path / "in.xlsx", behind=behind)
    through(tmp_path / "in.xlsx", tmp_path / "out.xlsx")
    assert f'<autoFilter ref="A1:D3">{criteria}</autoFilter>' in sheet_of(tmp_path / "out.xlsx")
    main = contents(tmp_path / "out.xlsx")["xl/workbook.xml"].decode()
    assert (
        '<definedNames><definedName name="_xlnm._FilterDatabase" localSheetId="0" hidden="1">'
        "'Jan''s &amp; Co'!$A$1:$D$3</definedName></definedNames></workbook>" in main
    )


def test_a_filter_over_other_rows_is_left_alone(tmp_path: Path) -> None:
    behind = BEHIND.format(filter='<autoFilter ref="A2:B3"/>')
    one_sheet(tmp_path / "in.xlsx", behind=behind)
    through(tmp_path / "in.xlsx", tmp_path / "out.xlsx")
    assert '<autoFilter ref="A2:B3"/>' in sheet_of(tmp_path / "out.xlsx")
    assert b"_FilterDatabase" not in contents(tmp_path / "out.xlsx")["xl/workbook.xml"]


def book_with_table(path: Path, columns: str = "A1:B3", **attributes: str) -> Path:
    names = ("Tittel", "Beskrivelse")
    more = "".join(f' {name}="{value}"' for name, value in attributes.items())
    table = (
        f'<table xmlns="{MAIN}" id="1" name="T" displayName="T" ref="{columns}"{more}>'
        f'<autoFilter ref="A1:B3"/><tableColumns count="2">'
        + "".join(f'<tableColumn id="{5 - n}" name="{name}"/>' for n, name in enumerate(names))
        + '</tableColumns><tableStyleInfo name="TableStyleMedium2"/></table>'
    )
    xml = packages.sheet(behind='<tableParts count="1"><tablePart r:id="rId9"/></tableParts>')
    more_parts = {
        "xl/worksheets/_rels/sheet1.xml.rels": packages.relations(
            ("rId9", "table", "../tables/table1.xml")
        ),
        "xl/tables/table1.xml": table,
    }
    return package(path, parts(xml) | more_parts)


def test_a_table_of_excel_grows_by_the_new_columns(tmp_path: Path) -> None:
    book_with_table(tmp_path / "in.xlsx")
    through(tmp_path / "in.xlsx", tmp_path / "out.xlsx")
    part = contents(tmp_path / "out.xlsx")["xl/tables/table1.xml"].decode()
    packages.check_table(part, ["Tittel", "Beskrivelse", "office", "p_front"])
    assert 'ref="A1:D3"><autoFilter ref="A1:D3"/>' in part
    assert "<autoFilter" not in sheet_of(tmp_path / "out.xlsx")  # two filters may not overlap
    assert openpyxl.load_workbook(tmp_path / "out.xlsx").active.tables["T"].ref == "A1:D3"


def test_a_table_that_shows_a_query_does_not_grow(tmp_path: Path) -> None:
    book_with_table(tmp_path / "in.xlsx", tableType="queryTable")
    through(tmp_path / "in.xlsx", tmp_path / "out.xlsx")
    before, after = contents(tmp_path / "in.xlsx"), contents(tmp_path / "out.xlsx")
    assert before["xl/tables/table1.xml"] == after["xl/tables/table1.xml"]
    assert "<autoFilter" not in sheet_of(tmp_path / "out.xlsx")


def test_a_table_gets_no_two_columns_that_excel_takes_for_one(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in [("Beskrivelse", "Office"), ("uno", "Oslo")]:
        book.active.append(row)
    book.active.add_table(Table(displayName="T", ref="A1:B2"))
    book.save(tmp_path / "in.xlsx")
    through(tmp_path / "in.xlsx", tmp_path / "out.xlsx")
    names = ["Beskrivelse", "Office", "frontback_office", "p_front"]
    packages.check_table(contents(tmp_path / "out.xlsx")["xl/tables/table1.xml"].decode(), names)
    back = openpyxl.load_workbook(tmp_path / "out.xlsx").active
    assert [cell.value for cell in back[1]] == names


def test_a_row_of_totals_is_no_posting(tmp_path: Path) -> None:
    book_with_table(tmp_path / "in.xlsx", totalsRowCount="1")
    assert through(tmp_path / "in.xlsx", tmp_path / "out.xlsx").rows == 1
    cells = plain_cells(sheet_of(tmp_path / "out.xlsx"))
    assert cells["C2"] == "w2"
    assert "C3" not in cells


def test_a_table_beside_the_postings_is_not_run_into(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in [
        ("Beskrivelse", None, "Kode", "Navn"),
        ("uno", None, 1, "A"),
        ("dos", None, 2, "B"),
    ]:
        book.active.append(row)
    book.active.add_table(Table(displayName="Koder", ref="C1:D3"))
    book.save(tmp_path / "in.xlsx")
    through(tmp_path / "in.xlsx", tmp_path / "out.xlsx")
    rows = list(openpyxl.load_workbook(tmp_path / "out.xlsx").active.values)
    assert rows[1] == ("uno", None, 1, "A", "w1", 0.125)
    assert "<autoFilter" not in sheet_of(tmp_path / "out.xlsx")


def test_tagged_again_the_columns_are_replaced_where_they_stand(tmp_path: Path) -> None:
    source = one_sheet(tmp_path / "in.xlsx")
    through(source, tmp_path / "one.xlsx")
    replaced(tmp_path / "one.xlsx", tmp_path / "two.xlsx")
    assert contents(tmp_path / "one.xlsx") == contents(tmp_path / "two.xlsx")


def test_a_column_in_the_middle_is_replaced_with_its_formats(tmp_path: Path) -> None:
    rows = (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>office</t></is></c><c r="B1" t="inlineStr"><is>'
        '<t>Beskrivelse</t></is></c></row><row r="2"><c r="A2" s="1"><f>1+1</f><v>2</v></c>'
        '<c r="B2" t="inlineStr"><is><t>uno dos</t></is></c></row>'
        '<row r="3"><c r="B3" t="inlineStr"><is><t>uno</t></is></c></row>'
    )
    more = {
        "xl/calcChain.xml": f'<calcChain xmlns="{MAIN}"><c r="A2" i="1"/></calcChain>',
        "xl/_rels/workbook.xml.rels": packages.relations(
            ("rId1", "worksheet", "worksheets/sheet1.xml"), ("rId2", "styles", "styles.xml"),
            ("rId3", "calcChain", "calcChain.xml"),
        ),
    }  # fmt: skip
    package(tmp_path / "in.xlsx", parts(packages.sheet(rows)) | more)
    replaced(tmp_path / "in.xlsx", tmp_path / "out.xlsx")
    xml = sheet_of(tmp_path / "out.xlsx")
    assert '<c r="A2" s="1" t="inlineStr"><is><t>w2</t></is></c><c r="B2"' in xml
    assert '<row r="3"><c r="A3" t="inlineStr"><is><t>w1</t></is></c><c r="B3"' in xml
    assert '<row r="1"><c r="A1" t="inlineStr"><is><t>office</t></is></c><c r="B1"' in xml
    after = contents(tmp_path / "out.xlsx")
    assert "xl/calcChain.xml" not in after  # it would name a cell that has no formula any more
    assert b"calcChain" not in after["xl/_rels/workbook.xml.rels"]


def test_macros_stay_in_a_workbook_that_keeps_its_kind(tmp_path: Path) -> None:
    content: dict = parts(packages.sheet(), main="sheet.main")
    content["[Content_Types].xml"] = content["[Content_Types].xml"].replace(
        f"{packages.TYPE}.sheet.main+xml", "application/vnd.ms-excel.sheet.macroEnabled.main+xml"
    )
    content["xl/vbaProject.bin"] = bytes(range(256))
    source = package(tmp_path / "in.xlsm", content)
    through(source, tmp_path / "out.xlsm")
    assert contents(tmp_path / "out.xlsm")["xl/vbaProject.bin"] == bytes(range(256))
    with pytest.raises(OutputError, match=r"keeps them only as \.xlsm; give the output that"):
        through(source, tmp_path / "out.xlsx")
    through(source, tmp_path / "out.csv")
    one_sheet(tmp_path / "in.xlsx")
    with pytest.raises(OutputError, match=r"has no macros to keep; give the output \.xlsx"):
        through(tmp_path / "in.xlsx", tmp_path / "new.xlsm")
    assert not (tmp_path / "new.xlsm").exists()


def test_a_signature_that_will_not_hold_is_said(tmp_path: Path) -> None:
    package(tmp_path / "in.xlsx", parts(packages.sheet()) | {"_xmlsignatures/sig1.xml": "<a/>"})
    assert "digitally signed" in open_table(tmp_path / "in.xlsx").notes[0]


@pytest.mark.parametrize("name", ["out.xls", "out.ods"])
def test_kinds_that_are_only_read_are_not_written(tmp_path: Path, name: str) -> None:
    one_sheet(tmp_path / "in.xlsx")
    with pytest.raises(OutputError, match=r"is not written here; name it \.xlsx"):
        through(tmp_path / "in.xlsx", tmp_path / name)


def test_cells_are_read_as_what_they_are(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    names = ["Beskrivelse", "whole", "part", "day", "moment", "clock", "span", "yes", "mixed"]
    day, at = date(2027, 1, 2), datetime(2027, 1, 2, 8, 30)
    book.active.append(names)
    book.active.append(["uno", 7, 1.5, day, at, time(8, 30), timedelta(hours=30), True, 7])
    book.active.append(["dos", 8, 2, day, day, time(9), timedelta(hours=1), False, "007"])
    book.save(tmp_path / "in.xlsx")
    reader = open_table(tmp_path / "in.xlsx")
    (rows,) = reader.batches(9)
    first, second = rows.cells.to_pylist()
    assert list(first.values()) == ["uno", 7, 1.5, day, at, time(8, 30), timedelta(hours=30),
                                    True, "7"]  # fmt: skip
    assert (second["mixed"], second["moment"]) == ("007", datetime(2027, 1, 2))
    assert reader.schema.field("whole").type == pa.int64()
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    book.save(tmp_path / "mac.xlsx")
    (rows,) = open_table(tmp_path / "mac.xlsx").batches(9)
    assert rows.cells.column("day")[0].as_py().year in (2027, 2031)


def test_days_counted_from_1904_are_the_days_that_are_shown(tmp_path: Path) -> None:
    content = parts(packages.sheet(ROWS.replace("</row>", '<c r="C2" s="1"><v>10</v></c></row>', 2)
                    .replace('<c r="C2" s="1"><v>10</v></c></row>', "</row>", 1)))  # fmt: skip
    content["xl/workbook.xml"] = content["xl/workbook.xml"].replace(
        "<sheets>", '<workbookPr date1904="1"/><sheets>'
    )
    content["xl/styles.xml"] = content["xl/styles.xml"].replace(
        "<xf/><xf/></cellXfs>", '<xf/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs>'
    )
    package(tmp_path / "in.xlsx", content)
    (rows,) = open_table(tmp_path / "in.xlsx").batches(9)
    assert rows.cells.column(2).to_pylist() == [date(1904, 1, 11), None]


def test_errors_in_cells_are_kept_as_what_they_say(tmp_path: Path) -> None:
    cell = '<c r="B3" t="e"><f>1/0</f><v>#DIV/0!</v></c>'
    rows = ROWS.replace('<c r="B3" t="inlineStr"><is><t>uno</t></is></c>', cell)
    one_sheet(tmp_path / "in.xlsx", rows)
    (batch,) = open_table(tmp_path / "in.xlsx").batches(9)
    assert batch.text(1).to_pylist() == ["uno dos", "#DIV/0!"]
    through(tmp_path / "in.xlsx", tmp_path / "out.xlsx")
    assert cell in sheet_of(tmp_path / "out.xlsx")


def test_merged_and_hidden_rows_are_rows_like_others(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in [("Beskrivelse",), ("uno",), (None,), ("uno dos",)]:
        book.active.append(row)
    book.active.merge_cells("A2:A3")
    book.active.row_dimensions[4].hidden = True
    book.save(tmp_path / "in.xlsx")
    assert through(tmp_path / "in.xlsx", tmp_path / "out.xlsx").rows == 3
    back = openpyxl.load_workbook(tmp_path / "out.xlsx").active
    assert [back.cell(row, 2).value for row in range(1, 5)] == ["office", "w1", "w0", "w2"]
    assert str(back.merged_cells) == "A2:A3"


def test_a_title_that_is_merged_over_the_table_moves_nothing(tmp_path: Path) -> None:
    book_with_everything(tmp_path / "in.xlsx")  # the title is merged to H, the table ends at C
    through(tmp_path / "in.xlsx", tmp_path / "out.xlsx")
    assert plain_cells(sheet_of(tmp_path / "out.xlsx"))["D3"] == "office"


def test_a_column_of_many_blanks_before_the_table_stays_blank(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active["C3"], book.active["D3"] = "Tittel", "Beskrivelse"
    book.active["C4"], book.active["D4"] = "Kokk", "uno dos"
    book.save(tmp_path / "in.xlsx")
    assert open_table(tmp_path / "in.xlsx").schema.names == ["", "", "Tittel", "Beskrivelse"]
    through(tmp_path / "in.xlsx", tmp_path / "out.xlsx")
    cells = plain_cells(sheet_of(tmp_path / "out.xlsx"))
    assert (cells["E3"], cells["E4"]) == ("office", "w2")
    assert '<autoFilter ref="C3:F4"/>' in sheet_of(tmp_path / "out.xlsx")


def test_an_opendocument_is_read_and_written_as_a_new_workbook(tmp_path: Path) -> None:
    package(tmp_path / "in.ods", opendocument([("Tittel", "Beskrivelse"), ("Kokk", "uno dos")]))
    assert through(tmp_path / "in.ods", tmp_path / "out.xlsx").rows == 1
    rows = list(openpyxl.load_workbook(tmp_path / "out.xlsx").active.values)
    assert rows[1] == ("Kokk", "uno dos", "w2", 0.25)


def opendocument(rows: list[tuple[str, ...]], repeated: str = "", manifest: str = "") -> dict:
    cells = "".join(
        f"<table:table-row{repeated}>"
        + "".join(
            f'<table:table-cell office:value-type="string"{repeated.replace("rows", "columns")}>'
            f"<text:p>{cell}</text:p></table:table-cell>"
            for cell in row
        )
        + "</table:table-row>"
        for row in rows
    )
    name = "urn:oasis:names:tc:opendocument:xmlns"
    return {
        "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
        "META-INF/manifest.xml": f"<manifest>{manifest}</manifest>",
        "content.xml": (
            f'<office:document-content xmlns:office="{name}:office:1.0" xmlns:table="{name}'
            f':table:1.0" xmlns:text="{name}:text:1.0"><office:body><office:spreadsheet>'
            f'<table:table table:name="S">{cells}</table:table></office:spreadsheet></office:body>'
            "</office:document-content>"
        ),
    }


def test_an_old_workbook_is_read_and_written_as_a_new_one(tmp_path: Path) -> None:
    rows = [("Tittel", "Beskrivelse", "Nr"), ("Kokk", "uno dos", 7.0), ("Kelner", "uno", 8.0)]
    for name in ("in.xls", "misnamed.xlsx"):
        (tmp_path / name).write_bytes(old_workbook(rows))
        assert through(tmp_path / name, tmp_path / "out.xlsx", overwrite=True).rows == 2
        back = list(openpyxl.load_workbook(tmp_path / "out.xlsx").active.values)
        assert back[1] == ("Kokk", "uno dos", 7, "w2", 0.25)


def test_a_damaged_old_workbook_is_read_or_refused(tmp_path: Path, capfd) -> None:
    content = old_workbook([("Tittel", "Beskrivelse"), ("Kokk", "uno dos")])
    chance = random.Random(5)
    for _ in range(300):
        damaged = bytearray(content)
        for _ in range(chance.choice([1, 4, 30])):
            at = chance.choice([chance.randrange(len(damaged)), chance.randrange(1800)])
            damaged[at] = chance.choice([0, 255, chance.randrange(256)])
        (tmp_path / "in.xls").write_bytes(damaged)
        with suppress(InputError):
            open_table(tmp_path / "in.xls")
    assert capfd.readouterr().err == ""


def test_a_new_workbook_has_types_filter_colours_and_a_header_that_stays(tmp_path: Path) -> None:
    table = pa.table(
        {
            "description": ["=1+1", "http://a.no", "_x0041_ \x00\x0b"],
            "day": [date(2027, 1, 2), None, date(1850, 1, 1)],
            "at": [datetime(2027, 1, 2, 8, 30)] * 3,
            "span": [timedelta(hours=30), None, timedelta(days=-1)],
            "many": [2**60, 1, None],
            "clock": [time(8, 30)] * 3,
        }
    )
    pq.write_table(table, tmp_path / "in.parquet")
    through(tmp_path / "in.parquet", tmp_path / "out.xlsx")
    sheet_of(tmp_path / "out.xlsx")
    back = openpyxl.load_workbook(tmp_path / "out.xlsx").active
    rows = list(back.values)
    assert rows[1] == ("=1+1", datetime(2027, 1, 2), datetime(2027, 1, 2, 8, 30),
                       timedelta(hours=30), "1152921504606846976", time(8, 30), "w1",
                       0.125)  # fmt: skip
    assert back["A2"].data_type == "s"
    assert back["A3"].hyperlink is None
    assert rows[3][1:4] == ("1850-01-01", datetime(2027, 1, 2, 8, 30), "-1 day, 0:00:00")
    assert (back.freeze_panes, back.auto_filter.ref) == ("A2", "A1:H4")
    assert [str(area.sqref) for area in back.conditional_formatting] == ["G2:G4"]
    (again,) = open_table(tmp_path / "out.xlsx").batches(9)
    assert again.cells.column("description")[2].as_py() == "_x0041_ \ufffd\ufffd"


def test_a_new_workbook_takes_a_column_in_place_too(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("office,description\nold,uno\nold,dos\n")
    replaced(tmp_path / "in.csv", tmp_path / "out.xlsx")
    rows = list(openpyxl.load_workbook(tmp_path / "out.xlsx").active.values)
    assert rows[1:] == [("w1", "uno", 0.125), ("w1", "dos", 0.125)]


def test_a_cell_at_the_limit_of_excel_is_written_and_read(tmp_path: Path) -> None:
    pq.write_table(pa.table({"text": ["x" * 32_767, "😀" * 16_384]}), tmp_path / "in.parquet")
    with pytest.raises(OutputError, match="row 3, column 'text' has 32,768 characters"):
        through(tmp_path / "in.parquet", tmp_path / "out.xlsx")
    pq.write_table(pa.table({"text": ["x" * 32_767, "😀" * 16_383]}), tmp_path / "in.parquet")
    through(tmp_path / "in.parquet", tmp_path / "out.xlsx")
    (rows,) = open_table(tmp_path / "out.xlsx").batches(9)
    assert [len(text) for text in rows.text(0).to_pylist()] == [32_767, 16_383]


def lying(path: Path) -> Path:
    """A workbook whose sheet unpacks to more than the zip says."""
    one_sheet(path)
    size = len(contents(path)["xl/worksheets/sheet1.xml"])
    told = (size - 100).to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(size.to_bytes(4, "little"), told))
    return path


def bomb(path: Path) -> Path:
    return package(path, parts(packages.sheet()) | {"xl/media/a.bin": bytes(70 * 2**20)})


def overlapping(path: Path) -> Path:
    """Two entries that share their bytes."""
    one_sheet(path)
    with zipfile.ZipFile(path, "a") as zipped:
        twin = zipped.getinfo("xl/styles.xml")
        other = zipfile.ZipInfo("xl/more.xml", twin.date_time)
        for name in ("compress_type", "CRC", "file_size", "compress_size", "header_offset"):
            setattr(other, name, getattr(twin, name))
        zipped.filelist.append(other)
        zipped.NameToInfo[other.filename] = other
        zipped._didModify = True
    return path


def encrypted_zip(path: Path) -> Path:
    content = bytearray(one_sheet(path).read_bytes())
    for at in range(len(content)):
        if content[at : at + 4] == b"PK\x01\x02":
            content[at + 8] |= 1
    path.write_bytes(content)
    return path


def write(content: bytes):
    return lambda path: path.write_bytes(content)


def with_part(**changed: str):
    names = {"sheet": "xl/worksheets/sheet1.xml", "main": "xl/workbook.xml", "up": "../up.xml"}
    return lambda path: package(
        path, parts(packages.sheet()) | {names[name]: part for name, part in changed.items()}
    )


def missing_part(name: str):
    def make(path: Path) -> Path:
        content = parts(packages.sheet())
        del content[name]
        return package(path, content)

    return make


def shared_texts(path: Path, cells: int) -> Path:
    """A workbook in which many cells share one long text."""
    row = '<row r="{0}"><c r="A{0}" t="s"><v>0</v></c></row>'
    head = '<row r="1"><c r="A1" t="inlineStr"><is><t>Beskrivelse</t></is></c></row>'
    rows = head + "".join(row.format(number) for number in range(2, cells + 2))
    content = parts(packages.sheet(rows))
    content["xl/_rels/workbook.xml.rels"] = packages.relations(
        ("rId1", "worksheet", "worksheets/sheet1.xml"),
        ("rId3", "sharedStrings", "sharedStrings.xml"),
    )
    texts = "".join(f"<si><t>{text}</t></si>" for text in ("uno " * 8_000 + "dos", "x"))
    content["xl/sharedStrings.xml"] = f'<sst xmlns="{MAIN}">{texts}</sst>'
    return package(path, content)


def test_texts_that_cells_share_are_read_while_they_fit(tmp_path: Path) -> None:
    reader = open_table(shared_texts(tmp_path / "in.xlsx", 100))
    (rows,) = reader.batches(200)
    assert {len(text) for text in rows.text(0).to_pylist()} == {32_003}


FAR = packages.sheet(ROWS + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')
DOCTYPE = '<!DOCTYPE x [<!ENTITY a "b">]>'
REFUSED = {
    "bomb.xlsx": (bomb, "a zip bomb (xl/media/a.bin unpacks to far more than it should)"),
    "lying.xlsx": (lying, "a zip bomb (xl/worksheets/sheet1.xml unpacks to far more"),
    "overlapping.xlsx": (overlapping, "a zip bomb"),
    "encrypted.xlsx": (encrypted_zip, "password-protected"),
    "up.xlsx": (with_part(up="<a/>"), "'../up.xml', which leads out of the file"),
    "doctype.xlsx": (with_part(sheet=DOCTYPE + packages.sheet()), "declares a document type"),
    "far.xlsx": (with_part(sheet=FAR), "a cell far from the rest (XFD1048576"),
    "torn sheet.xlsx": (with_part(sheet=packages.sheet()[:-9]), "not a readable .xlsx"),
    "utf-16.xlsx": (
        lambda path: package(
            path, parts("") | {"xl/worksheets/sheet1.xml": packages.sheet().encode("utf-16")}
        ),
        "not a readable .xlsx",
    ),
    "no sheets.xlsx": (
        with_part(main=f'<workbook xmlns="{MAIN}"><sheets/></workbook>'), "no sheet with cells",
    ),
    "no workbook.xlsx": (missing_part("xl/workbook.xml"), "a zip file and no workbook"),
    "no sheet part.xlsx": (missing_part("xl/worksheets/sheet1.xml"), "no sheet with cells"),
    "document.xlsx": (
        lambda path: package(path, {"word/document.xml": "<a/>"}), "a zip file and no workbook",
    ),
    "shared.xlsx": (
        lambda path: shared_texts(path, 300_000), "share long texts that come to more than 1 GB",
    ),
    "page.xls": (write(b"\xef\xbb\xbf\r\n<HTML><body><table><tr><td>a"), "really a web page"),
    "page.xlsx": (write(b'<?xml version="1.0"?><html xmlns="x">'), "really a web page"),
    "xml2003.xls": (
        write(b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:'
              b'spreadsheet">'),
        "really an Excel 2003 XML file",
    ),
    "tabs.xls": (write(b"title\tdescription\nA\tuno\n"), "a text table, whatever its name; rename"
                 " it to .tsv"),
    "tabs16.xls": (write("title\tdescription\n".encode("utf-16")), "rename it to .tsv"),
    "commas.xlsx": (write(b"title,description\nA,uno\n"), "rename it to .csv"),
    "archive.xls": (write(b"MIME-Version: 1.0\nX: y\n"), "a web archive (.mht)"),
    "biff4.xls": (write(b"\x09\x04\x06\x00\x00\x00\x10\x00"), "a workbook of Excel before 97"),
    "locked.xls": (write(old_workbook([("a",)], locked=True)), "password-protected"),
    "far.xls": (write(old_workbook([("a",)], far=True)), "a cell far from the rest (BGDL65535"),
    "inverted.xls": (
        write(old_workbook([("Beskrivelse",), ("a",)]).replace(
            b"\x04\x02\x0a\x00\x01\x00\x00\x00", b"\x00\x02\x0a\x00\x02\x00\x01\x00"
        )),
        "no readable workbook",
    ),
    "letter.xls": (write(b"\xd0\xcf\x11\xe0" + bytes(600)), "an Office file of the old kind"),
    "secret.ods": (
        lambda path: package(path, opendocument([("a",)], manifest="<encryption-data/>")),
        "password-protected",
    ),
    "repeated.ods": (  # calamine would hold each of 40 texts 40,000 times
        lambda path: package(
            path, opendocument([("x" * 1_000,)] * 40, ' table:number-rows-repeated="200"')
        ),
        "share long texts that come to more than 1 GB",
    ),
    "wide.ods": (
        lambda path: package(
            path, opendocument([("Beskrivelse",)], ' table:number-rows-repeated="99999"')
        ),
        "a cell far from the rest",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_must_not_be_opened_is_refused_by_name(tmp_path: Path, name: str) -> None:
    make, sentence = REFUSED[name]
    make(tmp_path / name)
    with pytest.raises(InputError) as refusal:
        open_table(tmp_path / name)
    assert str(refusal.value).startswith(f"{tmp_path / name}: ")
    assert sentence in str(refusal.value)
    assert str(refusal.value).endswith(".")


@pytest.mark.filterwarnings("ignore")  # openpyxl is not asked here
def test_parts_that_are_damaged_are_read_or_refused(tmp_path: Path) -> None:
    book_with_table(tmp_path / "whole.xlsx")
    whole, chance = contents(tmp_path / "whole.xlsx"), random.Random(7)
    signs = [b"<", b">", b'"', b"/", b"", b"A", b"0", b"-1", b"99999999999", b":", b"\xff", b"\0"]
    outcomes, refusals = set(), []
    for _ in range(400):
        name = chance.choice(sorted(whole))
        part = bytearray(whole[name])
        for _ in range(chance.choice([1, 1, 3])):
            at = chance.randrange(len(part))
            part[at : at + chance.choice([0, 1, 1, 20])] = chance.choice(signs)
        package(tmp_path / "in.xlsx", whole | {name: bytes(part)})
        try:
            through(tmp_path / "in.xlsx", tmp_path / "out.xlsx", overwrite=True)
            outcomes.add("read")
        except (InputError, OutputError) as refusal:
            outcomes.add("refused")
            refusals.append(str(refusal))
    assert all(refusal.startswith(f"{tmp_path / 'in.xlsx'}: ") for refusal in refusals)
    assert outcomes == {"read", "refused"}


def test_a_far_cell_on_another_sheet_hinders_nobody(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in [("Tittel", "Beskrivelse"), ("Kokk", "uno")]:
        book.active.append(row)
    other = book.create_sheet("Far")
    other["A1"], other["XFD1048576"] = 1, 1
    book.save(tmp_path / "in.xlsx")
    assert through(tmp_path / "in.xlsx", tmp_path / "out.xlsx").rows == 1


def test_rows_that_are_out_of_order_are_read_but_not_written_back(tmp_path: Path) -> None:
    rows = ROWS.replace('"3"', '"9"').replace('"2"', '"3"').replace('"9"', '"2"')
    one_sheet(tmp_path / "in.xlsx", rows.replace("A2", "A9").replace("A3", "A2").replace("A9", "A3")
              .replace("B2", "B9").replace("B3", "B2").replace("B9", "B3"))  # fmt: skip
    through(tmp_path / "in.xlsx", tmp_path / "out.csv")
    with pytest.raises(OutputError, match="are not in order; open it in Excel and save it again"):
        through(tmp_path / "in.xlsx", tmp_path / "out.xlsx")


def test_a_workbook_that_changes_while_it_is_read_is_an_input_error(tmp_path: Path) -> None:
    one_sheet(tmp_path / "in.xlsx")
    job = prepare(tmp_path / "in.xlsx", tmp_path / "out.xlsx")
    one_sheet(tmp_path / "in.xlsx", ROWS.replace("Kokk", "Kjøkkensjef"))
    with pytest.raises(InputError, match="changed or disappeared while it was read"):
        run(job, COUNTED)
    assert not (tmp_path / "out.xlsx").exists()


texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]) | st.sampled_from(" <&_x"),
                max_size=8)  # fmt: skip
values = st.one_of(st.none(), texts, st.integers(-(10**9), 10**9), st.booleans(),
                   st.dates(date(1950, 1, 1), date(2100, 1, 1)))  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(st.tuples(values, values, texts), min_size=1, max_size=6),
    above=st.integers(0, 2),
    left=st.integers(0, 2),
)
def test_any_sheet_keeps_its_cells_and_gets_a_tag_in_each_row(
    tmp_path_factory, rows, above, left
) -> None:
    folder = tmp_path_factory.mktemp("book")
    book = openpyxl.Workbook()
    sheet = book.active
    clean = [[_legal(cell) for cell in row] for row in rows]
    clean[-1][2] = clean[-1][2] or "end"
    for down, row in enumerate([["a", "b", "Beskrivelse"], *clean], 1 + above):
        for across, cell in enumerate(row, 1 + left):
            if cell is not None:
                made = sheet.cell(down, across, cell)
                if isinstance(cell, str):
                    made.data_type = "s"
    book.save(folder / "in.xlsx")
    assert through(folder / "in.xlsx", folder / "out.xlsx").rows == len(rows)
    sheet_of(folder / "out.xlsx")
    before = openpyxl.load_workbook(folder / "in.xlsx").active
    after = openpyxl.load_workbook(folder / "out.xlsx").active
    for row in before.iter_rows():
        for cell in row:
            assert after[cell.coordinate].value == cell.value
    tags = [after.cell(2 + above + n, 4 + left).value for n in range(len(rows))]
    assert tags == [f"w{len((row[2] or '').split())}" for row in clean]


def _legal(cell):
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    if not isinstance(cell, str):
        return cell
    bare = ILLEGAL_CHARACTERS_RE.sub("", cell).replace("\r", "").replace("\ufffe", "")
    return bare.replace("\uffff", "").replace("_x", "x")
