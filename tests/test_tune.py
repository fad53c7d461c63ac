"""A search for parameters: the same folds for all, nothing done twice, nobody flattered."""

import csv
import json
import logging
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.fitting import fit_corpus
from pipeline.labelled import read_corpus
from pipeline.posting import ClusterError, CorpusError, InputError, ResumeError
from pipeline.training import out_of_fold_metrics
from pipeline.tuning import plot, search
from pipeline.tuning.grid import DEFAULT, candidates, named, parse_grid, usual
from pipeline.tuning.journal import Outcome, TuningJournal
from pipeline.tuning.results import MEASURES, RANKING, ranked, write_csv
from pipeline.tuning.search import tune
from tests.conftest import write_small_corpus
from tests.models import refused

ROOT = Path(__file__).parents[1]
GRID = ("estimator=logistic,nb", "C=1,3")


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> Path:
    return write_small_corpus(tmp_path_factory.mktemp("tune") / "small")


@pytest.fixture(scope="module")
def whole(small, tmp_path_factory) -> Path:
    """The folder of a search that nothing disturbed."""
    folder = tmp_path_factory.mktemp("whole")
    searched(small, folder)
    return folder


def searched(small: Path, folder: Path, grid=GRID, **options):
    """Search on one core, and write the table."""
    tuning = tune([small], folder, grid=parse_grid(grid), **{"workers": 1} | options)
    write_csv(folder / "results.csv", tuning)
    return tuning


def table(folder: Path) -> bytes:
    return (folder / "results.csv").read_bytes()


def test_a_key_that_is_given_replaces_the_values_of_that_key_alone() -> None:
    grid = parse_grid(["C=0.5, 2", "grey=10:66,20:50"])
    assert grid == {**DEFAULT, "C": [0.5, 2.0], "grey": [(10, 66), (20, 50)]}


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        (["D=1"], "--grid D=1: there is nothing to search by that name; write one of estimator,"),
        (["C"], "--grid C: there is nothing to search by that name"),
        (["precision=0.9,0.98"], "there is nothing to search by that name"),
        (["C=1,x"], "--grid C=1,x: C must be a number above 0; 'x' is not."),
        (["C=1,"], "--grid C=1,: C must be a number above 0; '' is not."),
        (["C=0"], "--grid C=0: C must be a number above 0; '0' is not."),
        (["C=nan"], "C must be a number above 0; 'nan' is not."),
        (["min_df=1.5"], "min_df must be a whole number of at least 1; '1.5' is not."),
        (["estimator=svm,tree"], "estimator must be logistic, sgd, svm or nb; 'tree' is not."),
        (["grey=10,66"], "the lower one first, as in grey=10:66; '10' is not."),
        (["grey=66:10"], "the lower one first, as in grey=10:66; '66:10' is not."),
        (["C=1", "C=2"], "--grid C=2: C is given twice; write all its values in one."),
        (["C=1,1.0"], "--grid C=1,1.0: a value stands there twice; leave one out."),
    ],
)
def test_a_grid_that_cannot_be_searched_is_refused_in_a_sentence(written, sentence) -> None:
    with pytest.raises(InputError) as error:
        parse_grid(written)
    assert sentence in str(error.value)


@given(
    st.lists(st.sampled_from(["svm", "nb", "sgd", "logistic"]), min_size=1, unique=True),
    st.lists(st.floats(0.001, 1000), min_size=1, max_size=4, unique=True),
)
def test_each_combination_is_tried_once_and_the_usual_one_always_and_first(names, values) -> None:
    found = candidates({"estimator": names, "C": values})
    assert found[0] == usual()
    wanted = {(name, C) for name in names for C in values}
    there = [(each["estimator"], each["C"]) for each in found]
    assert len(set(there)) == len(there)
    assert set(there) == wanted | {("logistic", 3.0)}


def test_a_candidate_is_called_by_what_makes_it_another() -> None:
    assert named(usual()) == "logistic, C 3"
    other = {"estimator": "svm", "C": 0.5, "min_df": 1, "grey": (20.0, 50.5)}
    assert named(other) == "svm, C 0.5, min_df 1, grey 20,50.5"


