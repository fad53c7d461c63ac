"""Tables come back as they were, in every kind and across kinds."""

import csv
import io
import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import InputError, OutputError
from pipeline.annotate import Annotation
from pipeline.batch import Summary, run
from pipeline.job import prepare
from pipeline.tables import open_table
from pipeline.tables.formulas import undo

ADDED = pa.schema([pa.field("office", pa.string()), pa.field("p_front", pa.float64())])


def annotate(batch: pa.RecordBatch) -> pa.RecordBatch:
    """A tagger that counts words, so that a shifted row would show."""
    words = [len((text or "").split()) for text in batch.column("text").to_pylist()]
    return pa.record_batch([pa.array([f"w{n}" for n in words]), pa.array([n / 8 for n in words])],
                           schema=ADDED)  # fmt: skip


COUNTED = Annotation(annotate, ADDED, ("office", "p_front"))


def through(source: Path, output: Path, **options) -> Summary:
    return run(prepare(source, output, **options), COUNTED)


def test_a_csv_comes_back_byte_for_byte_with_the_new_cells_behind(tmp_path: Path) -> None:
    source, output = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_bytes(
        "Ref;Tittel;Beskrivelse;Lønn\r\n"
        '0012;"Kokk ""A""";to ord;1.234,50\r\n'
        "\r\n"
        '0013;Kelner;"tre ord\r\nher; ja"; 007 \r\n'
        ";;;\r\n".encode("cp1252")
    )
    summary = through(source, output)
    assert output.read_bytes().decode("cp1252") == (
        "Ref;Tittel;Beskrivelse;Lønn;office;p_front\r\n"
        '0012;"Kokk ""A""";to ord;1.234,50;w2;0,25\r\n'
        "\r\n"
        '0013;Kelner;"tre ord\r\nher; ja"; 007 ;w4;0,5\r\n'
        ";;;;w0;0\r\n"
    )
    assert summary.rows == 3


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_dialect_is_found_and_kept(tmp_path, encoding, newline, delimiter) -> None:
    rows = [["Título", "Descripción"], ["Añil", "uno dos"], ["Çedilla", "uno"]]
    text = newline.join(delimiter.join(row) for row in rows)  # no line end at the very end
    source, output = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_bytes(text.encode(encoding))
    through(source, output)
    added = [["office", "p_front"], ["w2", "0.25"], ["w1", "0.125"]]
    if delimiter == ";":  # the decimal sign of those who part cells so
        added = [[cell.replace(".", ",") for cell in row] for row in added]
    expected = newline.join(delimiter.join(a + b) for a, b in zip(rows, added, strict=True))
    assert output.read_bytes() == expected.encode(encoding)


def test_a_sep_line_declares_the_delimiter_and_stays(tmp_path: Path) -> None:
    source, output = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("sep=|\ntitle|description\na,b|c,d\n", newline="")
    through(source, output)
    assert output.read_text() == "sep=|\ntitle|description|office|p_front\na,b|c,d|w1|0.125\n"


def test_ragged_rows_stay_and_their_tags_stand_in_the_tag_columns(tmp_path: Path) -> None:
    source, output = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("title,description,x\na,b\nc,d,e,f\ng,h,i\n")
    reader = open_table(source)
    assert reader.notes == ["2 rows have more or fewer cells than the header (lines 2, 3); kept"]
    through(source, output)
    rows = list(csv.reader(output.read_text().splitlines()))
    assert rows[0] == ["title", "description", "x", "", "office", "p_front"]
    assert [row[4] for row in rows[1:]] == ["w1", "w1", "w1"]
    assert rows[2][:4] == ["c", "d", "e", "f"]


letters = st.characters(codec="utf-8", exclude_categories=["Cc"])
cells = st.text(letters | st.sampled_from("\n\r\t\";,|'= "), max_size=12)


@settings(max_examples=120, deadline=None)
@given(
    rows=st.lists(st.lists(cells, min_size=3, max_size=3), min_size=1, max_size=8),
    delimiter=st.sampled_from(",;\t|"),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_any_csv_keeps_its_cells_and_rows(tmp_path_factory, rows, delimiter, quoting) -> None:
    folder = tmp_path_factory.mktemp("csv")
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, quoting=quoting)
    writer.writerows([["id", "title", "description"], *rows])
    (folder / "in.csv").write_bytes(text.getvalue().encode())
    through(folder / "in.csv", folder / "out.csv")
    with (folder / "out.csv").open(encoding="utf-8", newline="") as file:
        back = list(csv.reader(file, delimiter=delimiter))
    assert [row[:3] for row in back[1:]] == rows
    assert [row[3] for row in back[1:]] == [f"w{len(row[2].split())}" for row in rows]


