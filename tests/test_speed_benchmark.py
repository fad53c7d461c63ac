"""The benchmark of speed compares like with like: same rows, same columns, texts that are real."""

import sys
from importlib.util import find_spec
from pathlib import Path

import click
import pyarrow.parquet as pq
import pytest

from benchmarks.measure import measure, run
from benchmarks.recombine import write_corpus, write_postings
from benchmarks.rival_models import needed
from pipeline.annotate import TAG_COLUMNS
from pipeline.labelled import Corpus, read_corpus

ROWS = 50
needs_rivals = pytest.mark.skipif(
    not (find_spec("fasttext") and find_spec("eldc")),
    reason="the rivals are not installed: pip install --group bench",
)


@pytest.fixture(scope="module")
def postings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("speed") / "postings.parquet"
    write_postings(path, ROWS)
    return path


@pytest.fixture(scope="module")
def recombined_corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    write_corpus(folder, 200)
    return folder


def test_the_same_seed_gives_the_same_postings_and_more_rows_begin_with_them(postings, tmp_path):
    again = tmp_path / "again.parquet"
    write_postings(again, ROWS + 10)
    first = pq.read_table(postings)
    assert pq.read_table(again).slice(0, ROWS) == first
    write_postings(again, ROWS, seed=1)
    assert pq.read_table(again) != first


def test_recombined_postings_are_as_long_as_those_of_the_corpus_and_no_two_alike(
    recombined_corpus, corpus: Corpus
) -> None:
    made = [each.posting.text for each in read_corpus(recombined_corpus).postings]
    real = [each.posting.text for each in corpus.postings if each.kind == "plain"]
    assert len(set(made)) == len(made) == 200
    assert sum(map(len, made)) / len(made) == pytest.approx(
        sum(map(len, real)) / len(real), rel=0.2
    )


@pytest.mark.parametrize(
    "name", ["floor", "langdetect", pytest.param("fasttext", marks=needs_rivals)]
)
def test_a_rival_adds_the_tag_columns_and_changes_no_other(
    name, postings, recombined_corpus, tmp_path
) -> None:
    output = tmp_path / "tagged.parquet"
    if name != "floor":
        _run("rival_models", name, tmp_path, "--corpus", recombined_corpus)
    _run("rivals", name, postings, output, "--models", tmp_path)
    before, after = pq.read_table(postings), pq.read_table(output)
    assert after.column_names == [*before.column_names, *TAG_COLUMNS]
    assert after.select(before.column_names) == before
    assert set(after["office"].to_pylist()) <= {"front", "back", "review"}


@needs_rivals
def test_two_processes_answer_what_one_does(postings, recombined_corpus, tmp_path) -> None:
    _run("rival_models", "fasttext", tmp_path, "--corpus", recombined_corpus)
    one, two = tmp_path / "one.parquet", tmp_path / "two.parquet"
    _run("rivals", "fasttext", postings, one, "--models", tmp_path)
    _run("rivals", "fasttext", postings, two, "--models", tmp_path, "--processes", "2")
    assert pq.read_table(one) == pq.read_table(two)


def test_a_rival_that_is_missing_is_said_with_how_to_get_it() -> None:
    with pytest.raises(click.ClickException, match=r"not installed; .*--group bench"):
        needed("no_such_rival")


def test_the_peak_memory_of_a_command_is_its_own() -> None:
    program = "import sys; from benchmarks.measure import measure; print(measure(({})).peak)"
    large = "sys.executable, '-c', 'b = b\"x\" * 50_000_000'"
    # This process is larger than the command is: see the module.
    assert 50e6 < int(run((sys.executable, "-c", program.format(large)))) < 100e6


def test_a_command_that_fails_is_told_with_what_it_said_last() -> None:
    with pytest.raises(click.ClickException, match="exit code 1: ZeroDivisionError"):
        measure((sys.executable, "-c", "1 / 0"))


def _run(module: str, *arguments: str | Path) -> None:
    run((sys.executable, "-m", f"benchmarks.{module}", *arguments))
