"""A batch that is stopped goes on, and gives what it would have given."""

import json
import os
import random
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from filelock import FileLock
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import InputError, OutputError, __version__, batch
from pipeline.batch import run
from pipeline.job import prepare
from pipeline.journal import Journal, journal_path
from pipeline.output import claimed
from pipeline.posting import ResumeError
from pipeline.tables import rows
from tests.postings import BACK, FRONT
from tests.test_tables import COUNTED

KINDS = ["csv", "tsv", "jsonl", "parquet", "xlsx"]
SETTINGS = {"the model": "m-1"}


class StopError(Exception):
    """What ends a run in these tests."""


@pytest.fixture(autouse=True, scope="module")
def small_batches() -> Iterator[None]:
    """Tables of text are read 200 rows at a time, so that there is a middle to stop in."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rows, "_BATCH_ROWS", 200)
        yield


def table(path: Path, many: int = 1_000) -> Path:
    """A table of so many rows, no two alike."""
    texts = [f"{FRONT['en']} {number} words" for number in range(many)]
    if path.suffix == ".parquet":
        pq.write_table(pa.table({"text": texts}), path, row_group_size=100)
    elif path.suffix == ".jsonl":
        path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    else:
        path.write_text("text\n" + "".join(f'"{text}"\n' for text in texts))
    return path


def stopped_after(many: int, job, **options) -> None:
    """Run the job until so many rows are done at least."""
    done = 0

    def advance(more: int) -> None:
        nonlocal done
        done += more
        if done >= many:
            raise StopError

    with pytest.raises(StopError):
        run(job, COUNTED, SETTINGS, advance, **options)


def resumed(source: Path, output: Path, annotation=COUNTED, **changed):
    return run(prepare(source, output, resume=True), annotation, SETTINGS | changed)


@pytest.mark.parametrize("kind", KINDS)
def test_a_resumed_run_gives_the_bytes_of_an_uninterrupted_one(tmp_path: Path, kind: str) -> None:
    source = table(tmp_path / "in.csv")
    whole, output = tmp_path / f"whole.{kind}", tmp_path / f"out.{kind}"
    run(prepare(source, whole), COUNTED, SETTINGS)
    stopped_after(350, prepare(source, output))
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        ["in.csv", whole.name, f"{output.name}.journal"]
    )
    asked = []

    def answer(batch: pa.RecordBatch) -> pa.RecordBatch:
        asked.append(batch.num_rows)
        return COUNTED.answer(batch)

    summary = resumed(source, output, COUNTED._replace(answer=answer))
    assert output.read_bytes() == whole.read_bytes()
    assert (summary.rows, summary.recalled) == (1_000, 400)
    assert sum(asked) == 600
    assert not journal_path(output).exists()


@pytest.mark.parametrize("kind", ["parquet", "jsonl"])
def test_other_inputs_are_resumed_too(tmp_path: Path, kind: str) -> None:
    source, output = table(tmp_path / f"in.{kind}", 25_000), tmp_path / f"out.{kind}"
    run(prepare(source, tmp_path / f"whole.{kind}"), COUNTED, SETTINGS)
    stopped_after(300, prepare(source, output))
    assert resumed(source, output).recalled >= 300
    assert output.read_bytes() == (tmp_path / f"whole.{kind}").read_bytes()


@settings(max_examples=30, deadline=None)
@given(cut=st.floats(0, 1), garbage=st.binary(max_size=40))
def test_a_journal_torn_anywhere_is_gone_on_with(tmp_path_factory, cut: float, garbage) -> None:
    folder = tmp_path_factory.mktemp("torn")
    source, output = table(folder / "in.csv"), folder / "out.csv"
    stopped_after(600, prepare(source, output))
    content = journal_path(output).read_bytes()
    journal_path(output).write_bytes(content[: 30 + int(cut * (len(content) - 30))] + garbage)
    summary = resumed(source, output)
    assert summary.rows == 1_000
    assert summary.recalled <= 600
    run(prepare(source, folder / "whole.csv"), COUNTED, SETTINGS)
    assert output.read_bytes() == (folder / "whole.csv").read_bytes()


def test_a_run_that_was_stopped_twice_goes_on_from_the_second_stop(tmp_path: Path) -> None:
    source, output = table(tmp_path / "in.csv"), tmp_path / "out.csv"
    stopped_after(200, prepare(source, output))
    stopped_after(600, prepare(source, output, resume=True))
    assert resumed(source, output).recalled == 600


def test_without_resume_a_run_begins_anew(tmp_path: Path) -> None:
    source, output = table(tmp_path / "in.csv"), tmp_path / "out.csv"
    stopped_after(200, prepare(source, output))
    assert run(prepare(source, output), COUNTED, SETTINGS).recalled == 0
    assert not journal_path(output).exists()


def test_with_nothing_to_resume_a_run_begins(tmp_path: Path) -> None:
    assert resumed(table(tmp_path / "in.csv"), tmp_path / "out.csv").recalled == 0


@pytest.mark.parametrize("left", [b"", b'{"fron', b"\0" * 4_096, b'{"fron\0\0'])
def test_a_journal_of_which_a_power_cut_left_nothing_is_begun_anew(tmp_path: Path, left) -> None:
    source, output = table(tmp_path / "in.csv"), tmp_path / "out.csv"
    journal_path(output).write_bytes(left)
    assert resumed(source, output).recalled == 0


def test_no_text_of_a_posting_is_in_the_journal(tmp_path: Path) -> None:
    source, output = table(tmp_path / "in.csv"), tmp_path / "out.csv"
    stopped_after(600, prepare(source, output))
    content = journal_path(output).read_text("ascii")
    assert not any(word in content for word in FRONT["en"].split() if len(word) > 6)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("input", "the input is"),
        ("longer", "the input is"),
        ("column", "the column of the text is other now and was text"),
        ("model", "the model is m-2 now and was m-1"),
    ],
)
def test_a_run_that_depends_on_something_else_now_is_refused_by_name(
    tmp_path: Path, change: str, named: str
) -> None:
    source, output = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("text,other\n" + "uno dos,x\n" * 1_000)
    stopped_after(200, prepare(source, output))
    before = journal_path(output).read_bytes()
    job, changed = prepare(source, output, resume=True), SETTINGS
    if change == "input":
        source.write_text(source.read_text()[:-4] + "z,x\n")
    elif change == "longer":
        source.write_text(source.read_text() + "one,more\n")
    elif change == "column":
        job = prepare(source, output, resume=True, text_column="other")
    else:
        changed = {"the model": "m-2"}
    with pytest.raises(ResumeError, match=f"the run cannot go on, {named}"):
        run(job, COUNTED, changed)
    assert not output.exists()
    assert journal_path(output).read_bytes() == before


def test_answers_for_other_rows_are_refused(tmp_path: Path) -> None:
    batch = pa.record_batch([["uno"], ["dos"]], names=["title", "text"])
    journal = Journal.begin(tmp_path / "x.journal", SETTINGS)
    journal.note(batch, COUNTED.answer(batch))
    journal.close()
    journal = Journal.resume(tmp_path / "x.journal", SETTINGS)
    with pytest.raises(ResumeError, match="its answers are for other rows"):
        journal.recall(pa.record_batch([["uno"], ["tres"]], names=["title", "text"]))
    journal.close()


def test_a_run_killed_before_its_journal_was_removed_is_finished(tmp_path: Path) -> None:
    source, output = table(tmp_path / "in.csv"), tmp_path / "out.csv"
    stopped_after(1_000, prepare(source, output))
    with journal_path(output).open("ab") as file:
        file.write(b"committed\n")
    output.write_text("what this run had put there")
    assert resumed(source, output).recalled == 1_000
    assert output.read_text().startswith("text,office,p_front\n")


def test_a_run_killed_at_its_end_twice_is_finished_too(tmp_path: Path) -> None:
    source, output = table(tmp_path / "in.csv"), tmp_path / "out.csv"
    stopped_after(1_000, prepare(source, output))
    with journal_path(output).open("ab") as file:
        file.write(b"committed\n")
    output.write_text("what this run had put there")
    stopped_after(400, prepare(source, output, resume=True))
    assert resumed(source, output).recalled == 1_000


def test_a_file_that_came_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    source, output = table(tmp_path / "in.csv"), tmp_path / "out.csv"
    job = prepare(source, output)
    output.write_text("precious")
    with pytest.raises(OutputError, match="exists already"):
        run(job, COUNTED, SETTINGS)
    assert output.read_text() == "precious"


@pytest.mark.parametrize("how", ["file", "link"])
def test_what_is_no_journal_is_not_replaced_by_one(tmp_path: Path, how: str) -> None:
    source, output = table(tmp_path / "in.csv"), tmp_path / "out.csv"
    mine = tmp_path / "mine.txt" if how == "link" else journal_path(output)
    mine.write_text("precious")
    if how == "link":
        journal_path(output).symlink_to(mine)
    with pytest.raises(OutputError, match="the journal is to be there, and this is none"):
        run(prepare(source, output), COUNTED, SETTINGS)
    assert mine.read_text() == "precious"


def test_a_folder_of_documents_takes_its_own_tags_and_is_gone_on_with(tmp_path: Path) -> None:
    for number in range(30):
        (tmp_path / f"{number:02}.txt").write_text(f"{FRONT['en']} {number}")
    (tmp_path / "gone.txt").symlink_to("nowhere")
    output = tmp_path / "tagged.csv"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batch, "BATCH_ROWS", 10)
        stopped_after(20, prepare(tmp_path, output))
        assert resumed(tmp_path, output).recalled == 20
        stopped_after(20, prepare(tmp_path, output, overwrite=True))
        (tmp_path / "29.txt").write_text("another text")
        job = prepare(tmp_path, output, overwrite=True, resume=True)
        with pytest.raises(ResumeError, match="the input is"):
            run(job, COUNTED, SETTINGS)
    assert len(output.read_text().splitlines()) == 32


def test_a_resumed_run_replaces_no_file_that_was_not_its_own(tmp_path: Path) -> None:
    source, output = table(tmp_path / "in.csv"), tmp_path / "out.csv"
    stopped_after(400, prepare(source, output))
    output.write_text("precious")
    with pytest.raises(OutputError, match="exists already"):
        prepare(source, output, resume=True)


def test_an_input_that_changes_while_it_is_read_is_refused(tmp_path: Path) -> None:
    source, output = table(tmp_path / "in.csv"), tmp_path / "out.csv"

    def advance(rows: int) -> None:
        with source.open("a") as file:
            file.write("one more\n")

    with pytest.raises(InputError, match=r"in\.csv: changed while it was read; try again"):
        run(prepare(source, output), COUNTED, SETTINGS, advance)
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


def test_an_output_that_another_run_is_writing_is_refused(tmp_path: Path) -> None:
    source, output = table(tmp_path / "in.csv"), tmp_path / "out.csv"
    with (
        claimed(output),
        pytest.raises(OutputError, match="another run is writing this file"),
    ):
        run(prepare(source, output), COUNTED, SETTINGS)
    run(prepare(source, output), COUNTED, SETTINGS)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.csv", "out.csv"]


def test_two_runs_at_once_give_one_whole_output(tmp_path: Path) -> None:
    source, output = table(tmp_path / "in.csv", 5_000), tmp_path / "out.csv"
    ends = []

    def one() -> None:
        try:
            ends.append(run(prepare(source, output, overwrite=True), COUNTED, SETTINGS).rows)
        except OutputError as error:
            ends.append(str(error))

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 5_000 in ends
    assert all(end == 5_000 or "another run is writing" in str(end) for end in ends)
    assert len(output.read_text().splitlines()) == 5_001
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.csv", "out.csv"]


def test_what_a_killed_run_left_is_replaced(tmp_path: Path) -> None:
    source, output = table(tmp_path / "in.csv"), tmp_path / "out.csv"
    left = []
    stopped_after(200, prepare(source, output))

    def advance(rows: int) -> None:
        left.extend(path for path in tmp_path.iterdir() if ".part" in path.name)

    run(prepare(source, output), COUNTED, SETTINGS, advance)
    content = output.read_bytes()
    left[0].write_text("what a killed run left")
    (tmp_path / ".out.csv.lock").write_text("")
    run(prepare(source, output, overwrite=True), COUNTED, SETTINGS)
    assert output.read_bytes() == content
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.csv", "out.csv"]


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_the_shards_of_a_table_are_its_rows(tmp_path: Path, kind: str) -> None:
    source = table(tmp_path / f"in.{kind}", 1_003)
    run(prepare(source, tmp_path / "whole.jsonl"), COUNTED)
    parts = []
    for part in range(1, 8):
        output = tmp_path / f"{part}.jsonl"
        assert run(prepare(source, output, shard=(part, 7)), COUNTED).rows in (143, 144)
        parts.append(output.read_text())
    assert "".join(parts) == (tmp_path / "whole.jsonl").read_text()


def test_a_workbook_is_not_written_in_shards(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"a \.xlsx is not written in parts; write \.csv"):
        prepare(table(tmp_path / "in.csv"), tmp_path / "out.xlsx", shard=(1, 2))


posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")


@posix
def test_kill_9_and_resume_through_the_front_door(start, tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    lines = [f'"{FRONT["en"]} {BACK["en"]} {number}"\n' for number in range(30_000)]
    source.write_text("description\n" + "".join(lines))
    _, err = start("batch", source, "-o", tmp_path / "whole.csv", "--quiet").communicate(timeout=60)
    assert err == ""
    chance, output = random.Random(1), tmp_path / "out.csv"
    for _ in range(4):
        process = start("batch", source, "-o", output, "--resume")
        time.sleep(1 + 2 * chance.random())
        process.kill()
        process.communicate(timeout=30)
        if output.exists():
            break
    process = start("batch", source, "-o", output, "--resume", "--json", "--overwrite")
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert json.loads(out)["rows"] == 30_000
    assert output.read_bytes() == (tmp_path / "whole.csv").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.csv", "out.csv", "whole.csv"]


@posix
def test_a_scheduler_learns_from_exit_codes_and_json(start, tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text(f'description\n"{FRONT["en"]}"\n""\n')
    process = start("batch", source, "-o", tmp_path / "out.csv", "--quiet", "--json")
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    summary = json.loads(out)
    assert summary["rows"] == 2
    assert summary["problems"] == 1
    assert summary["office"] == {"front": 1, "review": 1}
    assert summary["reason"] == {"": 1, "no text": 1}
    assert summary["model"].startswith("default-")


def test_the_rows_without_a_text_are_listed(frontback, tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text(f'{{"text": "{FRONT["en"]}"}}\n{{"text": ""}}\n{{"text": "torn\n')
    errors = tmp_path / "errors.csv"
    assert frontback("batch", source, "-o", tmp_path / "o.csv", "--errors", errors).code == 0
    assert errors.read_text("utf-8").splitlines() == [
        "input,row,problem",
        f"{source},2,no text",
        f"{source},3,unreadable row",
    ]
    result = frontback("batch", source, "-o", tmp_path / "p.csv", "--strict")
    assert result.code == 1
    assert "in.jsonl: row 2: no text; mend that row, or leave --strict out." in result.err
    assert not (tmp_path / "p.csv").exists()
    assert not (tmp_path / "p.csv.journal").exists()


def test_another_version_is_refused_by_name(frontback, tmp_path: Path, monkeypatch) -> None:
    source, output = table(tmp_path / "in.csv"), tmp_path / "out.csv"
    journal = Journal.begin(
        journal_path(output), {"the version of frontback": "0.0.1", "the input": "x"}
    )
    batch = pa.record_batch([["uno"]], names=["text"])
    journal.note(batch, batch)
    journal.close()
    result = frontback("batch", source, "-o", output, "--resume")
    assert result.code == 1
    assert f"version of frontback is {__version__} now and was 0.0.1" in result.err


def test_a_lock_that_was_left_is_no_lock(tmp_path: Path) -> None:
    output = tmp_path / "out.csv"
    (tmp_path / ".out.csv.lock").write_text(str(os.getpid()))
    with claimed(output):
        assert FileLock(tmp_path / ".out.csv.lock").lock_file
    assert list(tmp_path.iterdir()) == []
