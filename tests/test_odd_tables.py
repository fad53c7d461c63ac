"""Sheets as people really have them: quotes that never close, one column, titles above, twins."""

import csv
import io
import json
from datetime import date, datetime, timedelta
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

from pipeline import InputError, OutputError
from pipeline.batch import run
from pipeline.encoding import readable
from pipeline.job import prepare
from pipeline.tables import open_table
from pipeline.tables.records import split
from pipeline.tables.rows import unique_names
from tests.test_tables import COUNTED, annotate, through


def read_csv(path: Path, delimiter: str = ",") -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file, delimiter=delimiter))


def book_of(path: Path, **sheets: list[tuple]) -> openpyxl.Workbook:
    """A workbook with these sheets, in this order, written to ``path``."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return book


@pytest.mark.parametrize("end", ["\n", "\r\n", ""])
def test_a_quote_that_never_closes_swallows_no_rows(tmp_path: Path, end: str) -> None:
    lines = ["title;text;id", "A;uno dos;1", 'B;"Hotel busca; gente;2', "C;uno;3", "D;uno dos;4"]
    (tmp_path / "in.csv").write_text((end or "\n").join(lines) + end, newline="")
    assert (
        open_table(tmp_path / "in.csv")
        .notes[-1]
        .startswith("1 lines open a quote that is never closed (lines 3)")
    )
    assert through(tmp_path / "in.csv", tmp_path / "out.csv").rows == 4
    rows = read_csv(tmp_path / "out.csv", ";")
    assert [row[0] for row in rows] == ["title", "A", "B", "C", "D"]
    assert rows[2] == ["B", '"Hotel busca', " gente", "2", "w2", "0,25"]
    assert rows[3] == ["C", "uno", "3", "", "w1", "0,125"]


def test_a_quote_that_closes_in_a_later_row_swallows_no_rows(tmp_path: Path) -> None:
    (tmp_path / "in.tsv").write_text('title\ttext\nA\t"Hotel søker folk\nB\tuno\nC\t"dos" tres\n')
    assert through(tmp_path / "in.tsv", tmp_path / "out.tsv").rows == 3
    rows = read_csv(tmp_path / "out.tsv", "\t")
    assert [row[2] for row in rows[1:]] == ["w3", "w1", "w2"]
    assert rows[1][1] == '"Hotel søker folk'


def test_text_over_several_lines_is_one_cell_also_with_bare_quotes_in_it(tmp_path: Path) -> None:
    text = 'title;text\nA;"uno\ndos ""tres""\n\ncuatro"\nB;"cinco\nel ""jefe"" dice\nseis"\n'
    (tmp_path / "in.csv").write_text(text)
    assert open_table(tmp_path / "in.csv").notes == []
    assert through(tmp_path / "in.csv", tmp_path / "out.csv").rows == 2


soiled = st.text(st.sampled_from('ab";\n '), max_size=30)


@settings(max_examples=300, deadline=None)
@given(soiled)
def test_whatever_the_quotes_no_character_is_lost_and_cells_can_be_put_behind(text: str) -> None:
    lines = io.StringIO("h;t\n" + text, newline="")
    records = list(split(lines, ";"))
    whole = "".join(record.raw for record in records if not record.unclosed)
    if not any(record.unclosed for record in records):
        assert whole == "h;t\n" + text
    for record in records:
        body = record.raw.rstrip("\r\n") + ";new"
        assert next(csv.reader(io.StringIO(body, newline=""), delimiter=";"))[-1] == "new"


def test_many_unclosed_quotes_are_read_in_reasonable_time() -> None:
    lines = (f'{n};"text\n' if n % 2 else f"{n};text\n" for n in range(20_001))
    assert len(list(split(lines, ";", width=2))) == 20_001


def test_a_file_of_one_column_is_not_cut_at_its_commas(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text('description\nuno, dos; tres\n"cuatro, ""cinco"""\nseis\n')
    assert "one column" in open_table(tmp_path / "in.csv").described
    through(tmp_path / "in.csv", tmp_path / "out.csv")
    assert read_csv(tmp_path / "out.csv")[1:] == [
        ["uno, dos; tres", "w3", "0.375"],
        ['cuatro, "cinco"', "w2", "0.25"],
        ["seis", "w1", "0.125"],
    ]


