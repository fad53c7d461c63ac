"""A cell that a spreadsheet would run is made safe, and comes back exactly."""

import csv
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.batch import run
from pipeline.job import prepare
from pipeline.tables import open_table, writer_for
from pipeline.tables.formulas import is_formula, make_safe, undo
from tests.test_tables import COUNTED, through

RUN = [
    "=1+1", "=HYPERLINK(\"http://x\";\"y\")", "+cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0", "\t=1+1", "\r=1+1", "\n=1+1", " =1+1", "\ufeff=1", "\xa0=1",
    '"=1+1', "'=1+1", "＝1+1", "＋1", "－1", "＠x", "- Atender clientes", "-", "+", "=", "\x00=1",
    "\tuno", "-1" * 100, "-5 euros", "+47 22 33 44 55 =A1",
]  # fmt: skip
HARMLESS = [
    "", "uno", "a=1", "5-3", "-5", "-5,50", "-1.234,50", "+1.5e-3", "-3 %", "+47 22 33 44 55",
    "+34 (91) 123-45-67", "1=1", "'uno'", '"uno" @ dos', "\t", " ", "¿=?", "e@mail.no", "\n\nuno",
]  # fmt: skip


@pytest.mark.parametrize("text", RUN)
def test_what_a_spreadsheet_could_run_gets_an_apostrophe(text: str) -> None:
    assert make_safe(text) == "'" + text


@pytest.mark.parametrize("text", HARMLESS)
def test_numbers_telephone_numbers_and_other_texts_stay(text: str) -> None:
    assert make_safe(text) == text


anything = st.text(st.sampled_from("=+-@'\" \t\r\n1a\ufeff＝.,%e") | st.characters(), max_size=8)


@given(anything)
@example("'=1")
@example("''=1")
@example("'-5")
@example("'\u2003=1")
def test_what_was_made_safe_comes_back_exactly(text: str) -> None:
    assert undo(make_safe(text)) == text


@given(anything)
def test_what_was_made_safe_begins_with_an_apostrophe_or_is_no_formula(text: str) -> None:
    safe = make_safe(text)
    assert safe.startswith("'") or not is_formula(safe)
    assert safe.startswith("'") or safe.lstrip()[:1] not in {*"=@"}


def test_a_long_cell_is_judged_in_no_time() -> None:
    for text in ("-" + "1" * 1_000_000 + "x", "\t " * 1_000_000, "'" * 1_000_000 + "="):
        assert undo(make_safe(text)) == text


@pytest.fixture
def odd_parquet(tmp_path: Path) -> Path:
    table = {
        "=name": ["=1+1", "+47 22 33 44 55", "'=1", None],
        "text": ["-uno", "dos", "@tres", "x"],
        "number": [-5, 1, 2, 3],
        "part": [-0.5, 1.0, 2.0, 3.0],
        "few": pa.array(["=a", "b", "=a", "b"]).dictionary_encode(),
        "bytes": pa.array([b"=a", b"b", b"c", b"d"]),
    }
    pq.write_table(pa.table(table), tmp_path / "in.parquet")
    return tmp_path / "in.parquet"


def test_texts_of_another_kind_of_table_are_made_safe_and_numbers_stay(odd_parquet: Path) -> None:
    output = odd_parquet.with_name("out.csv")
    through(odd_parquet, output)
    rows = list(csv.reader(output.read_text("utf-8").splitlines()))
    assert rows[0][:3] == ["'=name", "text", "number"]
    assert rows[1][:6] == ["'=1+1", "'-uno", "-5", "-0.5", "'=a", "'=a"]
    assert [row[0] for row in rows[2:]] == ["+47 22 33 44 55", "''=1", ""]
    assert rows[3][1] == "'@tres"


def test_it_can_be_left_out(odd_parquet: Path) -> None:
    output = odd_parquet.with_name("out.tsv")
    job = prepare(odd_parquet, output)
    job.make_writer = writer_for(output, odd_parquet, raw_formulas=True)
    run(job, COUNTED)
    rows = list(csv.reader(output.read_text("utf-8").splitlines(), delimiter="\t"))
    assert rows[0][0] == "=name"
    assert rows[1][:2] == ["=1+1", "-uno"]


def test_a_csv_keeps_its_cells_and_says_which_begin_as_formulas_do(tmp_path: Path) -> None:
    content = "ref,text\n-5,uno\n=1+1,- dos\n+47 22 33 44,@tres\n"
    (tmp_path / "in.csv").write_text(content)
    assert open_table(tmp_path / "in.csv").notes == [
        "3 cells begin as formulas do (lines 3, 4); a CSV keeps them as they are, so open it with"
        " care"
    ]
    through(tmp_path / "in.csv", tmp_path / "out.csv")
    back = (tmp_path / "out.csv").read_text().splitlines()
    assert [line.rsplit(",", 2)[0] for line in back] == content.splitlines()