def test_a_workbook_keeps_formulas_formats_and_other_sheets(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Eksport fra i går"])
    sheet.append([])
    sheet.append(["Ref", "Stillingstittel", "Beskrivelse", "Lønn", "Frist", "Sum"])
    sheet.append(["007", "Kokk", "ett to tre", 500000.5, datetime(2027, 1, 2), "=D4*2"])
    sheet.append(["008", "Kelner", None, 1, datetime(2027, 1, 3), "=D5*2"])
    sheet["D4"].number_format = "#,##0"
    sheet.column_dimensions["C"].width = 77
    book.create_sheet("Annet")["A1"] = "rør meg ikke"
    book.save(tmp_path / "in.xlsx")
    summary = through(tmp_path / "in.xlsx", tmp_path / "out.xlsx")
    assert summary.rows == 2
    back = openpyxl.load_workbook(tmp_path / "out.xlsx")
    assert back.sheetnames == ["Sheet", "Annet"]
    assert back["Annet"]["A1"].value == "rør meg ikke"
    rows = list(back["Sheet"].values)
    assert rows[2] == ("Ref", "Stillingstittel", "Beskrivelse", "Lønn", "Frist", "Sum", "office",
                       "p_front")  # fmt: skip
    assert rows[3] == ("007", "Kokk", "ett to tre", 500000.5, datetime(2027, 1, 2), "=D4*2", "w3",
                       0.375)  # fmt: skip
    assert rows[4][6:] == ("w0", 0)
    assert back["Sheet"]["D4"].number_format == "#,##0"
    assert back["Sheet"].column_dimensions["C"].width == 77


def test_parquet_keeps_types_nulls_and_metadata(tmp_path: Path) -> None:
    table = pa.table(
        {
            "title": pa.array(["a", None, "c"]).dictionary_encode(),
            "description": pa.array(["uno", None, "uno dos"], pa.large_string()),
            "posted": pa.array([date(2027, 1, 1), None, date(2027, 1, 2)]),
            "tags": pa.array([["x"], [], None]),
            "pay": pa.array([1, None, 3], pa.int16()),
        }
    ).replace_schema_metadata({"owner": "HR"})
    pq.write_table(table, tmp_path / "in.parquet")
    through(tmp_path / "in.parquet", tmp_path / "out.parquet")
    back = pq.read_table(tmp_path / "out.parquet")
    assert back.select(table.column_names).equals(table)
    assert back.schema.metadata[b"owner"] == b"HR"
    assert back.column("office").to_pylist() == ["w1", "w0", "w2"]


def test_odd_types_are_written_as_a_person_would_write_them(tmp_path: Path) -> None:
    table = pa.table(
        {
            "text": ["uno"],
            "when": pa.array([datetime(2027, 1, 2, 8, 30)], pa.timestamp("us")),
            "share": pa.array([float("nan")]),
            "pay": pa.array([Decimal("1.10")]),
            "skills": pa.array([{"a": [1]}]),
            "raw": pa.array([b"x\xff"]),
        }
    )
    pq.write_table(table, tmp_path / "in.parquet")
    through(tmp_path / "in.parquet", tmp_path / "out.csv")
    row = list(csv.reader((tmp_path / "out.csv").read_text().splitlines()))[1]
    assert row == [
        "uno",
        "2027-01-02 08:30:00",
        "nan",
        "1.10",
        '{"a": [1]}',
        "x\ufffd",
        "w1",
        "0.125",
    ]
    through(tmp_path / "in.parquet", tmp_path / "out.jsonl")
    back = json.loads((tmp_path / "out.jsonl").read_text(), parse_constant=pytest.fail)
    assert (back["share"], back["pay"], back["skills"]) == (None, "1.10", {"a": [1]})


def test_jsonl_lines_come_back_as_they_stood_also_the_broken_ones(tmp_path: Path) -> None:
    lines = [
        '{"title": "a", "description": "uno dos", "pay": 1.50, "x": [1, {"y": null}]}',
        '{"description":"uno","big":123456789012345678901234567890}',
        "not json",
        "{}",
        '["list"]',
        '{"title": "\\ud800", "description": "uno"}',
    ]
    (tmp_path / "in.jsonl").write_text("\n".join(lines) + "\n")
    through(tmp_path / "in.jsonl", tmp_path / "out.jsonl")
    back = (tmp_path / "out.jsonl").read_text().splitlines()
    assert len(back) == len(lines)
    assert back[0] == lines[0][:-1] + ', "office": "w2", "p_front": 0.25}'
    assert back[1].startswith(lines[1][:-1])
    assert json.loads(back[2]) == {"unreadable": "not json", "office": "w0", "p_front": 0.0}
    assert json.loads(back[3]) == {"office": "w0", "p_front": 0.0}
    assert json.loads(back[5])["title"] == "\ud800"


@pytest.mark.parametrize("source", ["csv", "tsv", "xlsx", "parquet", "jsonl"])
@pytest.mark.parametrize("target", ["csv", "tsv", "xlsx", "parquet", "jsonl"])
def test_every_kind_can_be_written_from_every_kind(tmp_path: Path, source, target) -> None:
    rows = [("=1+1", "uno\ndos"), ("ñ æ ø å", ""), ('"x"; y', "uno")]
    first = tmp_path / f"in.{source}"
    if source == "xlsx":
        book = openpyxl.Workbook()
        for row in [("title", "description"), *rows]:
            book.active.append(row)
        for cell in book.active["A"]:
            cell.data_type = "s"
        book.save(first)
    elif source == "parquet":
        pq.write_table(
            pa.table({"title": [r[0] for r in rows], "description": [r[1] for r in rows]}), first
        )
    elif source == "jsonl":
        first.write_text(
            "".join(json.dumps({"title": a, "description": b}) + "\n" for a, b in rows)
        )
    else:
        with first.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file, delimiter="\t" if source == "tsv" else ",").writerows(
                [("title", "description"), *rows]
            )
    output = tmp_path / f"out.{target}"
    through(first, output)
    reader = open_table(output)
    (batch,) = reader.batches(10)
    assert reader.schema.names == ["title", "description", "office", "p_front"]
    titles = batch.text(0).to_pylist()
    if target in ("csv", "tsv") and source != target:
        assert titles[0] == "'=1+1"
        titles = list(map(undo, titles))
    assert titles == [row[0] for row in rows]
    assert [text or "" for text in batch.text(1).to_pylist()] == [row[1] for row in rows]
    assert batch.text(2).to_pylist() == ["w2", "w0", "w1"]