@pytest.mark.parametrize("title", ["Informe 2027", "Informe 2027;;", "Informe, enero; 2027"])
def test_a_title_above_the_header_stays_above_it(tmp_path: Path, title: str) -> None:
    (tmp_path / "in.csv").write_text(f"{title}\n\nRef;Puesto;Descripción\n1;x;uno dos\n2;y;uno\n")
    through(tmp_path / "in.csv", tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text() == (
        f"{title}\n\nRef;Puesto;Descripción;office;p_front\n1;x;uno dos;w2;0,25\n2;y;uno;w1;0,125\n"
    )


@pytest.mark.parametrize("line", ["sep=\t", '"sep=\t"', "SEP=\t"])
def test_a_sep_line_may_name_the_tab_and_stand_in_quotes(tmp_path: Path, line: str) -> None:
    (tmp_path / "in.csv").write_text(f"{line}\ntitle\ttext\nA\tuno, dos\n")
    through(tmp_path / "in.csv", tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text().splitlines()[2] == "A\tuno, dos\tw2\t0.25"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_comes_back_in_its_byte_order(tmp_path: Path, encoding: str) -> None:
    content = "\ufefftitle;text\nñ;uno\n"
    (tmp_path / "in.csv").write_bytes(content.encode(encoding))
    through(tmp_path / "in.csv", tmp_path / "out.csv")
    back = (tmp_path / "out.csv").read_bytes().decode(encoding)
    assert back == "\ufefftitle;text;office;p_front\nñ;uno;w1;0,125\n"


@pytest.mark.parametrize("target", ["jsonl", "parquet"])
def test_columns_of_one_name_all_survive(tmp_path: Path, target: str) -> None:
    (tmp_path / "in.csv").write_text("id,id,id_2,,text\n1,2,3,4,uno\n")
    output = tmp_path / f"out.{target}"
    through(tmp_path / "in.csv", output)
    row = (
        json.loads(output.read_text())
        if target == "jsonl"
        else pq.read_table(output).to_pylist()[0]
    )
    assert row == {"id": "1", "id_3": "2", "id_2": "3", "column_4": "4", "text": "uno",
                   "office": "w1", "p_front": 0.125}  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(["", "a", "a_2", "a_3", "column_1", "column_2"]), max_size=8))
def test_made_names_are_unique_and_names_that_are_unique_stay(names: list[str]) -> None:
    made = unique_names(names)
    assert len(set(made)) == len(made) == len(names)
    for old, new in zip(names, made, strict=True):
        assert new == old or not old or names.count(old) > 1


def test_the_sheet_with_postings_is_taken_not_the_one_with_a_summary(tmp_path: Path) -> None:
    ads = [("Stilling", "Beskrivelse"), ("A", "uno dos")]
    book_of(tmp_path / "in.xlsx", Overview=[("Summary",), ("Number", 2)], Ads=ads)
    assert open_table(tmp_path / "in.xlsx").described == "sheet 'Ads'"


def test_a_hidden_sheet_is_taken_only_where_no_other_will_do(tmp_path: Path) -> None:
    ads = [("Stilling", "Beskrivelse"), ("A", "uno dos")]
    book = book_of(tmp_path / "in.xlsx", Old=ads, New=ads, Notes=[("x",)])
    book["Old"].sheet_state = "hidden"
    book.save(tmp_path / "in.xlsx")
    assert open_table(tmp_path / "in.xlsx").described == "sheet 'New'"
    book["New"].delete_rows(1, 9)
    book.save(tmp_path / "in.xlsx")
    assert open_table(tmp_path / "in.xlsx").described == "sheet 'Old'"