def test_the_figures_are_those_that_training_gives_for_the_same_parameters(small, whole) -> None:
    classifier, postings = fit_corpus(read_corpus(small), {"estimator": "nb", "C": 1.0})
    expected = out_of_fold_metrics(classifier, postings)
    with (whole / "results.csv").open(encoding="utf-8") as file:
        rows = {
            r["part"]: r for r in csv.DictReader(file) if (r["estimator"], r["C"]) == ("nb", "1.0")
        }
    assert set(rows) == set(expected)
    for part, figures in expected.items():
        assert {name: float(rows[part][name]) for name in (*MEASURES, "postings")} == figures


def test_the_number_of_processes_changes_nothing(small, whole, tmp_path) -> None:
    searched(small, tmp_path, workers=2)
    assert table(tmp_path) == table(whole)


def test_what_is_done_is_not_done_again_and_another_measure_asks_for_nothing_new(
    small, whole, tmp_path, monkeypatch
) -> None:
    def refuse(*work):
        raise AssertionError("tried again")

    before = (whole / "journal.jsonl").read_bytes()
    monkeypatch.setattr(search, "answer", refuse)
    tuning = tune([small], whole, grid=parse_grid(GRID), by="auc", workers=1)
    values = [row.parts["all"].figures["auc"].value for row in tuning.rows]
    assert values == sorted(values, reverse=True)
    assert (whole / "journal.jsonl").read_bytes() == before


def test_a_wider_grid_adds_only_what_is_new(small, whole, tmp_path) -> None:
    (tmp_path / "journal.jsonl").write_bytes((whole / "journal.jsonl").read_bytes())
    searched(small, tmp_path, ("estimator=logistic,nb", "C=1,3,9"))
    lines = (tmp_path / "journal.jsonl").read_text().splitlines()
    assert [json.loads(line)["parameters"]["C"] for line in lines[5:]] == [9, 9]


def test_another_training_set_or_seed_is_refused_and_the_journal_stays(
    small, whole, tmp_path
) -> None:
    other = write_small_corpus(tmp_path / "other")
    file = other / "postings" / "en.jsonl"
    file.write_text("\n".join(file.read_text("utf-8").splitlines()[1:]), "utf-8")
    before = (whole / "journal.jsonl").read_bytes()
    with pytest.raises(ResumeError, match=r"cannot go on, the training set is [0-9a-f]+ now and"):
        searched(other, whole)
    with pytest.raises(ResumeError, match=r"cannot go on, the seed is 1 now and was 0; name anoth"):
        searched(small, whole, seed=1)
    assert (whole / "journal.jsonl").read_bytes() == before


@pytest.mark.parametrize("content", [b"rows,of,something\n1,2,3\n", b"half a li", b"\n", b"[]\n"])
def test_a_file_that_is_no_journal_is_left_as_it_is(small, tmp_path, content) -> None:
    (tmp_path / "journal.jsonl").write_bytes(content)
    with pytest.raises(ResumeError, match="the journal of the search is to be there, and this is"):
        searched(small, tmp_path)
    assert (tmp_path / "journal.jsonl").read_bytes() == content


@pytest.fixture(scope="module")
def journal(tmp_path_factory) -> bytes:
    """A journal of three candidates, each with its own answer to two postings."""
    path = tmp_path_factory.mktemp("journal") / "journal.jsonl"
    with TuningJournal.at(path, {"the seed": 0}, 2) as written:
        for place in range(3):
            written.note({"C": place}, Outcome(np.array([place / 4, 1 / 3]), 0.1))
    return path.read_bytes()


