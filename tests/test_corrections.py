"""Corrections by hand: taken back in by the key of a posting, wherever its row stands."""

import csv
import json
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.checking.finding import Finding
from pipeline.corrections import read_corrections, written_key
from pipeline.layout import Layout
from pipeline.posting import InputError, Posting
from pipeline.suspects import Suspect
from pipeline.suspects_table import suspects_table
from pipeline.tables.made import write_table
from pipeline.training import train
from pipeline.training_set import key_of, training_set
from tests.postings import BACK, FRONT

ROWS = [
    (f"{label} {code}", text, label)
    for label, texts in (("front", FRONT), ("back", BACK))
    for code, text in texts.items()
]
KEYS = [written_key(key_of(Posting(title, text))) for title, text, _ in ROWS]
OTHER = {"front": "back", "back": "front"}


def table(path: Path, rows, header=("title", "text", "label")) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def corrections(path: Path, *rows) -> Path:
    return table(path, rows, ("posting", "correct"))


def read(sources, *files: Path, layout: Layout | None = None) -> tuple[dict, str, list[str]]:
    """Labels by title, the hash, and what was reported but for small numbers."""
    said: list[Finding] = []
    with training_set(sources, layout or Layout(), said.append, files) as texts:
        labels = {each.posting.title: each.label for each in texts.read()}
        found = [f"{each.where}: {each.what}" for each in said if "the least" not in each.what]
        return labels, texts.sha256, found


def test_a_correction_takes_the_place_of_a_label_and_the_table_stays_as_it_is(tmp_path) -> None:
    path = table(tmp_path / "a.csv", ROWS)
    before = path.read_bytes()
    given = corrections(tmp_path / "c.csv", (KEYS[0], "back"), (KEYS[5].upper(), " Out "))
    labels, _, said = read([path], given)
    assert not said
    assert labels == {title: label for title, _, label in ROWS[:5]} | {"front es": "back"}
    assert path.read_bytes() == before


def test_the_share_of_a_label_that_was_wrong_is_no_longer_believed(small_corpus: Path) -> None:
    with training_set([small_corpus]) as texts:
        first, second = [each for each in texts.read() if each.label == "front"][:2]
    keys = [(written_key(key_of(each.posting)), label)
            for each, label in ((first, "back"), (second, "front"))]  # fmt: skip
    given = corrections(small_corpus / "c.csv", *keys)
    with training_set([small_corpus], corrections=[given]) as texts:
        by_id = {each.id: (each.label, each.share) for each in texts.read()}
    assert by_id[first.id] == ("back", -1)
    assert by_id[second.id] == ("front", second.share)


@given(st.lists(st.sampled_from([None, "", " ", "review", "front", "back", "out"]),
                min_size=6, max_size=6))  # fmt: skip
@settings(max_examples=40, deadline=None)
def test_what_is_learned_and_its_hash_change_where_a_label_does(tmp_path_factory, said) -> None:
    folder = tmp_path_factory.mktemp("round")
    path = table(folder / "a.csv", ROWS)
    labels, sha256, _ = read([path])
    given = corrections(folder / "c.csv", *zip(KEYS, said, strict=True))
    corrected, new, told = read([path], given)
    wanted = {
        title: correct if correct in OTHER else label
        for (title, _, label), correct in zip(ROWS, said, strict=True)
        if correct != "out"
    }
    assert not told
    assert corrected == wanted
    assert (new == sha256) == (wanted == labels)


def test_a_correction_settles_a_conflict_for_all_with_this_text(tmp_path: Path) -> None:
    title, text, label = ROWS[0]
    path = table(tmp_path / "a.csv", [*ROWS, (title.upper(), text, OTHER[label])])
    assert title not in read([path])[0]
    labels, _, said = read([path], corrections(tmp_path / "c.csv", (KEYS[0], label)))
    assert labels[title] == label
    assert said == [f"{path}, row 8: the same text stands at {path}, row 2; left out"]


def test_a_key_that_no_posting_has_is_named(tmp_path: Path) -> None:
    given = corrections(tmp_path / "c.csv", (KEYS[1], "back"), (KEYS[0], "back"))
    _, _, said = read([table(tmp_path / "a.csv", ROWS[1:])], given)
    what = f"there is no posting {KEYS[0]} any more; was its text changed?"
    assert said == [f"{given}, row 3: {what}"]


def test_labels_may_be_called_as_in_the_tables(tmp_path: Path) -> None:
    layout = Layout(front=("Cara",), back=("-", "Out"))
    given = corrections(
        tmp_path / "c.csv", (KEYS[0], "-"), (KEYS[1], "out"), (KEYS[5], "CARA"),
        (KEYS[4], "leave out"),
    )  # fmt: skip
    labels, _, _ = read([table(tmp_path / "a.csv", ROWS)], given, layout=layout)
    assert [labels[f"front {code}"] for code in ("es", "no")] == ["back", "back"]
    assert labels["back en"] == "front"
    assert "back no" not in labels


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".xlsx", ".jsonl", ".json", ".parquet"])
def test_a_table_of_suspects_comes_back_in_whatever_order(tmp_path: Path, suffix: str) -> None:
    path = table(tmp_path / "a.csv", ROWS)
    with training_set([path]) as texts:
        suspects = [Suspect(each, 0.5, {"label doubted": ""}) for each in texts.read()]
    made = suspects_table(suspects)
    blank, filled = tmp_path / f"blank{suffix}", tmp_path / f"filled{suffix}"
    write_table(blank, made)
    assert read_corrections([blank], Layout()) == {}
    labels = [OTHER[suspect.posting.label] for suspect in suspects]
    made = made.set_column(4, "correct", pa.array(labels)).take(pa.array([5, 3, 4, 0, 2, 1]))
    write_table(filled, made)
    found, _, said = read([path], filled)
    assert not said
    assert found == {title: OTHER[label] for title, _, label in ROWS}


