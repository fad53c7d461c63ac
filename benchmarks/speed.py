"""How fast frontback is, side by side with what one would use instead, in one run.

    python -m benchmarks.speed
    python -m benchmarks.speed --rows 2000 --only throughput --only start
    python -m benchmarks.speed --only training --training 10000 --training 100000

throughput  the same file through all: see `benchmarks.rivals`
memory      peak memory on the file and on one ten times as long
start       time to the first answer in a terminal
cores       the file on one core and on all; by taskset, so for Linux only
explanation what the column why costs, and the memory it takes
training    the corpus, and postings in the numbers given by --training, against fastText

Every command is a process of its own, so that start, imports and loading of the model count; the
files lie in the system's cache. Commands take turns, and of the rounds the fastest counts. Models
are trained before, all on the same postings, and kernels compiled. The rivals have to be there:
pip install --group bench (pip 25.1+), or make bench, which does both. Only an otherwise idle
machine gives figures worth keeping; core seconds, the work of all cores together, tell.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import click

from benchmarks import speed_parts
from benchmarks.speed_commands import Commands

PARTS: dict[str, Callable[[Commands], None]] = {
    "throughput": speed_parts.throughput,
    "memory": speed_parts.memory,
    "start": speed_parts.start,
    "cores": speed_parts.cores,
    "explanation": speed_parts.explanation,
    "training": speed_parts.training,
}


@click.command()
@click.option("--rows", type=click.IntRange(1), default=100_000, show_default=True)
@click.option(
    "--sample",
    type=click.IntRange(1),
    default=2_000,
    show_default=True,
    help="Rows that langdetect gets; its time for all is worked out from them.",
)
@click.option("--rounds", type=click.IntRange(1), default=3, show_default=True)
@click.option(
    "--only", multiple=True, type=click.Choice(list(PARTS)), help="All but training if left out."
)
@click.option(
    "--training",
    multiple=True,
    type=click.IntRange(100),
    metavar="POSTINGS",
    help="Train on so many recombined postings, too; can be given several times.",
)
def main(
    rows: int, sample: int, rounds: int, only: tuple[str, ...], training: tuple[int, ...]
) -> None:
    """Measure frontback and its rivals on recombined postings, and print tables."""
    parts = only or [name for name in PARTS if name != "training" or training]
    cores, load = os.cpu_count(), os.getloadavg()[0]
    click.echo(f"{cores} cores; {load:.1f} of them busy with something else at the start")
    with tempfile.TemporaryDirectory() as folder:
        commands = Commands(Path(folder), rows, min(sample, rows), rounds, training)
        for name in parts:
            PARTS[name](commands)


if __name__ == "__main__":
    main()