@settings(deadline=None)
@given(data=st.data())
def test_a_journal_that_is_cut_anywhere_keeps_its_whole_lines_and_goes_on(
    journal, tmp_path_factory, data
) -> None:
    cut = data.draw(st.integers(0, len(journal)))
    path = tmp_path_factory.mktemp("cut") / "journal.jsonl"
    path.write_bytes(journal[:cut])
    with TuningJournal.at(path, {"the seed": 0}, 2) as opened:
        kept = [opened.get({"C": place}) for place in range(3)]
        whole = max(journal[:cut].count(b"\n") - 1, 0)
        assert [outcome is not None for outcome in kept] == [at < whole for at in range(3)]
        for place in range(whole, 3):
            opened.note({"C": place}, Outcome(np.array([place / 4, 1 / 3]), 0.1))
    assert path.read_bytes() == journal


@pytest.mark.parametrize(
    "line",
    ['{"parameters": {"C": 9}}', "[]", "3", '{"parameters": {"C": 9}, "band": 0.1, "p_front": "%"}',
     '{"parameters": {"C": 9}, "band": 0.1, "p_front": "AAAA"}', "\udcff"],
)  # fmt: skip
def test_a_damaged_line_is_as_if_it_were_not_there(journal, tmp_path, line) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_bytes(journal + line.encode(errors="surrogateescape") + b"\n")
    with TuningJournal.at(path, {"the seed": 0}, 2) as opened:
        assert opened.get({"C": 9}) is None
        assert opened.get({"C": 2}) is not None


def test_a_journal_holds_no_text_of_a_posting(small, whole) -> None:
    words = {
        word
        for posting in read_corpus(small).postings
        for word in posting.posting.text.split()
        if len(word) > 12 and word.isalpha()
    }
    assert len(words) > 20
    written = (whole / "journal.jsonl").read_text()
    assert not [word for word in words if word in written]


_RUN = "from pipeline.cli import main; main()"


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-c", _RUN, "tune", *map(str, arguments)]


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_a_search_that_is_killed_goes_on_and_comes_to_the_same(small, whole, tmp_path) -> None:
    asked = command("--corpus", small, "-o", tmp_path, "--workers", 2, "--grid", GRID[0],
                    "--grid", GRID[1])  # fmt: skip
    journal = tmp_path / "journal.jsonl"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": ROOT}
    with subprocess.Popen(asked, start_new_session=True, **quiet) as running:
        while running.poll() is None and (
            not journal.exists() or journal.read_bytes().count(b"\n") < 2
        ):
            time.sleep(0.01)
        os.killpg(running.pid, signal.SIGKILL)
        assert running.wait(60) == -signal.SIGKILL
    before = journal.read_bytes().rpartition(b"\n")[0]
    assert 1 <= before.count(b"\n") < 4
    searched(small, tmp_path)
    assert journal.read_bytes().startswith(before + b"\n")
    assert table(tmp_path) == table(whole)


@pytest.mark.skipif(os.name == "nt", reason="signals of a terminal")
def test_ctrl_c_keeps_what_is_done_and_shows_no_traceback(small, tmp_path) -> None:
    asked = command("--corpus", small, "-o", tmp_path, "--workers", 2)
    with subprocess.Popen(
        asked, start_new_session=True, cwd=ROOT, stderr=subprocess.PIPE, text=True
    ) as running:
        journal = tmp_path / "journal.jsonl"
        while running.poll() is None and (
            not journal.exists() or journal.read_bytes().count(b"\n") < 2
        ):
            time.sleep(0.01)
        os.killpg(running.pid, signal.SIGINT)  # as a terminal does: to all of them
        _, said = running.communicate(timeout=120)
    assert running.returncode == 128 + signal.SIGINT
    assert f"{tmp_path}: the candidates that are done are kept; the same command goes on" in said
    assert "Traceback" not in said
    assert not (tmp_path / "results.csv").exists()


def outcomes(*right: np.ndarray) -> list[Outcome]:
    """Answers of which these are right, all of the same sureness, to half front and half back."""
    front = np.arange(len(right[0])) % 2 == 0
    return [Outcome(np.where(each == front, 0.9, 0.1), 0.0) for each in right]


