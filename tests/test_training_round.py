"""A data scientist's round: own labels in Excel, train, compare, use, tag, go back; killed too."""

import json
import time
from pathlib import Path

import openpyxl
import pytest

from pipeline.active import active_id, history
from pipeline.layout import Layout
from pipeline.places import corpus_folder
from pipeline.store import list_models
from pipeline.training import train

LABELS = corpus_folder() / "samples" / "labelled.xlsx"
LATER = corpus_folder() / "samples" / "labelled_later.csv"
OWN = Layout(label="Type", front=("Customer",), back=("Internal",))
LAYOUT = ("--label-column", "Type", "--front", "Customer", "--back", "Internal")


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty models folder that the command line uses."""
    monkeypatch.setenv("FRONTBACK_MODELS", str(tmp_path / "own"))
    return tmp_path / "own"


@pytest.fixture
def run(frontback, own, monkeypatch):
    """The command line, with the empty models folder."""

    def call(*arguments: object):
        monkeypatch.setenv("FRONTBACK_MODELS", str(own))
        return frontback(*arguments)

    return call


def few(path: Path, rows: int, **changed: str) -> Path:
    """Write the first rows of the labelled sheet into a workbook of its own."""
    source = openpyxl.load_workbook(LABELS).active
    book = openpyxl.Workbook()
    for row in source.iter_rows(max_row=rows + 1, values_only=True):
        book.active.append([changed.get(str(cell), cell) for cell in row])
    book.save(path)
    return path


def sound(folder: Path) -> list[str]:
    """The models of a folder, each of which must be whole."""
    found = list_models(folder)
    assert not [each for each in found if each.problem]
    return [each.id for each in found]


def test_the_whole_round(run, own, tmp_path) -> None:
    first = run("train", "--corpus", few(tmp_path / "few.xlsx", 150), *LAYOUT, "--name", "few")
    assert first.code == 0, first
    old = first.out.strip()
    trained = run("train", "--corpus", LABELS, *LAYOUT, "--name", "all", "--candidate")
    new = trained.out.strip()
    assert trained.code == 0
    assert "row 122: back, and the same text is front at" in trained.err
    assert active_id(own) == old, "a candidate is not in use"

    evaluated = run("evaluate", LATER, *LAYOUT, "--model", new, "--json")
    parts = json.loads(evaluated.out)["parts"]
    assert parts["all"]["postings"] == 108
    assert parts["all"]["accuracy"]["value"] > 0.75

    compared = run("compare", "active", new, "--on", LATER, *LAYOUT)
    assert compared.code == 0, "all the labels are better than some of them"
    assert run("compare", new, "active", "--on", LATER, *LAYOUT).code == 3

    assert run("models", "use", new).code == 0
    tagged = run("tag", "--json", "--title", "Receptionist", "You greet guests and check them in.")
    assert json.loads(tagged.out)["model"] == new
    assert run("models", "rollback").code == 0
    assert active_id(own) == old
    assert (own / new / "card.html").read_text("utf-8").startswith("<!doctype html>")


def test_the_same_labels_make_the_same_model_wherever_they_stand(run, own, tmp_path) -> None:
    (tmp_path / "elsewhere").mkdir()
    paths = (tmp_path / "a.xlsx", tmp_path / "elsewhere" / "b.xlsx")
    found = [run("train", "--corpus", few(path, 120), *LAYOUT).out for path in paths]
    assert found[0] == found[1]
    assert found[0].startswith("own-")


def test_another_seed_is_another_model_that_is_marked_as_such(run, own, tmp_path) -> None:
    path = few(tmp_path / "few.xlsx", 120)
    usual = run("train", "--corpus", path, *LAYOUT)
    other = run("train", "--corpus", path, *LAYOUT, "--seed", "7", "--set", "C=1", "--cv", "4")
    assert usual.out != other.out
    manifest = json.loads((own / other.out.strip() / "manifest.json").read_text())
    set_to = {name: manifest["parameters"][name] for name in ("seed", "C", "cv", "estimator")}
    assert set_to == {"seed": 7, "C": 1.0, "cv": 4, "estimator": "logistic"}
    assert manifest["corpus"]["sources"] == ["few.xlsx"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [(("--set", "C=0"), "C must be a number above 0"),
     (("--set", "D=1"), "sets no parameter"),
     (("--set", "grey=50"), "two numbers from 0 to 100"),
     (("--name", "../x"), "cannot be a model's name"),
     (("--name", "default"), "what comes with frontback"),
     (("--front", "Internal"), "cannot be both front and back"),
     (("--sheet", "Nope"), "Nope"),
     (("--extra", "missing.csv"), "missing.csv: no such file"),
     (("--extra", "circle.csv"), "circle.csv")],
)  # fmt: skip
def test_what_training_cannot_do_is_one_sentence(
    run, own, tmp_path, monkeypatch, arguments, told
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("circle.csv").symlink_to("circle.csv")
    result = run("train", "--corpus", few(tmp_path / "few.xlsx", 60), *LAYOUT, *arguments)
    assert result.code == 1
    assert told in result.err.splitlines()[-1]
    assert "Traceback" not in result.err
    assert not own.exists() or not list_models(own)


def test_one_label_only_is_refused_with_the_counts(run, tmp_path) -> None:
    path = few(tmp_path / "few.xlsx", 60, Customer="Internal")
    result = run("train", "--corpus", path, *LAYOUT)
    assert result.code == 1
    assert "0 front and" in result.err.splitlines()[-1]


def test_another_label_is_named_with_its_row(run, tmp_path) -> None:
    path = few(tmp_path / "few.xlsx", 60, Customer="Kunde")
    result = run("train", "--corpus", path, *LAYOUT)
    assert "column 'Type': 'Kunde' is no label" in result.err.splitlines()[-1]


def test_labels_can_come_from_standard_kinds_of_table(run, tmp_path) -> None:
    import pyarrow.csv
    import pyarrow.parquet

    table = pyarrow.csv.read_csv(LATER)
    pyarrow.parquet.write_table(table, tmp_path / "x.parquet")
    lines = "\n".join(map(json.dumps, table.to_pylist()))
    (tmp_path / "x.jsonl").write_text(lines, encoding="utf-8")
    found = {
        run("train", "--corpus", path, *LAYOUT).out
        for path in (LATER, tmp_path / "x.parquet", tmp_path / "x.jsonl")
    }
    assert len(found) == 1


def test_two_trainings_at_once_are_both_stored(start, own, tmp_path) -> None:
    paths = [few(tmp_path / f"{rows}.xlsx", rows) for rows in (100, 130)]
    both = [
        start("train", "--corpus", path, *LAYOUT, "--models", own, "--name", path.stem)
        for path in paths
    ]
    ids = [process.communicate(timeout=300)[0].strip() for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert sorted(sound(own)) == sorted(ids)
    assert {change.model for change in history(own)} == set(ids)
    assert active_id(own) in ids


def test_a_training_that_is_killed_leaves_all_as_it_was(start, own, tmp_path) -> None:
    path = few(tmp_path / "few.xlsx", 100)
    command = ("train", "--corpus", path, *LAYOUT, "--models", own, "--name")
    begun = time.monotonic()
    before = start(*command, "before").communicate(timeout=300)[0].strip()
    took = time.monotonic() - begun

    for part in (0.3, 0.6, 0.8, 0.9):
        process = start(*command, "after")
        time.sleep(part * took)
        process.kill()
        process.communicate()
        if active_id(own) != before:  # it had done all before it was killed
            break
        assert sound(own) == [before]

    again = start(*command, "after").communicate(timeout=300)[0].strip()
    assert sorted(sound(own)) == sorted([before, again])
    assert active_id(own) == again
    assert not [each.name for each in own.iterdir() if each.name.startswith(".new")]


def test_from_python_too_a_parameter_that_cannot_be_is_named(tmp_path) -> None:
    with pytest.raises(ValueError, match="'C' parameter"):
        train([few(tmp_path / "few.xlsx", 60)], tmp_path / "m", layout=OWN, parameters={"C": -1})
