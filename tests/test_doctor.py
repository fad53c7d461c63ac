"""Postings to look at again: doubtful labels, twins of other labels, texts that are no postings."""

import csv
import json
import random
from pathlib import Path

import openpyxl
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.corrections import read_corrections, written_key
from pipeline.labelled import Labelled, read_corpus
from pipeline.layout import Layout
from pipeline.near_duplicates import near_twins
from pipeline.no_postings import like_no_posting
from pipeline.output import check_output
from pipeline.posting import OutputError, Posting
from pipeline.suspects import (
    DOUBTED,
    NEARLY_SAME,
    NO_POSTING,
    SAME_TEXT,
    Suspect,
    Suspects,
    find_suspects,
)
from pipeline.suspects_table import as_row, suspects_table
from pipeline.tables.excel.cells import MAX_CELL, length
from pipeline.tables.made import fitting, write_table
from pipeline.text import clean
from pipeline.training_set import training_set
from tests.models import refused

OTHER = {"front": "back", "back": "front"}


def rows_of(corpus: Path) -> list[list[str]]:
    return [
        [each.posting.title, each.posting.text, each.label] for each in read_corpus(corpus).postings
    ]


def table(path: Path, rows) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("title", "text", "label"), *rows])
    return path


@pytest.fixture
def faulty(tmp_path: Path, small_corpus: Path) -> Path:
    """A table of 60 postings and what is wrong with some of them, behind them."""
    rows = rows_of(small_corpus)
    rows[1][2] = OTHER[rows[1][2]]
    title, text, label = rows[10]
    rows.append([title.upper(), text, OTHER[label]])
    title, text, label = rows[20]
    rows.append([title, text.rsplit(" ", 5)[0], OTHER[label]])
    return table(tmp_path / "labels.csv", rows)


def suspects_of(*sources: Path) -> Suspects:
    with training_set(sources) as texts:
        return find_suspects(texts)


def test_a_label_that_was_turned_is_doubted(small_corpus: Path, tmp_path: Path) -> None:
    rows = rows_of(small_corpus)
    place = next(n for n, row in enumerate(rows) if row[2] == "front" and "customer" in row[1])
    rows[place][2] = "back"
    suspects = suspects_of(table(tmp_path / "labels.csv", rows))
    places = [as_row(each)["row"] for each in suspects.found]
    found = suspects.found[places.index(place + 2)]
    assert DOUBTED in found.reasons
    assert found.suggested == "front"
    assert found.p_label < 0.5
    assert suspects.judged == suspects.total == len(rows)
    assert all(each.weight > 0 for each in suspects.words(found))
    assert suspects.words(found)
    doubts = [each.p_label for each in suspects.found]
    assert doubts == sorted(doubts)


def test_texts_with_both_labels_are_found_whatever_a_model_says(faulty: Path) -> None:
    suspects = suspects_of(faulty)
    by_row = {as_row(each)["row"]: each for each in suspects.found}
    for row, other in ((12, 62), (62, 12)):
        assert by_row[row].reasons[SAME_TEXT] == f"{faulty}, row {other}"
    for row, other in ((22, 63), (63, 22)):
        assert by_row[row].reasons[NEARLY_SAME] == f"{faulty}, row {other}"
    assert suspects.counts[SAME_TEXT] == suspects.counts[NEARLY_SAME] == 2
    assert suspects.judged == 60  # those with both labels are left out of training
    order = [as_row(each)["row"] for each in suspects.found]
    assert abs(order.index(12) - order.index(62)) == 1
    assert abs(order.index(22) - order.index(63)) == 1


def test_what_reads_like_no_posting_is_told_from_postings(corpus) -> None:
    texts = [Posting("", clean(each.posting.text)) for each in corpus.no_postings]
    postings = [
        Posting(clean(each.posting.title), clean(each.posting.text))
        for each in corpus.postings[::12]
        if each.kind == "plain"
    ]
    random.Random(0).shuffle(texts)
    strange = like_no_posting([*postings, *texts[:20]], texts[20:])
    assert strange[: len(postings)].mean() < 0.01
    assert strange[len(postings) :].mean() > 0.25
    assert not like_no_posting(postings, texts[:4]).any()
    assert not like_no_posting(postings[:4], texts).any()


@given(st.lists(st.tuples(st.integers(0, 3), st.booleans()), max_size=12))
@example([(0, True), (0, False), (0, False)])
def test_a_twin_is_of_the_other_label_and_nearly_the_same_text(drawn) -> None:
    postings = [
        Labelled(Posting("", " ".join(f"{chr(97 + text)}{n}" for n in range(40))), "en", label)
        for text, front in drawn
        for label in (("back", "front")[front],)
    ]
    twins = dict(near_twins(iter(postings)))
    for at, (text, front) in enumerate(drawn):
        others = [n for n, each in enumerate(drawn) if each == (text, not front)]
        assert twins.get(at) == (others[0] if others else None)