def test_the_sheet_can_be_chosen_and_the_others_are_named(tmp_path: Path) -> None:
    ads = [("Stilling", "Beskrivelse"), ("A", "uno dos")]
    book_of(tmp_path / "in.xlsx", Jan=ads, Feb=[*ads, ("B", "uno")])
    assert (
        "'Feb' could be postings too: choose with --sheet"
        in (open_table(tmp_path / "in.xlsx").notes[0])
    )
    assert through(tmp_path / "in.xlsx", tmp_path / "out.xlsx", sheet="feb").rows == 2
    back = openpyxl.load_workbook(tmp_path / "out.xlsx")
    assert back["Feb"]["C2"].value == "w2"
    assert back["Jan"].max_column == 2
    with pytest.raises(InputError, match="there is no sheet 'Mar'; there are: 'Jan', 'Feb'"):
        open_table(tmp_path / "in.xlsx", sheet="Mar")
    (tmp_path / "in.csv").write_text("text\nuno\n")
    with pytest.raises(InputError, match=r"a \.csv has no sheets"):
        open_table(tmp_path / "in.csv", sheet="Jan")
    with pytest.raises(InputError, match="says its encoding itself"):
        open_table(tmp_path / "in.xlsx", encoding="utf-8")


def test_the_text_column_given_decides_sheet_and_header_row(tmp_path: Path) -> None:
    data = [("Rapport",), (), ("jobb", "annonsetxt"), ("A", "uno dos")]
    book_of(tmp_path / "in.xlsx", Les=[("Les meg",)], Data=data)
    output = tmp_path / "out.xlsx"
    assert through(tmp_path / "in.xlsx", output, text_column="Annonsetxt").rows == 1
    assert openpyxl.load_workbook(output)["Data"]["C4"].value == "w2"


