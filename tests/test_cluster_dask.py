"""Workers of Dask tag a folder as one machine does, whatever happens to them."""

import hashlib
import json
import logging
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline import InputError, OutputError
from pipeline.cluster import dask as cluster_dask
from pipeline.cluster import plan
from pipeline.cluster.dask import run
from pipeline.cluster.model import versions
from pipeline.posting import ClusterError, ResumeError
from tests.postings import BACK, FRONT

dask = pytest.importorskip("dask", reason="needs pip install 'frontback[dask]'")
distributed = pytest.importorskip("distributed", reason="needs pip install 'frontback[dask]'")

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def local():
    """Two workers, each a process with one thread."""
    environment = {"PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", environment["PYTHONPATH"])
        with distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            dashboard_address=":0",
            silence_logs=logging.CRITICAL,
        ) as cluster:
            yield cluster


@pytest.fixture
def tag(local, models):
    """`run` on the two workers."""

    def call(inputs, output: Path, **options):
        inputs = [str(inputs)] if isinstance(inputs, (str, Path)) else inputs
        address = local.scheduler_address
        return run(inputs, str(output), address, **{"models": models} | options)

    return call


def postings(rows: int) -> pa.Table:
    texts = [*FRONT.values(), *BACK.values(), None, "", "kort", "<p>Vi søker&nbsp;kokk</p>"]
    return pa.table(
        {
            "row": pa.array(range(rows)),
            "Job title": [None if n % 3 == 0 else f"Kokk {n % 5}" for n in range(rows)],
            "description": [texts[n % len(texts)] for n in range(rows)],
            "language": pa.array([f"l{n}" for n in range(rows)]).dictionary_encode(),
        }
    ).replace_schema_metadata({"owner": "HR"})


@pytest.fixture
def folder(tmp_path: Path, monkeypatch) -> Path:
    """A file without a row, an empty row group, one with most rows, and small ones."""
    monkeypatch.setattr(plan, "PART_BYTES", 1_000)
    table = postings(520)
    made = tmp_path / "in"
    made.mkdir()
    with pq.ParquetWriter(made / "a.parquet", table.schema) as writer:
        for start, rows in ((0, 400), (400, 0), (400, 1), (401, 30)):
            writer.write_table(table.slice(start, rows))
    pq.write_table(table.slice(0, 0), made / "b.parquet")
    pq.write_table(table.slice(431), made / "c.parquet", row_group_size=20)
    return made


def contents(output: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in output.iterdir()}


def test_a_cluster_and_one_machine_give_the_same_rows(tag, folder, tmp_path, frontback) -> None:
    summary = tag(folder, tmp_path / "out")
    alone = []
    for name in ("a", "c"):
        done = frontback("batch", folder / f"{name}.parquet", "-o", tmp_path / f"{name}.parquet")
        assert done.code == 0, done.err
        alone.append(pq.read_table(tmp_path / f"{name}.parquet"))
    expected = pa.concat_tables(alone).combine_chunks()
    found = pq.read_table(tmp_path / "out").combine_chunks()
    assert "frontback_language" in found.schema.names
    assert found.schema.metadata[b"owner"] == b"HR"
    assert found.schema.equals(expected.schema)
    assert found.equals(expected)  # the parts in their order have the rows in theirs
    assert summary.rows == 520
    assert sum(summary.counts["office"].values()) == 520


def test_the_manifest_says_what_is_there(tag, folder, tmp_path) -> None:
    tag(folder, tmp_path / "out")
    manifest = json.loads((tmp_path / "out" / "_manifest.json").read_text())
    parts = {path.name: path for path in (tmp_path / "out").glob("*.parquet")}
    assert sorted(parts) == [part["name"] for part in manifest["parts"]]
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [
        "_manifest.json",
        *sorted(parts),
    ]
    assert manifest["rows"] == 520
    assert manifest["versions"] == versions()
    assert min(part["rows"] for part in manifest["parts"]) == 0
    for part in manifest["parts"]:
        content = parts[part["name"]].read_bytes()
        assert hashlib.sha256(content).hexdigest() == part["sha256"]
        assert len(content) == part["bytes"]
        assert pq.read_metadata(parts[part["name"]]).num_rows == part["rows"]


