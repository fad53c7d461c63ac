"""What a second worker of Dask is worth: the same file with one worker, with two, and without.

    python -m benchmarks.cluster
    python -m benchmarks.cluster --rows 20000 --workers 1 --workers 4

Each worker is a process with one thread. Its first part, in which it loads the model and the
kernels, is done on another file before; starting Dask is not counted either, as it is the same
few seconds for any number of rows. ``alone`` is `frontback batch`, the process's start included,
on one core and on all of them (by taskset, so for Linux only). Only an idle machine with as many
cores as workers gives seconds worth keeping; core seconds, the work of all workers together, tell
more elsewhere.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from benchmarks.measure import best_of, run

_FRONTBACK = (sys.executable, "-c", "from pipeline.cli import main; main()")
_THIS = (sys.executable, "-m", "benchmarks.cluster")
#: Bytes of a part: smaller than for real, so that there are many for each worker.
_PART_BYTES = 25_000_000


@click.command()
@click.option("--rows", type=click.IntRange(1), default=100_000, show_default=True)
@click.option("--rounds", type=click.IntRange(1), default=2, show_default=True)
@click.option("--workers", type=click.IntRange(1), multiple=True, default=(1, 2))
@click.option("--folder", type=click.Path(path_type=Path), hidden=True)
def main(rows: int, rounds: int, workers: tuple[int, ...], folder: Path | None) -> None:
    """Tag recombined postings with some numbers of workers, and print rows a second."""
    if folder:  # this process is one of the measured
        click.echo(" ".join(f"{cost:.3f}" for cost in _tag(folder, workers[0])))
        return
    cores, load = os.cpu_count(), os.getloadavg()[0]
    click.echo(f"{cores} cores; {load:.1f} of them busy with something else at the start")
    with _made(rows) as made:
        found = {f"{n} worker{'s' * (n > 1)}": _fastest(made, n, rounds) for n in workers}
        batch = (*_FRONTBACK, "batch", made / "in" / "a.parquet", "-o", made / "alone.parquet",
                 "--overwrite", "--quiet")  # fmt: skip
        core = str(min(os.sched_getaffinity(0)))
        alone = best_of(rounds, {"alone, 1 core": ("taskset", "-c", core, *batch),
                                 "alone, all cores": batch})  # fmt: skip
        found |= {name: (cost.seconds, cost.work) for name, cost in alone.items()}
    first, _ = next(iter(found.values()))
    click.echo(f"{'':18}{'seconds':>9}{'rows/s':>9}{'ratio':>7}{'core s':>9}")
    for name, (seconds, work) in found.items():
        rate, ratio = rows / seconds, first / seconds
        click.echo(f"{name:18}{seconds:9.2f}{rate:9,.0f}{ratio:7.2f}{work:9.2f}")


def _fastest(made: Path, workers: int, rounds: int) -> tuple[float, float]:
    command = (*_THIS, "--folder", made, "--workers", str(workers))
    runs = [run(command).split()[-2:] for _ in range(rounds)]
    return min((float(seconds), float(work)) for seconds, work in runs)


@contextmanager
def _made(rows: int) -> Iterator[Path]:
    """Yield a folder with the file to tag, and a small one to start with."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for part, number in (("in", rows), ("first", min(rows, 500))):
            (folder / part).mkdir()
            path = folder / part / "a.parquet"
            run((sys.executable, "-m", "benchmarks.recombine", path, "--rows", str(number)))
        # Row groups are what is divided; those of the file made are for memory, not for dividing.
        run((sys.executable, "-c", _REGROUP, folder))
        run((*_FRONTBACK, "batch", folder / "first" / "a.parquet", "-o", folder / "x.parquet"))
        yield folder


_REGROUP = """
import sys
import pyarrow.parquet as pq

for part, rows in (("in", 2_000), ("first", 10)):
    path = f"{sys.argv[1]}/{part}/a.parquet"
    pq.write_table(pq.read_table(path), path, row_group_size=rows)
"""


def _tag(folder: Path, workers: int) -> tuple[float, float]:
    """Return how long workers that have started take to tag the file, and the work of theirs."""
    from distributed import Client, LocalCluster

    from pipeline.cluster import plan
    from pipeline.cluster.dask import run as tag

    with (
        tempfile.TemporaryDirectory() as output,
        LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=":0") as cluster,
        Client(cluster) as client,
    ):
        address = cluster.scheduler_address
        plan.PART_BYTES = 1
        tag([str(folder / "first")], f"{output}/first", address)
        plan.PART_BYTES = _PART_BYTES
        before = sum(client.run(time.process_time).values())
        seconds = tag([str(folder / "in")], f"{output}/out", address).seconds
        return seconds, sum(client.run(time.process_time).values()) - before


if __name__ == "__main__":
    main()
