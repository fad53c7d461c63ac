"""Whether a batch stays small however long the table is, and keeps the engine's own pace.

    python -m benchmarks.streaming
    python -m benchmarks.streaming --rows 10000 --rows 100000 --kind csv
    python -m benchmarks.streaming --plot docs/plots/streaming.png

For each number of rows: peak memory and time of `frontback batch` on recombined postings. Then the
pace: rows a second of the batch, start left out (the difference between its two longest runs),
beside that of the engine alone, `Tagger.tag_batch` on the same postings in memory.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from benchmarks.measure import Command, Measured, measure, run

_MAIN = (sys.executable, "-c", "from pipeline.cli import main; main()")
_ENGINE_ROWS = 100_000


def engine(table: Path) -> float:
    """Return the rows a second of the engine on a Parquet file that is read before."""
    import pyarrow.parquet as pq

    from pipeline.tagger import Tagger

    tagger = Tagger.load()
    batches = pq.read_table(table, columns=["title", "text"]).to_batches(10_000)
    tagger.tag_batch(batches[0])
    begun = time.perf_counter()
    for batch in batches:
        tagger.tag_batch(batch)
    return sum(batch.num_rows for batch in batches) / (time.perf_counter() - begun)


def draw(found: dict[int, Measured], kind: str, path: Path) -> None:
    """Draw peak memory by number of rows."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(6, 3.4), layout="constrained")
    peaks = [cost.peak / 1e6 for cost in found.values()]
    axes.plot(list(found), peaks, marker="o", color="#1f6f5c")
    for rows, peak in zip(found, peaks, strict=True):
        axes.annotate(f"{peak:,.0f}", (rows, peak), (0, 7), textcoords="offset points", ha="center")
    axes.set_xscale("log")
    axes.set_xticks(list(found), [f"{rows:,}" for rows in found])
    axes.minorticks_off()
    axes.set_ylim(0, 1.4 * max(peaks))
    axes.set_xlabel("rows of 1.5 kB")
    axes.set_ylabel("peak memory, MB")
    axes.set_title(f"frontback batch, {kind} to {kind}")
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=150, metadata={"Software": ""})
    click.echo(f"{path}", err=True)


@click.command()
@click.option(
    "--rows",
    multiple=True,
    type=click.IntRange(1),
    default=(10_000, 100_000, 1_000_000, 5_000_000),
    show_default=True,
)
@click.option(
    "--kind", type=click.Choice(["parquet", "csv", "jsonl"]), default="parquet", show_default=True
)
@click.option("--plot", type=click.Path(path_type=Path), help="Picture of the memory to write.")
@click.option("--engine", "alone", type=click.Path(path_type=Path), hidden=True)
def main(rows: tuple[int, ...], kind: str, plot: Path | None, alone: Path | None) -> None:
    """Measure memory by number of rows, and the pace beside the engine's own."""
    if alone:
        click.echo(json.dumps(engine(alone)))
        return
    found: dict[int, Measured] = {}
    with tempfile.TemporaryDirectory() as folder:
        for number in sorted(rows):
            table, tagged = Path(folder) / "in.parquet", Path(folder) / f"out.{kind}"
            run((sys.executable, "-m", "benchmarks.recombine", table, "--rows", str(number)))
            if kind != "parquet":
                run(_batch(table, converted := Path(folder) / f"in.{kind}"))
                table.unlink()
                table = converted
            if not found:
                run(_batch(table, tagged))  # compiles the kernels, if they are not
                tagged.unlink()
            click.echo(f"  {number:,} rows", err=True)
            found[number] = measure(_batch(table, tagged))
            table.unlink()
            tagged.unlink()
        table = Path(folder) / "engine.parquet"
        run((sys.executable, "-m", "benchmarks.recombine", table, "--rows", str(_ENGINE_ROWS)))
        own = json.loads(run((sys.executable, "-m", "benchmarks.streaming", "--engine", table)))
    shown = Table(title=f"frontback batch, {kind} to {kind}", title_justify="left")
    for place, name in enumerate(("rows", "seconds", "peak MB", "ratio")):
        shown.add_column(name, justify="right" if place else "left")
    first = next(iter(found.values())).peak
    for number, cost in found.items():
        shown.add_row(f"{number:,}", f"{cost.seconds:,.1f}", f"{cost.peak / 1e6:,.0f}",
                      f"{cost.peak / first:.2f}")  # fmt: skip
    Console(highlight=False).print(shown)
    if len(found) > 1:
        (few, less), (many, more) = list(found.items())[-2:]
        pace = (many - few) / (more.seconds - less.seconds)
        click.echo(
            f"pace without start: batch {pace:,.0f} rows/s, engine alone {own:,.0f} rows/s,"
            f" ratio {pace / own:.2f} (goal: 0.80 or more)"
        )
    if plot:
        draw(found, kind, plot)


def _batch(table: Path, output: Path) -> Command:
    return (*_MAIN, "batch", table, "-o", output, "--quiet")


if __name__ == "__main__":
    main()