def test_the_same_run_twice_gives_the_same_bytes(tag, folder, tmp_path) -> None:
    tag(folder, tmp_path / "one")
    tag(folder, tmp_path / "two")
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_a_folder_that_is_complete_is_replaced_only_when_asked(tag, folder, tmp_path) -> None:
    tag(folder, tmp_path / "out")
    with pytest.raises(OutputError, match="is complete already"):
        tag(folder / "c.parquet", tmp_path / "out")
    assert tag(folder / "c.parquet", tmp_path / "out", overwrite=True).rows == 89
    assert pq.read_table(tmp_path / "out").num_rows == 89


def test_tagging_an_output_again_puts_the_tags_where_they_stood(tag, folder, tmp_path) -> None:
    tag(folder, tmp_path / "one")
    tag(tmp_path / "one", tmp_path / "two")
    assert pq.read_table(tmp_path / "two").equals(pq.read_table(tmp_path / "one"))


@contextmanager
def during(act):
    """A progress that acts when the first part is done."""
    acted = []

    def advance(rows: int) -> None:
        if not acted:
            acted.append(True)
            act()

    yield advance


@pytest.mark.parametrize("killed", [1, 2])
def test_workers_that_are_killed_lose_no_row(tag, local, tmp_path, monkeypatch, killed) -> None:
    monkeypatch.setattr(plan, "PART_BYTES", 1)
    (tmp_path / "in").mkdir()
    # A part takes a while, so that whoever is killed is at work.
    pq.write_table(postings(40_000), tmp_path / "in" / "a.parquet", row_group_size=4_000)
    tag(tmp_path / "in", tmp_path / "whole")
    with distributed.Client(local, set_as_default=False) as client:
        victims = sorted(client.run(os.getpid).values())[:killed]

        def kill() -> None:
            for victim in victims:
                os.kill(victim, signal.SIGKILL)

        summary = tag(tmp_path / "in", tmp_path / "out", progress=lambda total: during(kill))
        # Starting a worker again takes long where the machine has much else to do.
        client.wait_for_workers(2, timeout=300)
        assert not set(victims) & set(client.run(os.getpid).values())
    assert summary.rows == 40_000
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")


def test_a_part_that_kills_its_workers_ends_the_run_and_is_named(
    models, tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr(plan, "PART_BYTES", 1)
    (tmp_path / "in").mkdir()
    source = tmp_path / "in" / "a.parquet"
    pq.write_table(postings(40_000), source, row_group_size=4_000)
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 0}),
        distributed.LocalCluster(
            n_workers=1, threads_per_worker=1, dashboard_address=":0", silence_logs=logging.CRITICAL
        ) as cluster,
        distributed.Client(cluster, set_as_default=False) as client,
    ):
        (victim,) = client.run(os.getpid).values()
        with pytest.raises(ClusterError) as error:
            run([str(source)], str(tmp_path / "out"), cluster.scheduler_address, models=models,
                progress=lambda total: during(lambda: os.kill(victim, signal.SIGKILL)))  # fmt: skip
    sentence = "the workers that had its row groups"
    assert str(error.value).startswith(f"{source}: {sentence}")
    assert not (tmp_path / "out" / "_manifest.json").exists()