@given(st.text(st.characters(exclude_categories=()), max_size=50), st.integers(1, 40_000))
@example("😀", 32_767)
@example("a😀", 21_845)
def test_a_text_fits_into_a_cell_and_loses_no_more_than_it_must(text: str, times: int) -> None:
    whole = (text * times)[:70_000]
    cell = fitting(whole)
    assert length(cell) <= MAX_CELL
    if length(whole) <= MAX_CELL:
        assert cell == whole
    else:
        assert whole.startswith(cell[:-1])
        assert cell[-1] == "…"


def test_a_text_that_a_spreadsheet_would_run_is_written_as_text(tmp_path: Path) -> None:
    hostile = Labelled(
        Posting("=HYPERLINK(A1)", "+cmd|' /C calc'!A0 \ud800\x00 <b>x</b>"), "en", "front",
        where="/tmp/\udcff.csv, row 1,234",
    )  # fmt: skip
    made = suspects_table([Suspect(hostile, 0.1, {NO_POSTING: ""})])
    write_table(tmp_path / "s.csv", made)
    (row,) = csv.DictReader((tmp_path / "s.csv").read_text("utf-8").splitlines())
    assert row["title"] == "'=HYPERLINK(A1)"
    assert row["text"].startswith("'+cmd|' /C calc'!A0")
    assert (row["file"], row["row"], row["correct"]) == ("/tmp/?.csv", "1234", "")
    write_table(tmp_path / "s.xlsx", made)
    sheet = openpyxl.load_workbook(tmp_path / "s.xlsx").active
    assert "f" not in {cell.data_type for cell in sheet[2]}