def test_a_workbook_of_suspects_is_filled_by_hand(tmp_path: Path) -> None:
    path = table(tmp_path / "a.csv", ROWS)
    with training_set([path]) as texts:
        suspects = [Suspect(each, 0.5, {"label doubted": ""}) for each in texts.read()]
    file = tmp_path / "suspects.xlsx"
    write_table(file, suspects_table(suspects))
    book = openpyxl.load_workbook(file)
    sheet = book.active
    header = {cell.value: cell.column for cell in sheet[1]}
    assert [sheet.cell(row, header["posting"]).value for row in range(2, 8)] == KEYS
    sheet.cell(3, header["correct"]).value = "out"
    sheet.delete_rows(2)
    book.save(file)
    assert "front no" not in read([path], file)[0]


@pytest.mark.parametrize(
    "cell", ["maybe", "=1+1", "front back", "frontback", "1", "\u202efront\u202c x", "x" * 100_000]
)
def test_a_cell_that_says_something_else_is_refused_with_its_place(tmp_path, cell: str) -> None:
    given = corrections(tmp_path / "c.csv", (KEYS[0], "front"), (KEYS[1], cell))
    with pytest.raises(InputError) as refused:
        read_corrections([given], Layout())
    told = str(refused.value)
    assert told.startswith(f"{given}, row 3, column 'correct': ")
    assert told.endswith("is no correction; write front, back or out, or leave the cell blank.")
    assert len(told) < 300 + len(str(given))


@pytest.mark.parametrize("key", ["", "p12", KEYS[0][1:], "1.2E+15", f"{KEYS[0]} {KEYS[1]}", "=A1"])
def test_a_key_that_is_none_is_refused_with_its_place(tmp_path: Path, key: str) -> None:
    given = corrections(tmp_path / "c.csv", (key, "front"))
    with pytest.raises(InputError, match=r"c\.csv, row 2, column 'posting': .* is no key"):
        read_corrections([given], Layout())
    assert read_corrections([corrections(tmp_path / "d.csv", (key, ""))], Layout()) == {}


@pytest.mark.parametrize(
    ("header", "missing"),
    [(("posting", "right"), "'correct'"), (("key", "correct"), "'posting'"),
     (("a", "b"), "'posting' and 'correct'")],
)  # fmt: skip
def test_a_table_without_the_columns_is_refused(tmp_path: Path, header, missing: str) -> None:
    given = table(tmp_path / "c.csv", [(KEYS[0], "front")], header)
    with pytest.raises(InputError, match=f"c.csv: no column {missing}; name a table that"):
        read_corrections([given], Layout())


def test_two_corrections_of_one_posting_must_agree(tmp_path: Path) -> None:
    one = corrections(tmp_path / "one.csv", (KEYS[0], "front"), (KEYS[0], "front office"))
    two = corrections(tmp_path / "two.csv", (KEYS[1], "back"), (KEYS[0], "out"))
    assert len(read_corrections([one], Layout())) == 1
    with pytest.raises(InputError) as refused:
        read_corrections([one, two], Layout())
    assert str(refused.value) == (
        f"{two}, row 3: 'out' for a posting that is 'front' at {one}, row 2; keep one of them."
    )


def test_a_row_that_cannot_be_read_is_not_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "c.jsonl"
    good = json.dumps({"posting": KEYS[0], "correct": "front"})
    path.write_text(f"{good}\n{{broken\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"c\.jsonl, row 2: unreadable row; mend the row"):
        read_corrections([path], Layout())


def test_a_model_says_what_it_was_corrected_by(tmp_path: Path, small_corpus: Path) -> None:
    with training_set([small_corpus]) as texts:
        first = next(texts.read())
    key = written_key(key_of(first.posting))
    given = tmp_path / "c.parquet"
    pq.write_table(pa.table({"posting": [key], "correct": [OTHER[first.label]]}), given)
    plain = train([small_corpus], tmp_path / "models")
    corrected = train([small_corpus], tmp_path / "models", corrections=[given])
    assert corrected["corpus"]["sources"] == ["small", "c.parquet"]
    assert corrected["corpus"]["sha256"] != plain["corpus"]["sha256"]
    assert corrected["sha256"] != plain["sha256"]


def test_all_may_be_left_out(tmp_path: Path) -> None:
    path = table(tmp_path / "a.csv", ROWS)
    labels, _, said = read([path], corrections(tmp_path / "c.csv", *((key, "out") for key in KEYS)))
    assert not labels
    assert not said