def judged(by: str, *right: np.ndarray):
    n = len(right[0])
    tried = [usual() | {"C": usual()["C"] + at} for at in range(len(right))]
    language = np.array(["es", "en"])[np.arange(n) // 2 % 2]
    return ranked(tried, outcomes(*right), np.arange(n) % 2 == 0, language, by)


def test_a_winner_by_chance_is_not_recommended_and_a_real_one_is() -> None:
    rng = np.random.default_rng(4)
    usual_right = rng.random(400) < 0.8
    # Forty candidates that know as much as the usual one, and err elsewhere.
    others = [rng.random(400) < 0.8 for _ in range(40)]
    tuning = judged("accuracy", usual_right, *others)
    best = tuning.rows[0].parts["all"]
    assert best.differences["accuracy"].low > 0  # its own interval is deceived
    assert tuning.needed > best.differences["accuracy"].value
    assert tuning.recommended is tuning.usual

    better = usual_right | (rng.random(400) < 0.8)
    tuning = judged("accuracy", usual_right, better, *others)
    assert tuning.recommended is tuning.rows[0]
    assert tuning.rows[0].parameters["C"] == usual()["C"] + 1


def test_candidates_that_are_certainly_worse_do_not_make_it_harder() -> None:
    rng = np.random.default_rng(5)
    right = rng.random(400) < 0.8
    better = right | (rng.random(400) < 0.2)
    bad = [rng.random(400) < 0.3 for _ in range(20)]
    alone, among = judged("accuracy", right, better), judged("accuracy", right, better, *bad)
    assert among.needed == alone.needed > 0


def test_of_equals_the_earlier_stands_first_and_the_usual_is_kept() -> None:
    right = np.random.default_rng(1).random(100) < 0.7
    tuning = judged("accuracy", right, right, right)
    assert [row.parameters["C"] for row in tuning.rows] == [3, 4, 5]
    assert tuning.recommended is tuning.usual
    assert tuning.difference == (0, 0, 0)


def test_less_calibration_error_is_better() -> None:
    rng = np.random.default_rng(2)
    tuning = judged("calibration_error", rng.random(500) < 0.6, rng.random(500) < 0.9)
    assert tuning.rows[0].parameters["C"] == 4  # who says 0.9 and is right as often
    assert tuning.difference.high < 0
    assert tuning.recommended is tuning.rows[0]


@pytest.mark.parametrize("by", RANKING)
def test_a_part_with_one_label_has_figures_where_there_are_any(by, tmp_path) -> None:
    right = np.random.default_rng(3).random(40) < 0.7
    front = np.arange(40) % 2 == 0
    language = np.where(front, "es", "en")
    tuning = ranked([usual()], outcomes(right), front, language, by)
    assert tuning.usual.parts["es"].figures["auc"].value is None
    write_csv(tmp_path / "results.csv", tuning)
    plot.draw_tuning(tmp_path / "tuning.png", tuning)
    assert (tmp_path / "tuning.png").read_bytes().startswith(b"\x89PNG")


def test_more_postings_than_memory_holds_are_sampled_by_the_seed(
    small, tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr(search, "AT_ONCE", 50)
    said: list[str] = []
    tuning = searched(small, tmp_path / "a", ("estimator=nb", "C=1"), say=said.append, seed=5)
    assert "60 postings: tuning on 50 of them, drawn by --seed 5" in said
    assert tuning.usual.parts["all"].postings == 50
    searched(small, tmp_path / "b", ("estimator=nb", "C=1"), seed=5)
    searched(small, tmp_path / "c", ("estimator=nb", "C=1"), seed=6)
    assert table(tmp_path / "a") == table(tmp_path / "b") != table(tmp_path / "c")


def test_too_little_to_learn_from_is_said(tmp_path) -> None:
    sheet = tmp_path / "labels.csv"
    sheet.write_text("text,label\nBuscamos camarero para atender mesas,front\n", "utf-8")
    with pytest.raises(CorpusError, match="training needs 10 of each"):
        tune([sheet], tmp_path / "out", workers=1)
    assert not (tmp_path / "out").exists()


def test_the_command_says_what_follows_and_how_to_train_it(frontback, small, tmp_path) -> None:
    asked = ("tune", "--corpus", small, "-o", tmp_path / "t", "--workers", 1)
    asked += ("--grid", GRID[0], "--grid", GRID[1])
    done = frontback(*asked)
    assert done.code == 0, done.err
    assert "logistic, C 3 (usual)" in done.out
    assert done.out.rstrip().rpartition("\n")[2].startswith(f"frontback train --corpus {small}")
    assert sorted(path.name for path in (tmp_path / "t").iterdir()) == [
        "journal.jsonl", "results.csv", "tuning.png",
    ]  # fmt: skip
    again = frontback(*asked, "--json", "--by", "calibration_error")
    found = json.loads(again.out)
    assert found["by"] == "calibration_error"
    assert [len(each["parts"]) for each in found["candidates"]] == [2, 2, 2, 2]
    assert "all 4 candidates are done" in again.err


def test_a_table_that_no_search_wrote_is_not_replaced(frontback, small, tmp_path) -> None:
    own = tmp_path / "results.csv"
    own.write_text("team,points\n")
    done = frontback("tune", "--corpus", small, "-o", tmp_path, "--grid", GRID[0])
    refused(done, "results.csv: exists already, and no search has written it")
    assert own.read_text() == "team,points\n"
    assert [each.name for each in tmp_path.iterdir()] == ["results.csv"]


def test_without_matplotlib_the_table_is_there_and_what_is_missing_is_said(
    frontback, small, whole, monkeypatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    done = frontback("tune", "--corpus", small, "-o", whole, "--grid", GRID[0], "--grid", GRID[1])
    assert done.code == 0
    assert "pip install 'frontback[corpus]'" in done.err
    assert "results.csv written" in done.err
    assert "logistic, C 3 (usual)" in done.out


def test_the_workers_of_a_scheduler_are_not_counted_here(frontback, tmp_path) -> None:
    done = frontback("tune", "--scheduler", "tcp://h:1", "--workers", 2, "-o", tmp_path)
    assert done.code == 2
    assert "the workers of tcp://h:1 are started there; leave --workers out." in done.err


def test_workers_of_dask_come_to_the_same(small, whole, tmp_path) -> None:
    distributed = pytest.importorskip("distributed", reason="needs pip install 'frontback[dask]'")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), *sys.path]))
        with distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            dashboard_address=":0",
            silence_logs=logging.CRITICAL,
        ) as cluster:
            searched(small, tmp_path, workers=None, scheduler=cluster.scheduler_address)
    assert table(tmp_path) == table(whole)