def test_a_cell_too_long_for_excel_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("title,description\na,b\nc," + "x" * 40_000 + "\n")
    with pytest.raises(OutputError, match="row 3, column 'description' has 40,000 characters"):
        through(tmp_path / "in.csv", tmp_path / "out.xlsx")
    assert not (tmp_path / "out.xlsx").exists()


def test_columns_of_the_input_keep_their_names_and_the_new_ones_step_aside(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("office,description\nOslo,uno\n")
    job = prepare(tmp_path / "in.csv", tmp_path / "out.csv")
    run(job, COUNTED)
    assert job.renamed == {"office": "frontback_office"}
    assert (tmp_path / "out.csv").read_text() == (
        "office,description,frontback_office,p_front\nOslo,uno,w1,0.125\n"
    )


def test_an_output_without_suffix_is_of_the_inputs_kind(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("description\nuno\n")
    through(tmp_path / "in.csv", tmp_path / "out")
    assert (tmp_path / "out").read_text() == "description,office,p_front\nuno,w1,0.125\n"


def test_a_file_that_shrinks_into_nonsense_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "in.parquet").write_bytes(b"PAR1 and then nonsense PAR1")
    with pytest.raises(InputError, match="not a readable Parquet file"):
        through(tmp_path / "in.parquet", tmp_path / "out.parquet")
    assert [path.name for path in tmp_path.iterdir()] == ["in.parquet"]


def test_a_third_tagging_finds_a_free_name(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("office,frontback_office,description\na,b,uno\n")
    through(tmp_path / "in.csv", tmp_path / "out.csv")
    header = (tmp_path / "out.csv").read_text().splitlines()[0]
    assert header == "office,frontback_office,description,frontback_frontback_office,p_front"


def test_a_cell_called_like_a_column_is_no_header(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in [("Ref", "Tittel", "Innholdet"), (1, "Annonse", "uno dos"), (2, "x", "Oferta")]:
        book.active.append(row)
    book.active.merge_cells("E1:G1")
    book.save(tmp_path / "in.xlsx")
    assert through(tmp_path / "in.xlsx", tmp_path / "o.xlsx", text_column="Innholdet").rows == 2
    rows = list(openpyxl.load_workbook(tmp_path / "o.xlsx").active.values)
    assert rows[0][7:] == ("office", "p_front")
    assert [row[7] for row in rows[1:]] == ["w2", "w1"]


def test_parquet_is_written_in_large_row_groups(tmp_path: Path) -> None:
    pq.write_table(pa.table({"text": ["uno"] * 5_000}), tmp_path / "in.parquet")
    through(tmp_path / "in.parquet", tmp_path / "out.parquet")
    assert pq.ParquetFile(tmp_path / "out.parquet").num_row_groups == 1


def test_nanoseconds_and_large_numbers_are_written(tmp_path: Path) -> None:
    table = pa.table({"text": ["uno"], "at": pa.array([1_500], pa.timestamp("ns"))})
    pq.write_table(table, tmp_path / "in.parquet")
    through(tmp_path / "in.parquet", tmp_path / "out.csv")
    assert "uno,1970-01-01 00:00:00.000001,w1" in (tmp_path / "out.csv").read_text()
    lines = ['{"text": "uno", "n": 1.5}', '{"text": "dos", "n": 9007199254740993000}']
    (tmp_path / "in.jsonl").write_text("\n".join(lines))
    assert through(tmp_path / "in.jsonl", tmp_path / "n.parquet").rows == 2
