"""Corrections out of a review: as tables, into a corpus folder of one's own, into training."""

import json
from pathlib import Path

import openpyxl
import pyarrow as pa
import pytest

from pipeline.layout import Layout
from pipeline.posting import InputError, OutputError, Posting
from pipeline.review.export import export_corrections
from pipeline.review.own_corpus import REVIEWED, add_reviews
from pipeline.review.store import ReviewStore, SheetRow, open_store
from pipeline.tables.made import write_table
from pipeline.training import train
from pipeline.training_set import training_set
from tests.postings import BACK, FRONT
from tests.reviews import BAND, ids, opened, sheet, tag

KINDS = [".jsonl", ".xlsx", ".csv", ".parquet"]
EN = [FRONT["en"], BACK["en"], "=HYPERLINK(A1) we look for a cook who loves to bake our bread"]


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """A folder of models for commands that need none."""
    return tmp_path / "models"


@pytest.fixture
def reviewed(tmp_path: Path):
    """Front and back, decided by Ana; on the third row she and Bo disagree."""
    with opened(tmp_path, EN) as store:
        first, second, third = ids(store)
        store.decide(first, "Ana", "front")
        store.decide(first, "Bo", "unsure")
        store.decide(second, "Ana", "back")
        store.decide(second, "Bo", "back")
        store.decide(third, "Ana", "front")
        store.decide(third, "Bo", "back")
        yield store


def settle(store: ReviewStore) -> None:
    """Take back what Bo said of the third row."""
    store.undo("Bo")


def learned(*sources: Path) -> tuple[dict[str, str], list[str]]:
    """Labels by text, and what was reported but for small numbers."""
    said: list[str] = []

    def report(finding) -> None:
        if "the least" not in finding.what:
            said.append(f"{finding.where}: {finding.what}")

    with training_set(sources, Layout(), report) as texts:
        return {each.posting.text: each.label for each in texts.read()}, said


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_exported_is_learned_from_as_it_is(reviewed, tmp_path: Path, kind: str) -> None:
    output = tmp_path / f"out{kind}"
    exported = export_corrections(reviewed, output)
    assert exported.postings == 2
    assert [each.said for each in exported.conflicts] == ["front by Ana, back by Bo"]
    assert learned(output) == ({EN[0]: "front", EN[1]: "back"}, [])
    settle(reviewed)
    assert export_corrections(reviewed, output, overwrite=True).conflicts == []
    safe = "'" if kind == ".csv" else ""
    assert learned(output)[0] == {EN[0]: "front", EN[1]: "back", safe + EN[2]: "front"}


def test_a_row_says_who_decided_when_and_what_the_model_had_said(reviewed, tmp_path: Path) -> None:
    export_corrections(reviewed, tmp_path / "out.jsonl")
    row = json.loads((tmp_path / "out.jsonl").read_text("utf-8").splitlines()[1])
    (made,) = [each for each in reviewed.decisions() if each.decision == "back"][1:2]
    assert row == {
        "title": "", "text": EN[1], "label": "back", "language": "en", "office": "review",
        "p_front": 0.5, "model": "own-0123456789", "reviewers": "Ana, Bo", "when": made.at,
    }  # fmt: skip


def test_a_posting_that_looks_like_a_formula_is_none_in_a_spreadsheet(reviewed, tmp_path) -> None:
    settle(reviewed)
    for kind in (".csv", ".xlsx"):
        export_corrections(reviewed, tmp_path / f"out{kind}")
    assert f",'{EN[2]}," in (tmp_path / "out.csv").read_text("utf-8")
    column = openpyxl.load_workbook(tmp_path / "out.xlsx").active["B"]
    assert {(cell.value, cell.data_type) for cell in column} == {(t, "s") for t in ["text", *EN]}


def test_a_text_too_long_for_a_cell_is_cut_for_excel_alone(tmp_path: Path) -> None:
    text = "we look for a cook " * 2_000
    with opened(tmp_path, [text]) as store:
        store.decide(ids(store)[0], "Ana", "back")
        for kind in (".jsonl", ".xlsx"):
            export_corrections(store, tmp_path / f"out{kind}")
    assert list(learned(tmp_path / "out.jsonl")[0]) == [text]
    assert list(learned(tmp_path / "out.xlsx")[0]) == [text[:32_766] + "…"]