def die(*work) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_a_candidate_that_kills_its_workers_ends_the_search_with_a_sentence(
    small, tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr(search, "answer", die)
    with pytest.raises(ClusterError, match="died, most often for want of memory; go on with fewer"):
        searched(small, tmp_path, workers=2)
    dask = pytest.importorskip("dask", reason="needs pip install 'frontback[dask]'")
    distributed = pytest.importorskip("distributed", reason="needs pip install 'frontback[dask]'")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), *sys.path]))
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 0}),
        distributed.LocalCluster(
            n_workers=1, threads_per_worker=1, dashboard_address=":0", silence_logs=logging.CRITICAL
        ) as cluster,
        pytest.raises(ClusterError, match="the workers that tried a candidate died"),
    ):
        searched(small, tmp_path, workers=None, scheduler=cluster.scheduler_address)


def test_a_scheduler_that_is_not_there_is_said(small, tmp_path, monkeypatch) -> None:
    pytest.importorskip("distributed", reason="needs pip install 'frontback[dask]'")
    monkeypatch.setattr("pipeline.cluster.dask._WAIT_SECONDS", 1)
    with pytest.raises(ClusterError, match=r"^tcp://127.0.0.1:9: no scheduler of Dask answers"):
        searched(small, tmp_path, workers=None, scheduler="tcp://127.0.0.1:9")