def test_a_table_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    made = suspects_table([])
    write_table(tmp_path / "empty.xlsx", made)
    assert openpyxl.load_workbook(tmp_path / "empty.xlsx").active.max_row == 1
    with pytest.raises(OutputError, match="exists already"):
        write_table(tmp_path / "empty.xlsx", made)
    long = pa.table({"a": ["x" * (MAX_CELL + 1)], "b": ["y"]})
    with pytest.raises(OutputError, match="an Excel cell holds"):
        write_table(tmp_path / "long.xlsx", long)
    assert [each.name for each in tmp_path.iterdir()] == ["empty.xlsx"]


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "json", "parquet"])
def test_no_suspect_at_all_is_a_table_as_well(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"none.{suffix}"
    write_table(path, suspects_table([]))
    if suffix == "json":
        assert json.loads(path.read_text("utf-8")) == []
    else:
        assert read_corrections([path], Layout()) == {}


def test_a_link_that_leads_in_a_circle_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "circle.csv"
    path.symlink_to(path.name)
    check_output(path, tmp_path, overwrite=False)
    write_table(path, suspects_table([]))
    assert path.read_bytes().startswith(b"label,")


def test_the_whole_round_by_hand(frontback, faulty: Path, tmp_path: Path) -> None:
    before, file = faulty.read_bytes(), tmp_path / "suspects.xlsx"
    result = frontback("corpus", "doctor", "--corpus", faulty, "-o", file)
    assert result.code == 0, result
    for reason in (SAME_TEXT, NEARLY_SAME, DOUBTED, NO_POSTING):
        assert reason in result.out
    assert f"{file}: written" in result.err
    book = openpyxl.load_workbook(file)
    sheet = book.active
    header = {cell.value: cell.column for cell in sheet[1]}
    wanted = {}
    for row in range(2, sheet.max_row + 1):
        label, place = (sheet.cell(row, header[name]).value for name in ("label", "row"))
        if place in (12, 22, 63):
            wanted[place] = label if place == 12 else "out"
            sheet.cell(row, header["correct"]).value = wanted[place]
    assert set(wanted) == {12, 22, 63}
    book.save(file)
    corrected = ("--corpus", faulty, "--corrections", file)
    again = frontback("corpus", "doctor", *corrected, "--json")
    assert again.code == 0, again
    suspects = list(map(json.loads, again.out.splitlines()))
    assert {each["row"] for each in suspects}.isdisjoint({22, 62, 63})
    assert not any(SAME_TEXT in each["why"] for each in suspects)
    assert all(each["words"] and 0 <= each["probability"] <= 1 for each in suspects)
    check = frontback("corpus", "check", *corrected)
    assert check.code == 1  # the text still stands there twice
    assert check.out == f"{faulty}, row 62: the same text stands at {faulty}, row 12; left out\n"
    trained = frontback("train", *corrected, "--models", tmp_path / "models")
    assert trained.code == 0, trained
    assert trained.out.startswith("own-")
    assert faulty.read_bytes() == before


def test_what_a_person_has_decided_is_not_asked_again(faulty: Path, tmp_path: Path) -> None:
    doubted = [each for each in suspects_of(faulty).found if DOUBTED in each.reasons]
    decided, others = doubted[0], {each.key for each in doubted[1:]}
    given = tmp_path / "c.csv"
    given.write_text(f"posting,correct\n{written_key(decided.key)},{decided.posting.label}\n")
    with training_set([faulty], corrections=[given]) as texts:
        found = {each.key for each in find_suspects(texts).found}
    assert decided.key not in found
    assert others <= found


@pytest.mark.parametrize(
    ("output", "told"),
    [("labels.csv", "this is the input itself"), ("there.csv", "exists already"),
     ("s.ods", "a .ods is not written here"), ("s.txt", "cannot be written"),
     ("no/s.csv", "no such folder")],
)  # fmt: skip
def test_an_output_that_cannot_be_is_refused_before_anything_is_trained(
    frontback, faulty: Path, tmp_path: Path, output: str, told: str
) -> None:
    (tmp_path / "there.csv").write_text("a")
    overwrite = ["--overwrite"] if output == "labels.csv" else []
    arguments = ("--corpus", faulty, "-o", tmp_path / output, *overwrite)
    refused(frontback("corpus", "doctor", *arguments), told)


def test_all_that_is_wrong_with_a_table_is_said_at_once(frontback, faulty, tmp_path) -> None:
    with faulty.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    path = table(
        tmp_path / "a.csv", [["t", "x", "maybe"], *rows, ["t", "x", "both"], ["t", " ", "back"]]
    )
    result = frontback("corpus", "check", "--corpus", path)
    assert result.code == 1
    lines = [line.removeprefix(f"{path}, row ") for line in result.out.splitlines()]
    starts = [line.split(";")[0] for line in lines if "the least" not in line]
    assert starts == [
        "2: column 'label': 'maybe' is no label",
        "65: column 'label': 'both' is no label",
        "66: no text",
        f"63: {rows[60][2]}, and the same text is {rows[10][2]} at {path}, row 13",
        f"23: {rows[20][2]}, and nearly the same text is {rows[61][2]} at {path}, row 64",
        f"64: {rows[61][2]}, and nearly the same text is {rows[20][2]} at {path}, row 23",
    ]
    assert f"frontback: {path}: {len(lines)} findings; mend the rows named above.\n" in result.err
    trained = frontback("train", "--corpus", path)
    assert trained.code == 1
    assert f"frontback: {path}: row 2, column 'label': 'maybe' is no label" in trained.err


def test_a_table_with_nothing_wrong_passes(frontback, small_corpus: Path, tmp_path: Path) -> None:
    path = table(tmp_path / "a.csv", rows_of(small_corpus))
    result = frontback("corpus", "check", "--corpus", path)
    assert (result.code, result.out) == (0, "")
    assert "nothing found" in result.err


def test_a_table_is_checked_against_what_it_is_beside(frontback, small_corpus, tmp_path) -> None:
    title, text, label = rows_of(small_corpus)[0]
    path = table(tmp_path / "a.csv", [[title, text, OTHER[label]]])
    result = frontback("corpus", "check", "--corpus", small_corpus, "--extra", path)
    assert result.code == 1
    place = f"{small_corpus}/postings/en.jsonl:1"
    assert f"{path}, row 2: {OTHER[label]}, and the same text is {label} at {place};" in result.out


def test_folders_are_checked_each_by_itself_and_together(frontback, small_corpus, tmp_path) -> None:
    title, text, label = rows_of(small_corpus)[0]
    (tmp_path / "other" / "postings").mkdir(parents=True)
    posting = {"title": title, "text": text, "label": OTHER[label], "language": "en"}
    (tmp_path / "other" / "postings" / "en.jsonl").write_text(json.dumps(posting))
    result = frontback("corpus", "check", "--corpus", tmp_path / "other", "--extra", small_corpus)
    assert result.code == 1
    assert f"{tmp_path}/other: en: " in result.out
    places = [f"{folder}/postings/en.jsonl:1" for folder in (small_corpus, tmp_path / "other")]
    assert f"{places[0]}: {label}, and the same text is {OTHER[label]} at {places[1]}" in result.out
    assert f"{len(result.out.splitlines())} findings" in result.err


def test_no_name_or_cell_of_a_corpus_steers_the_terminal(frontback, tmp_path) -> None:
    folder = tmp_path / "a[/b]"
    (folder / "postings").mkdir(parents=True)
    posting = {"title": "", "text": "x", "label": "front", "language": "en", "id": "\x1b[31m"}
    (folder / "postings" / "en.jsonl").write_text(f"{json.dumps(posting)}\n{json.dumps(posting)}")
    other = {"text": "x", "language": "[/x]\x1b"}
    (folder / "other_languages.jsonl").write_text(json.dumps(other))
    checked = frontback("corpus", "check", "--corpus", folder)
    assert checked.code == 1
    assert f"{folder}/postings/en.jsonl:2: id " in checked.out
    stats = frontback("corpus", "stats", "--corpus", folder)
    assert stats.code == 0, stats
    assert "[/x]" in stats.out
    assert "\x1b" not in checked.out + stats.out


def test_no_word_of_a_posting_steers_the_terminal(frontback, small_corpus, tmp_path) -> None:
    rows = rows_of(small_corpus)
    for row in rows:
        row[0] = "\x1b[31m[bold]" + row[0]
    rows.append([rows[0][0], rows[0][1], OTHER[rows[0][2]]])
    result = frontback("corpus", "doctor", "--corpus", table(tmp_path / "a.csv", rows))
    assert result.code == 0, result
    assert "\x1b" not in result.out
    assert "[bold]" in result.out