def test_nothing_to_export_and_nowhere_to_are_said(reviewed, tmp_path: Path) -> None:
    with (
        open_store(tmp_path / "b.reviews.sqlite") as empty,
        pytest.raises(InputError, match="no posting on which its reviewers agree; decide on"),
    ):
        export_corrections(empty, tmp_path / "out.csv")
    (tmp_path / "out.csv").write_text("mine")
    for output, sentence in (
        (tmp_path / "out.csv", "exists already"),
        (reviewed.path, "this is the input itself"),
        (tmp_path / "out.doc", "a .doc cannot be written"),
    ):
        with pytest.raises(OutputError, match=sentence):
            export_corrections(reviewed, output)
    assert (tmp_path / "out.csv").read_text() == "mine"


def test_training_takes_reviews_as_they_are_and_names_where_reviewers_disagree(reviewed) -> None:
    labels, said = learned(reviewed.path)
    assert labels == {EN[0]: "front", EN[1]: "back"}
    assert said == [f"{reviewed.path}, row 4: front by Ana, back by Bo; left out"]


def test_reviews_in_another_language_are_left_out_of_training(tmp_path: Path) -> None:
    with opened(tmp_path, EN[:1]) as store:
        store.fill([*sheet(EN[:2]), SheetRow(9, Posting("", "Wir suchen"), tag(language="other"))],
                   BAND)  # fmt: skip
        for name in ids(store):
            store.decide(name, "Ana", "back")
    labels, said = learned(store.path)
    assert labels == dict.fromkeys(EN[:2], "back")
    assert said == [f"{store.path}, row 9: in another language; left out"]


def test_a_model_is_trained_beside_reviews_and_their_export_would_give_the_same(
    small_corpus: Path, tmp_path: Path
) -> None:
    with opened(tmp_path, [f"{text} {n}" for n in range(6) for text in EN[:2]]) as store:
        for at, name in enumerate(ids(store)):
            store.decide(name, "Ana", "back" if at % 2 else "front")
        export_corrections(store, tmp_path / "out.jsonl")
    made = train([small_corpus, store.path], tmp_path / "models")["corpus"]
    assert made["counts"]["postings"] == 60 + 12
    assert made["sources"] == ["small", "sheet.reviews.sqlite"]
    with training_set([small_corpus, tmp_path / "out.jsonl"]) as texts:
        assert texts.sha256 == made["sha256"]


def added(frontback, *arguments: object) -> str:
    result = frontback("corpus", "add", *arguments)
    assert (result.code, result.out) == (0, "")
    return result.err


def test_reviews_are_added_to_a_folder_once(frontback, reviewed, tmp_path: Path) -> None:
    folder = tmp_path / "ours"
    conflict = f"{reviewed.path}, row 4: front by Ana, back by Bo; left out\n"
    trains = f"'frontback train --extra {folder}' trains with them\n"
    said = added(frontback, reviewed.path, "--to", folder)
    assert said == conflict + f"{folder}: 2 added, 0 changed, 0 there already; {trains}"
    before = (folder / REVIEWED).read_bytes()
    assert learned(folder) == ({EN[0]: "front", EN[1]: "back"}, [])
    said = added(frontback, reviewed.path, "--to", folder)
    assert said == conflict + f"{folder}: 0 added, 0 changed, 2 there already; {trains}"
    for kind in KINDS:
        export_corrections(reviewed, tmp_path / f"out{kind}")
        said = added(frontback, tmp_path / f"out{kind}", "--to", folder)
        assert said == f"{folder}: 0 added, 0 changed, 2 there already; {trains}"
    assert (folder / REVIEWED).read_bytes() == before
    assert [each.name for each in (folder / "postings").iterdir()] == ["reviewed.jsonl"]


