"""The parts of `benchmarks.speed`: what is measured, and the table that it comes to."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable

from rich.console import Console
from rich.table import Table

from benchmarks.measure import Measured, best_of
from benchmarks.speed_commands import Commands
from pipeline.places import corpus_folder

_FEW_ROWS = 100
_STARTS = 5


def throughput(commands: Commands) -> None:
    """Print how long the same file takes through frontback, its rivals, and nothing at all."""
    rows, sample = commands.rows, commands.sample
    asked = {
        "floor": commands.rival("floor", rows),
        "frontback": commands.batch(rows),
        "fasttext": commands.rival("fasttext", rows),
        "fasttext ×2": commands.rival("fasttext", rows, "--processes", "2"),
        "few": commands.rival("langdetect", min(_FEW_ROWS, sample)),
        "langdetect": commands.rival("langdetect", sample),
    }
    found = best_of(commands.rounds, asked)
    few = found.pop("few")
    if rows > sample > _FEW_ROWS:
        scale = (rows - _FEW_ROWS) / (sample - _FEW_ROWS)
        many = found["langdetect"]
        found["langdetect"] = Measured(
            few.seconds + (many.seconds - few.seconds) * scale,
            few.work + (many.work - few.work) * scale,
            many.peak,
        )
    goals = {"floor": "≥ 0.33", "fasttext": "≥ 5", "langdetect": "≥ 200"}
    ours = found["frontback"].seconds
    _show(
        commands.describe(rows),
        ("", "seconds", "rows/s", "core s", "peak MB", "ratio", "goal"),
        (
            (name, f"{cost.seconds:,.2f}", f"{rows / cost.seconds:,.0f}", f"{cost.work:,.2f}",
             f"{cost.peak / 1e6:,.0f}", f"{cost.seconds / ours:,.2f}", goals.get(name, ""))
            for name, cost in found.items()
        ),
        f"ratio to frontback's time; langdetect's from {sample:,} rows; ×2: processes, peak of one",
    )  # fmt: skip


def memory(commands: Commands) -> None:
    """Print the peak memory of frontback on the file and on one ten times as long."""
    sizes = (commands.rows, 10 * commands.rows)
    found = best_of(1, {f"{rows:,} rows": commands.batch(rows) for rows in sizes})
    first = next(iter(found.values())).peak
    _show(
        "frontback's peak memory; goal: flat",
        ("", "seconds", "peak MB", "ratio"),
        (
            (name, f"{c.seconds:,.2f}", f"{c.peak / 1e6:,.0f}", f"{c.peak / first:,.2f}")
            for name, c in found.items()
        ),
    )


def explanation(commands: Commands) -> None:
    """Print what the column ``why`` costs, on the file and on one of half as many rows."""
    found = best_of(
        commands.rounds,
        {
            f"{rows:,} rows{name}": commands.batch(rows, *options)
            for rows in (commands.rows // 2, commands.rows)
            for name, options in (("", ()), (", --explain", ("--explain",)))
        },
    )
    sizes = [commands.rows // 2] * 2 + [commands.rows] * 2
    _show(
        commands.describe(commands.rows),
        ("", "seconds", "rows/s", "core s", "peak MB"),
        (
            (name, f"{cost.seconds:,.2f}", f"{rows / cost.seconds:,.0f}", f"{cost.work:,.2f}",
             f"{cost.peak / 1e6:,.0f}")
            for rows, (name, cost) in zip(sizes, found.items(), strict=True)
        ),
        "batch with the strongest phrases of each posting, and without",
    )  # fmt: skip


def start(commands: Commands) -> None:
    """Print the time to the first answer in a terminal, and that of the imports it cannot avoid."""
    with (corpus_folder() / "postings" / "en.jsonl").open(encoding="utf-8") as file:
        text = json.loads(file.readline())["text"]
    asked = {
        "import numpy, click": (sys.executable, "-c", "import numpy, click"),
        "frontback tag": commands.tag(text),
        "frontback explain": commands.explain(text),
    }
    found = best_of(_STARTS, asked)
    least = found["import numpy, click"].seconds
    _show(
        f"time to the first answer, best of {_STARTS}; goal: at most 5 times the imports",
        ("", "seconds", "core s", "peak MB", "ratio"),
        (
            (name, f"{c.seconds:.3f}", f"{c.work:.3f}", f"{c.peak / 1e6:,.0f}",
             f"{c.seconds / least:.2f}")
            for name, c in found.items()
        ),
    )  # fmt: skip


def cores(commands: Commands) -> None:
    """Print what a second core is worth to frontback."""
    batch = commands.batch(commands.rows)
    core = str(min(os.sched_getaffinity(0)))
    found = best_of(commands.rounds, {"1": ("taskset", "-c", core, *batch), "all": batch})
    one = found["1"]
    _show(
        f"frontback on {commands.rows:,} rows",
        ("cores", "seconds", "core s", "speed-up"),
        (
            (name, f"{c.seconds:,.2f}", f"{c.work:,.2f}", f"{one.seconds / c.seconds:.2f}")
            for name, c in found.items()
        ),
    )


def training(commands: Commands) -> None:
    """Print how long frontback and fastText train on the corpus and on recombined postings."""
    corpora = {f"{rows:,} postings": commands.corpus(rows) for rows in commands.training}
    for name, corpus in {"the corpus": corpus_folder(), **corpora}.items():
        asked = {
            "frontback": commands.train(corpus, commands.folder / "trained"),
            "fasttext": commands.train_rival("fasttext", corpus, commands.folder / "trained"),
        }
        found = best_of(1, asked)
        ours = found["frontback"].seconds
        _show(
            f"training on {name}" + ("; goal: under 20 s" if corpus == corpus_folder() else ""),
            ("", "seconds", "core s", "peak MB", "ratio"),
            (
                (name, f"{c.seconds:,.1f}", f"{c.work:,.1f}", f"{c.peak / 1e6:,.0f}",
                 f"{c.seconds / ours:.2f}")
                for name, c in found.items()
            ),
        )  # fmt: skip


def _show(
    title: str, names: Iterable[str], rows: Iterable[Iterable[str]], note: str | None = None
) -> None:
    table = Table(title=title, title_justify="left", caption=note, caption_justify="left")
    for place, name in enumerate(names):
        table.add_column(name, justify="right" if place else "left")
    for row in rows:
        table.add_row(*row)
    Console(highlight=False).print(table)
