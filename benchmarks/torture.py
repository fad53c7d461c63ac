"""What a batch survives: killed, torn, cut off, out of space, run twice; and what it loses.

    python -m benchmarks.torture
    python -m benchmarks.torture --kills 8 --rows 20000 --many 0

Every fault is done to `frontback batch` as a process of its own, on recombined postings; then the
same command with --resume has to give, to the byte, what an undisturbed run gives, and nothing may
be left beside it. What was refused has to leave everything as it was. The nasty files of
tests/nasty are read by every command that reads tables. Exit code 1 where anything was lost.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import NamedTuple

import click
from rich.console import Console
from rich.table import Table

from benchmarks.measure import ROOT, run
from pipeline.tables import open_table

_MAIN = (sys.executable, "-c", "from pipeline.cli import main; main()")
_KINDS = ("csv", "parquet", "jsonl", "xlsx")
#: What stands at the beginning of a journal: other bytes there are a file of somebody else's.
_HEAD = len('{"frontback journal": 1')


class Outcome(NamedTuple):
    """How often a fault was tried and survived, and rows that were lost in all."""

    tried: int
    survived: int
    lost: int


class Torture:
    """A folder with the same postings in every kind, and what tagging them undisturbed gives."""

    def __init__(self, folder: Path, rows: int, seed: int) -> None:
        self.folder, self.rows, self.chance = folder, rows, Random(seed)
        self.seconds: dict[str, float] = {}
        run(
            (
                sys.executable,
                "-m",
                "benchmarks.recombine",
                self.source("parquet"),
                "--rows",
                str(rows),
            )
        )
        self._tag(self.source("parquet"), folder / "warm.parquet")
        for kind in _KINDS:
            if kind != "parquet":
                self._tag(self.source("parquet"), self.source(kind))
            begun = time.monotonic()
            self._tag(self.source(kind), self.whole(kind))
            self.seconds[kind] = time.monotonic() - begun

    def source(self, kind: str) -> Path:
        """Return the postings in this kind of table."""
        return self.folder / f"in.{kind}"

    def whole(self, kind: str) -> Path:
        """Return what tagging them undisturbed gives."""
        return self.folder / f"whole.{kind}"

    def command(self, source: Path, output: Path, *options: str) -> tuple[str | Path, ...]:
        """Return the command that tags one table."""
        return (*_MAIN, "batch", source, "-o", output, "--quiet", *options)

    def _tag(self, source: Path, output: Path) -> None:
        done = self.start(source, output).wait()
        if done:
            raise click.ClickException(f"{source.name}: exit code {done}")

    def start(
        self, source: Path, output: Path, *options: str, limit: int | None = None
    ) -> subprocess.Popen[bytes]:
        """Start a batch, in which no file may grow beyond ``limit`` bytes."""

        def restrict() -> None:
            import resource

            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_DFL)
            if limit is not None:
                signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

        return subprocess.Popen(
            self.command(source, output, *options),
            cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, preexec_fn=restrict,
        )  # fmt: skip

    def resumed(self, kind: str, output: Path) -> tuple[bool, int]:
        """Go on with a batch; return whether it gave what it should, and the rows that it lost."""
        before = {path.name for path in self.folder.iterdir()}
        process = self.start(self.source(kind), output, "--resume")
        _, said = process.communicate()
        left = {path.name for path in self.folder.iterdir()} - before - {output.name}
        same = output.exists() and output.read_bytes() == self.whole(kind).read_bytes()
        lost = 0 if same else self.rows - (open_table(output).rows if output.exists() else 0)
        whole = same and not left and not Path(f"{output}.journal").exists()
        if not whole:
            click.echo(
                f"    {output.name}: {said.decode(errors='replace').strip()} {left}", err=True
            )
        output.unlink(missing_ok=True)
        return whole, lost

    def each(self, times: int, harm: Callable[[str, Path], bool]) -> Outcome:
        """Harm a batch so many times, by kind and output, and go on with it.

        ``harm`` returns whether it came as it should.
        """
        survived = lost = 0
        for turn in range(times):
            kind = _KINDS[turn % len(_KINDS)]
            output = self.folder / f"out{turn}.{kind}"
            right = harm(kind, output)
            whole, missing = self.resumed(kind, output)
            survived, lost = survived + (whole and right), lost + missing
        return Outcome(times, survived, lost)

    def signalled(self, number: signal.Signals, times: int) -> Outcome:
        """Stop batches at random moments by a signal."""

        def stop(kind: str, output: Path) -> bool:
            return self._stop(kind, output, number, self.chance.uniform(0.3, 1))

        return self.each(times, stop)

    def _stop(self, kind: str, output: Path, number: signal.Signals, when: float) -> bool:
        """Stop a batch when it has run for so much of the time that it takes."""
        process = self.start(self.source(kind), output)
        time.sleep(when * self.seconds[kind])
        process.send_signal(number)
        process.communicate()
        return True

    def torn(self, times: int) -> Outcome:
        """Tear the last lines of journals, as a power cut does."""

        def tear(kind: str, output: Path) -> bool:
            self._stop(kind, output, signal.SIGKILL, 0.8)
            journal = Path(f"{output}.journal")
            if journal.exists():
                content = journal.read_bytes()
                kept = self.chance.randrange(len(content) + 1)
                torn = self.chance.randbytes(self.chance.randrange(9))
                journal.write_bytes(content[:kept] + torn * (kept > _HEAD))
            return True

        return self.each(times, tear)

    def full(self, times: int) -> Outcome:
        """Let no file grow beyond a size, as a full disk does; then make room."""

        def fill(kind: str, output: Path) -> bool:
            limit = self.chance.randrange(self.whole(kind).stat().st_size)
            process = self.start(self.source(kind), output, limit=limit)
            said = process.communicate()[1].decode(errors="replace")
            return process.returncode == 1 and "Traceback" not in said and not output.exists()

        return self.each(times, fill)

    def twice(self, times: int) -> Outcome:
        """Run two batches for one output at once."""

        def race(kind: str, output: Path) -> bool:
            both = [self.start(self.source(kind), output, "--overwrite") for _ in range(2)]
            codes = [process.wait() for process in both]
            for process in both:
                process.communicate()
            return 0 in codes

        return self.each(times, race)

    def refused(self) -> Outcome:
        """Name the input as output in three ways, a device and a folder that may not be written."""
        source = self.source("csv")
        (self.folder / "link.csv").symlink_to(source)
        (self.folder / "hard.csv").hardlink_to(source)
        names = (source, self.folder / "link.csv", self.folder / "hard.csv", Path("/dev/full"),
                 Path("/proc/out.csv"))  # fmt: skip
        before, survived = source.read_bytes(), 0
        for output in names:
            process = self.start(source, output, "--overwrite")
            said = process.communicate()[1].decode(errors="replace")
            right = process.returncode == 1 and "Traceback" not in said
            survived += right and said.count("\n") == 1 and source.read_bytes() == before
        for name in ("link.csv", "hard.csv"):
            (self.folder / name).unlink()
        return Outcome(len(names), survived, 0 if source.read_bytes() == before else self.rows)

    def changed(self, times: int) -> Outcome:
        """Change the input while it is read: no output, and the input is the changed one."""
        survived = 0
        for turn in range(times):
            source, output = self.folder / "changing.csv", self.folder / f"out{turn}.csv"
            source.write_bytes(self.source("csv").read_bytes())
            process = self.start(source, output)
            journal = Path(f"{output}.journal")
            while process.poll() is None and (not journal.exists() or not journal.stat().st_size):
                time.sleep(0.01)
            with source.open("ab") as file:
                file.write(b"one more\n")
            said = process.communicate()[1].decode(errors="replace")
            survived += "changed" in said and "Traceback" not in said and not output.exists()
            source.unlink()
        return Outcome(times, survived, 0)

    def many(self, rows: int) -> Outcome:
        """Tag many rows, killed once on the way."""
        source, output = self.folder / "many.parquet", self.folder / "tagged.parquet"
        run((sys.executable, "-m", "benchmarks.recombine", source, "--rows", str(rows)))
        process = self.start(source, output)
        time.sleep(rows / 50_000)
        process.kill()
        process.communicate()
        code = self.start(source, output, "--resume").wait()
        there = open_table(output).rows if output.exists() else 0
        return Outcome(1, int(code == 0 and there == rows), rows - there)


@click.command()
@click.option("--rows", type=click.IntRange(1), default=20_000, show_default=True)
@click.option("--kills", type=click.IntRange(1), default=50, show_default=True)
@click.option("--many", type=click.IntRange(0), default=1_000_000, show_default=True)
@click.option("--seed", type=int, default=0, show_default=True)
def main(rows: int, kills: int, many: int, seed: int) -> None:
    """Do to batches what happens to them, and print what they survived."""
    with tempfile.TemporaryDirectory() as folder:
        torture = Torture(Path(folder), rows, seed)
        few = max(4, kills // 10)
        faults: dict[str, Callable[[], Outcome]] = {
            "kill -9 at a random moment, then --resume": lambda: torture.signalled(
                signal.SIGKILL, kills
            ),
            "Ctrl-C": lambda: torture.signalled(signal.SIGINT, few),
            "a scheduler's stop (SIGTERM)": lambda: torture.signalled(signal.SIGTERM, few),
            "a closed terminal (SIGHUP)": lambda: torture.signalled(signal.SIGHUP, few),
            "a journal torn at a random place (power cut)": lambda: torture.torn(2 * few),
            "no room for output or journal, then room": lambda: torture.full(2 * few),
            "two runs for one output at once": lambda: torture.twice(few),
            "the input changes while it is read": lambda: torture.changed(4),
            "output is the input, a device, in /proc": torture.refused,
        }
        if many:
            faults[f"{many:,} rows, killed once"] = lambda: torture.many(many)
        table = Table(title=f"{rows:,} postings as {', '.join(_KINDS)}", title_justify="left")
        for place, name in enumerate(("fault", "tried", "survived", "rows lost")):
            table.add_column(name, justify="right" if place else "left")
        sums = Outcome(0, 0, 0)
        for name, fault in faults.items():
            click.echo(f"  {name}", err=True)
            outcome = fault()
            sums = Outcome(*map(sum, zip(sums, outcome, strict=True)))
            table.add_row(name, *(f"{number:,}" for number in outcome))
        table.add_section()
        table.add_row("all", *(f"{number:,}" for number in sums))
        Console(
            highlight=False,
            width=max(80, os.get_terminal_size().columns) if sys.stdout.isatty() else 90,
        ).print(table)
    if sums.lost or sums.survived < sums.tried:
        raise click.ClickException("not all was survived; see the table")


if __name__ == "__main__":
    main()