def test_without_a_folder_the_one_of_the_user_is_taken(
    frontback, reviewed, tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr("pipeline.cli.corpus_add.own_corpus_folder", lambda: tmp_path / "own")
    assert f"{tmp_path / 'own'}: 2 added" in added(frontback, reviewed.path)
    assert learned(tmp_path / "own")[0] == {EN[0]: "front", EN[1]: "back"}


def labelled(path: Path, *rows: tuple[str, str, str | None]) -> Path:
    texts, labels, times = zip(*rows, strict=True)
    write_table(
        path, pa.table({"text": texts, "label": labels, "when": pa.array(times, pa.string())})
    )
    return path


def test_the_newer_decision_on_a_text_holds_whichever_comes_first(tmp_path: Path) -> None:
    old = labelled(tmp_path / "old.csv", (EN[0], "front", "2027-01-01T10:00:00+01:00"))
    new = labelled(tmp_path / "new.csv", (EN[0].upper(), "back", "2027-01-01T09:00:01Z"))
    for at, (first, second) in enumerate(((old, new), (new, old))):
        folder, said = tmp_path / str(at), []
        assert add_reviews(first, folder, said.append) == (1, 0, 0)
        assert add_reviews(second, folder, said.append) == (0, 1 - at, 0)
        assert list(learned(folder)[0].values()) == ["back"]
        assert [each.what for each in said] == [
            "front, and the same text is back by a newer decision; left out" if at
            else "back now, front before"
        ]  # fmt: skip


def test_the_same_decision_made_again_is_as_new_as_it_was_made_last(tmp_path: Path) -> None:
    files = [
        labelled(tmp_path / f"{day}.csv", (EN[0], label, f"2027-01-0{day}T10:00:00Z"))
        for day, label in ((1, "front"), (3, "front"), (2, "back"))
    ]
    done = [add_reviews(each, tmp_path / "ours", lambda finding: None) for each in files]
    assert done == [(1, 0, 0), (0, 0, 1), (0, 0, 0)]
    assert list(learned(tmp_path / "ours")[0].values()) == ["front"]


def test_a_table_that_does_not_say_when_was_decided_now(tmp_path: Path) -> None:
    folder = tmp_path / "ours"
    rows = ((EN[0], "front", "2020-01-01T10:00:00Z"), (EN[1], "back", None))
    add_reviews(labelled(tmp_path / "a.csv", *rows), folder, lambda finding: None)
    table = tmp_path / "b.csv"
    table.write_text(f'text,label\n"{EN[0]}",back\n', "utf-8")
    assert add_reviews(table, folder, lambda finding: None) == (0, 1, 0)
    held = [json.loads(line) for line in (folder / REVIEWED).read_text("utf-8").splitlines()]
    assert [(each["label"], each["at"] > "2025") for each in held] == [("back", True)] * 2


def test_other_files_of_the_folder_are_left_alone_and_nothing_stands_twice(
    small_corpus: Path, reviewed, tmp_path: Path
) -> None:
    settle(reviewed)
    own = small_corpus / "postings" / "en.jsonl"
    line = {"title": "", "text": EN[2], "label": "back", "language": "en"}
    same = {"title": "", "text": EN[1], "label": "back", "language": "en"}
    with own.open("a", encoding="utf-8") as file:
        file.writelines(json.dumps(each) + "\n" for each in (line, same))
    before, said = own.read_bytes(), []
    assert add_reviews(reviewed.path, small_corpus, said.append) == (1, 0, 1)
    assert [tuple(each) for each in said] == [
        (f"{reviewed.path}, row 4", f"front, and the same text is back at {own}:61; left out")
    ]
    assert own.read_bytes() == before
    assert learned(small_corpus)[1] == []


def test_what_cannot_be_added_is_said_and_changes_nothing(
    frontback, reviewed, tmp_path: Path
) -> None:
    folder = tmp_path / "ours"
    added(frontback, reviewed.path, "--to", folder)
    before = (folder / REVIEWED).read_bytes()
    with open_store(tmp_path / "b.reviews.sqlite") as empty:
        empty.fill(sheet(EN), BAND)
    late = labelled(tmp_path / "late.csv", (EN[2], "back", None), (EN[0], "back", "31.1.2027"))
    (tmp_path / "file").write_text("")
    (tmp_path / "c.txt").write_text("mine")
    for source, to, sentence in (
        (empty.path, folder, "nobody has decided front or back in it; review some postings first."),
        (tmp_path / "c.sqlite", folder, "no such file; check the name and the folder."),
        (tmp_path / "c.txt", folder, "a .txt is no table that is read here"),
        (late, folder, "row 3, column 'when': '31.1.2027' is no time; write it like 2027-01-31T12"),
        (reviewed.path, tmp_path / "file", "this is a file; name a folder."),
    ):
        result = frontback("corpus", "add", source, "--to", to)
        assert (result.code, result.out) == (1, "")
        assert sentence in result.err
        assert result.err.startswith("frontback: ")
        assert result.err.count("\n") == 1
    assert (folder / REVIEWED).read_bytes() == before