def test_rich_text_in_a_cell_stays_rich(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    rich = CellRichText("Vi søker ", TextBlock(InlineFont(b=True), "en kokk"))
    for row in [("Tittel", "Tekst"), ("A", rich)]:
        book.active.append(row)
    book.save(tmp_path / "in.xlsx")
    through(tmp_path / "in.xlsx", tmp_path / "out.xlsx")
    back = openpyxl.load_workbook(tmp_path / "out.xlsx", rich_text=True).active
    assert isinstance(back["B2"].value, CellRichText)
    assert back["C2"].value == "w4"
    through(tmp_path / "in.xlsx", tmp_path / "out.csv")
    assert read_csv(tmp_path / "out.csv")[1][1] == "Vi søker en kokk"


def test_a_text_that_a_formula_makes_is_read_by_its_last_result(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in [("Tittel", "Tekst"), ("A", '=CONCATENATE("uno"," dos")')]:
        book.active.append(row)
    book.save(tmp_path / "in.xlsx")
    reader = open_table(tmp_path / "in.xlsx")
    assert "formulas without a result" in reader.notes[0]
    with_result = tmp_path / "result.xlsx"
    put_result(tmp_path / "in.xlsx", with_result, "uno dos")
    assert open_table(with_result).notes == []
    through(with_result, tmp_path / "out.csv")
    assert read_csv(tmp_path / "out.csv")[1][1:3] == ["uno dos", "w2"]


def put_result(source: Path, target: Path, result: str) -> None:
    """Copy a workbook, the only formula with its result beside it as Excel saves it."""
    import zipfile

    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                assert b"<v></v>" in content or b"<v />" in content or b"<v/>" in content
                for empty in (b"<v></v>", b"<v />", b"<v/>"):
                    content = content.replace(empty, f"<v>{result}</v>".encode())
                content = content.replace(b'r="B2"', b'r="B2" t="str"')
            new.writestr(name, content)


def test_text_that_is_not_utf8_stops_no_batch(tmp_path: Path) -> None:
    texts = pa.array([b"uno dos", b"\xff\xfe ja"]).view(pa.string())
    lists = pa.ListArray.from_arrays(pa.array([0, 1, 2]), texts)
    table = pa.table({"text": texts, "few": texts.dictionary_encode(), "many": lists})
    pq.write_table(table, tmp_path / "in.parquet")

    def counted(batch: pa.RecordBatch) -> pa.RecordBatch:
        return annotate(pa.record_batch([readable(batch.column("text"))], names=["text"]))

    reading = COUNTED._replace(answer=counted)
    for kind in ("csv", "jsonl", "xlsx", "parquet"):
        run(prepare(tmp_path / "in.parquet", tmp_path / f"out.{kind}"), reading)
    assert read_csv(tmp_path / "out.csv")[2][:2] == ["\ufffd\ufffd ja"] * 2
    lines = (tmp_path / "out.jsonl").read_text().splitlines()
    assert [json.loads(line)["text"] for line in lines] == ["uno dos", "\ufffd\ufffd ja"]
    assert openpyxl.load_workbook(tmp_path / "out.xlsx").active["B3"].value == "\ufffd\ufffd ja"
    kept = pq.read_table(tmp_path / "out.parquet").column("text")[1]
    assert kept.cast(pa.binary()).as_py() == b"\xff\xfe ja"


def test_times_that_python_cannot_hold_are_written_in_every_kind(tmp_path: Path) -> None:
    table = pa.table(
        {
            "text": ["uno"],
            "far": pa.array([5_000_000], pa.date32()),
            "long": pa.array([timedelta(hours=30)], pa.duration("us")),
            "fine": pa.array([1_234_567_891], pa.duration("ns")),
            "zone": pa.array([1], pa.timestamp("s", "Mars/Base")),
            "past": pa.array([2**60], pa.timestamp("us")),
        }
    )
    pq.write_table(table, tmp_path / "in.parquet")
    for kind in ("csv", "jsonl", "xlsx", "parquet"):
        through(tmp_path / "in.parquet", tmp_path / f"out.{kind}")
    row = read_csv(tmp_path / "out.csv")[1]
    assert row[1:4] == ["15659-07-15", "1 day, 6:00:00", "0:00:01.234567"]
    assert json.loads((tmp_path / "out.jsonl").read_text())["far"] == "15659-07-15"
    assert openpyxl.load_workbook(tmp_path / "out.xlsx").active["B2"].value == "15659-07-15"


def test_a_date_of_excel_is_a_date_elsewhere(tmp_path: Path) -> None:
    rows = [("text", "day", "at"), ("uno", date(2027, 1, 2), datetime(2027, 1, 2, 8, 30))]
    book_of(tmp_path / "in.xlsx", S=rows)
    through(tmp_path / "in.xlsx", tmp_path / "out.csv")
    assert read_csv(tmp_path / "out.csv")[1][1:3] == ["2027-01-02", "2027-01-02 08:30:00"]


def test_a_file_that_disappears_while_it_is_read_is_an_input_error(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("text\nuno\n")
    job = prepare(tmp_path / "in.csv", tmp_path / "out.csv")
    (tmp_path / "in.csv").unlink()
    with pytest.raises(InputError, match=r"in\.csv: changed or disappeared while it was read"):
        run(job, COUNTED)
    assert list(tmp_path.iterdir()) == []


def test_a_replaced_output_keeps_its_permissions_and_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("text\nuno\n")
    (tmp_path / "old.csv").write_text("x")
    (tmp_path / "old.csv").chmod(0o600)
    (tmp_path / "link.csv").symlink_to("old.csv")
    through(tmp_path / "in.csv", tmp_path / "link.csv", overwrite=True)
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "old.csv").read_text() == "text,office,p_front\nuno,w1,0.125\n"
    assert (tmp_path / "old.csv").stat().st_mode & 0o777 == 0o600
    (tmp_path / "dangling.csv").symlink_to("new.csv")
    through(tmp_path / "in.csv", tmp_path / "dangling.csv")
    assert (tmp_path / "new.csv").is_file()


def test_a_long_name_is_no_longer_while_it_is_written(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("text\nuno\n")
    output = tmp_path / ("x" * 250 + ".csv")
    through(tmp_path / "in.csv", output)
    assert output.is_file()


def test_an_output_that_cannot_be_written_is_refused_before_the_input_is_read(tmp_path) -> None:
    (tmp_path / "in.csv").write_bytes(bytes(range(256)) * 99)  # reading it would be an InputError
    with pytest.raises(OutputError, match="there is no such folder; create it first"):
        through(tmp_path / "in.csv", tmp_path / "no" / "out.csv")
