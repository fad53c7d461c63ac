"""Commands as processes of their own: how long, how much work, how much memory.

The process that measures has to stay small: Linux counts the memory of whoever starts a process
towards the peak of what is started. So whatever needs pyarrow or scikit-learn runs in a child.
Not for Windows, which has no wait4.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import click

ROOT = Path(__file__).parents[1]
_MAXRSS_BYTES = {"darwin": 1}.get(sys.platform, 1024)

Command = tuple[str | Path, ...]


class Measured(NamedTuple):
    """What a command cost.

    Attributes:
        seconds: from start to end of the whole process.
        work: seconds of all cores together.
        peak: bytes of memory at most; of several processes those of the largest.
    """

    seconds: float
    work: float
    peak: float


def measure(command: Command) -> Measured:
    """Run a command and return what it cost.

    Raises:
        click.ClickException: it failed; the text is what it said last.
    """
    with tempfile.TemporaryFile() as said:
        begun = time.perf_counter()
        process = subprocess.Popen(command, cwd=ROOT, stdout=said, stderr=said)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        _check(process.returncode, command, said.read().decode(errors="replace"))
    work = usage.ru_utime + usage.ru_stime
    return Measured(seconds, work, usage.ru_maxrss * _MAXRSS_BYTES)


def run(command: Command) -> str:
    """Run a command that is not measured and return what it prints; raises as `measure` does."""
    click.echo(f"  {_shown(command)}", err=True)
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    _check(done.returncode, command, done.stdout + done.stderr)
    return done.stdout.strip()


def best_of(rounds: int, commands: Mapping[str, Command]) -> dict[str, Measured]:
    """Run every command in every round; return the fastest run of each with its largest peak.

    In rounds, so that a slow minute of the machine meets all of them.
    """
    runs: dict[str, list[Measured]] = {name: [] for name in commands}
    for number in range(1, rounds + 1):
        for name, command in commands.items():
            click.echo(f"  round {number} of {rounds}: {name}", err=True)
            runs[name].append(measure(command))
    return {
        name: min(several)._replace(peak=max(each.peak for each in several))
        for name, several in runs.items()
    }


def _check(code: int, command: Command, said: str) -> None:
    if code:
        last = said.strip().rpartition("\n")[2]
        if last.startswith("Error: "):  # a sentence of one of our own commands
            raise click.ClickException(last.removeprefix("Error: "))
        raise click.ClickException(f"{_shown(command)}: exit code {code}: {last}")


def _shown(command: Command) -> str:
    return " ".join(Path(word).name if "/" in str(word) else str(word) for word in command)