def test_a_scheduler_that_dies_ends_the_run_with_a_sentence(models, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(plan, "PART_BYTES", 1)
    (tmp_path / "in").mkdir()
    pq.write_table(postings(20_000), tmp_path / "in" / "a.parquet", row_group_size=2_000)
    file = tmp_path / "scheduler.json"
    dask_command = (sys.executable, "-m", "dask")
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": ROOT}
    asked = ("scheduler", "--port", "0", "--no-dashboard", "--scheduler-file", file)
    with subprocess.Popen([*dask_command, *asked], **quiet) as scheduler:
        while not file.exists():
            time.sleep(0.05)
        address = json.loads(file.read_text())["address"]
        path = {"PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
        asked = ("worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard")
        with subprocess.Popen([*dask_command, *asked], env=os.environ | path, **quiet) as worker:
            with pytest.raises(ClusterError, match="the scheduler is gone; start it again, and go"):
                run([str(tmp_path / "in")], str(tmp_path / "out"), address, models=models,
                    progress=lambda total: during(scheduler.kill))  # fmt: skip
            worker.kill()


def test_a_driver_that_is_killed_leaves_a_folder_that_can_be_gone_on_with(
    tag, local, models, folder, tmp_path
) -> None:
    tag(folder, tmp_path / "whole")
    output = tmp_path / "out"
    driver = subprocess.Popen(
        [sys.executable, "-c", _DRIVER, folder, output, local.scheduler_address, models], cwd=ROOT
    )
    assert driver.wait(120) == -signal.SIGKILL
    assert not (output / "_manifest.json").exists()
    noted = {path.stem for path in (output / "_unfinished").glob("part-*.json")}
    assert noted
    with pytest.raises(OutputError, match="holds the parts of a run that was stopped"):
        tag(folder, output)
    before = {name: (output / f"{name}.parquet").stat().st_mtime_ns for name in noted}
    summary = tag(folder, output, resume=True)
    assert (summary.rows, summary.recalled > 0) == (520, True)
    after = {name: (output / f"{name}.parquet").stat().st_mtime_ns for name in noted}
    assert before == after  # what was done is not done again
    assert contents(output) == contents(tmp_path / "whole")


_DRIVER = """
import contextlib, os, signal, sys
from pipeline.cluster import dask, plan

plan.PART_BYTES = 1_000
folder, output, address, models = sys.argv[1:]

@contextlib.contextmanager
def progress(total):
    yield lambda rows: os.kill(os.getpid(), signal.SIGKILL)

if __name__ == "__main__":
    dask.run([folder], output, address, models=models, progress=progress)
"""


def stopped(tag, folder: Path, output: Path, **options) -> None:
    """A run that ends when its first part is done."""

    def stop() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tag(folder, output, progress=lambda total: during(stop), **options)
    assert not (output / "_manifest.json").exists()


def test_a_run_does_not_go_on_with_another_input_or_choice_of_columns(
    tag, folder, tmp_path
) -> None:
    output = tmp_path / "out"
    stopped(tag, folder, output)
    with pytest.raises(ResumeError, match="cannot go on, the choice of columns is another"):
        tag(folder, output, resume=True, text_column="Job title", title_column="description")
    plan_file = output / "_unfinished" / "plan.json"
    whole = plan_file.read_text()
    plan_file.write_text(whole.replace('"the version of numpy": "', '"the version of numpy": "1'))
    with pytest.raises(ResumeError, match="cannot go on, the version of numpy is another than"):
        tag(folder, output, resume=True)
    plan_file.write_text(whole)
    pq.write_table(postings(7), folder / "c.parquet")
    with pytest.raises(ResumeError, match="cannot go on, the input is another than it was"):
        tag(folder, output, resume=True)
    assert tag(folder, output, overwrite=True).rows == 438
    assert pq.read_table(output).num_rows == 438


def test_what_a_dead_attempt_left_is_cleared_away(tag, folder, tmp_path) -> None:
    output = tmp_path / "out"
    stopped(tag, folder, output)
    (output / ".part-00003.parquet.0123456789ab").write_bytes(b"half")
    tag(folder, output, resume=True)
    assert [path.name for path in output.iterdir() if path.name[0] == "."] == []


def test_a_worker_with_another_scikit_learn_is_named_before_any_row_is_tagged(
    models, folder, tmp_path
) -> None:
    info = tmp_path / "other" / "scikit_learn-0.24.2.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: scikit-learn\nVersion: 0.24.2\n")
    path = os.pathsep.join([str(info.parent), str(ROOT), *sys.path])
    with distributed.LocalCluster(
        n_workers=0, dashboard_address=":0", silence_logs=logging.CRITICAL
    ) as cluster:
        address = cluster.scheduler_address
        worker = subprocess.Popen(
            [sys.executable, "-m", "dask", "worker", address, "--no-nanny", "--no-dashboard"],
            env=os.environ | {"PYTHONPATH": path},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            with pytest.raises(ClusterError) as error:
                run([str(folder)], str(tmp_path / "out"), address, models=models)
        finally:
            worker.terminate()
            worker.wait(30)
    assert " has scikit-learn 0.24.2, and this machine has scikit-learn " in str(error.value)
    assert str(error.value).startswith("worker tcp://")
    assert not (tmp_path / "out").exists()


def test_a_scheduler_that_is_not_there_or_has_no_worker_is_said(
    models, folder, tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr(cluster_dask, "_WAIT_SECONDS", 1)
    with pytest.raises(ClusterError, match=r"^tcp://127.0.0.1:9: no scheduler of Dask answers"):
        run([str(folder)], str(tmp_path / "out"), "tcp://127.0.0.1:9", models=models)
    with distributed.LocalCluster(
        n_workers=0, dashboard_address=":0", silence_logs=logging.CRITICAL
    ) as cluster:
        address = cluster.scheduler_address
        with pytest.raises(ClusterError, match="the scheduler has no worker; start some with"):
            run([str(folder)], str(tmp_path / "out"), address, models=models)


def test_a_file_that_is_damaged_stops_the_run_and_is_named(tag, folder, tmp_path) -> None:
    (folder / "bb.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(InputError, match=r"bb\.parquet: cannot be read"):
        tag(folder, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_file_without_a_text_column_is_named(tag, folder, tmp_path) -> None:
    pq.write_table(pa.table({"n": [1]}), folder / "d.parquet")
    with pytest.raises(InputError, match=r"d\.parquet: no column looks like the posting's text"):
        tag(folder, tmp_path / "out")


def test_a_url_that_only_fsspec_knows_is_read_and_written(models, folder) -> None:
    import fsspec

    memory = fsspec.filesystem("memory")
    for path in folder.iterdir():
        memory.pipe(f"/postings/{path.name}", path.read_bytes())
    with distributed.LocalCluster(
        n_workers=1, processes=False, dashboard_address=":0", silence_logs=logging.CRITICAL
    ) as cluster:
        summary = run(
            ["memory://postings/*.parquet"],
            "memory://out",
            cluster.scheduler_address,
            models=models,
        )
    assert summary.rows == 520
    names = [Path(name).name for name in memory.ls("/out", detail=False)]
    assert "_manifest.json" in names
    assert "_unfinished" not in names


def test_local_starts_its_own_workers(models, folder, tmp_path) -> None:
    summary = run([str(folder)], str(tmp_path / "out"), "local", models=models, workers=1)
    assert summary.rows == 520


def test_the_command_tags_on_a_cluster_and_says_what_came_of_it(
    frontback, local, folder, tmp_path
) -> None:
    command = ("batch", folder / "*.parquet", "-o", tmp_path / "out", "--cluster")
    done = frontback(*command, local.scheduler_address, "--json")
    assert done.code == 0, done.err
    summary = json.loads(done.out)
    assert (summary["rows"], summary["recalled"]) == (520, 0)
    assert summary["problems"] == summary["reason"]["no text"] > 0
    assert "3 files, 520 rows, which become" in done.err
    assert "text from 'description', title from 'Job title'" in done.err
    assert "there is a column 'language' already; the new one is called 'frontback_language'" in (
        done.err
    )
    assert f"520 rows in {summary['parts']} parts" in done.err
    again = frontback(*command, local.scheduler_address)
    assert again.code == 1
    assert "is complete already" in again.err


@pytest.mark.parametrize(
    ("cluster", "options", "sentence"),
    [
        ("local", ("--shard", "1/2"), "--shard is not for a cluster; leave it out."),
        ("local", ("--encoding", "utf-8"), "--encoding is not for a cluster; leave it out."),
        ("tcp://h:1", ("--workers", "2"), "the workers of tcp://h:1 are started there; leave"),
    ],
)
def test_an_option_that_means_nothing_on_a_cluster_is_refused(
    frontback, tmp_path, cluster, options, sentence
) -> None:
    done = frontback("batch", tmp_path, "-o", tmp_path / "out", "--cluster", cluster, *options)
    assert done.code == 2
    assert sentence in done.err


@pytest.mark.skipif(os.name == "nt", reason="signals of a terminal")
def test_ctrl_c_keeps_the_parts_that_are_done_and_shows_no_traceback(start, tmp_path) -> None:
    (tmp_path / "in").mkdir()
    table = pa.concat_tables([postings(20_000)] * 3)
    pq.write_table(table, tmp_path / "in" / "a.parquet", row_group_size=500)
    driver = start(
        "-c", "from pipeline.cluster import plan\nfrom pipeline.cli import main\n"
        "plan.PART_BYTES = 1\nif __name__ == '__main__':\n    main()",
        "batch", tmp_path / "in", "-o", tmp_path / "out", "--cluster", "local", "--workers", "1",
        program=True, start_new_session=True,
    )  # fmt: skip
    while driver.poll() is None and not list((tmp_path / "out").glob("part-*.parquet")):
        time.sleep(0.05)
    os.killpg(driver.pid, signal.SIGINT)
    _, said = driver.communicate(timeout=60)
    assert driver.returncode == 128 + signal.SIGINT
    assert "the parts that are done are kept; go on with --resume" in said
    assert "Traceback" not in said
    assert not (tmp_path / "out" / "_manifest.json").exists()
