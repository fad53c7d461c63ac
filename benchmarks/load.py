"""How many requests the HTTP API holds, beside a bare FastAPI that gives back what it is asked.

    python -m benchmarks.load
    python -m benchmarks.load --seconds 20

Each server is a process of its own, one after the other, both served alike; one more process asks,
over 100 connections that are kept alive, each of which waits for its answer before it asks anew. So
the latencies are those of a server that is never idle. What is asked is the challenge set, in three
languages: of 20 requests 13 tag, 3 tag and name the words, 3 detect the language, and one explains.
Only this machine is asked; while it measures, it should do nothing else. Not for Windows and macOS:
the memory is read from /proc.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import click
import numpy as np

from benchmarks.load_client import Load, Request, drive, post
from benchmarks.measure import ROOT
from pipeline.places import corpus_folder

#: What serves the page and the API.
FRONTBACK = ("-c", "from pipeline.cli import main; main()", "serve", "--port", "0", "--no-browser")
_SERVERS = {"echo": ("-m", "benchmarks.load_echo"), "frontback": FRONTBACK}
#: Of 20 requests: how often each is asked.
_MIX = {"tag": 13, "tag, words": 3, "detect": 3, "explain": 1}
_WARM = 3.0


class Server(NamedTuple):
    """A server that runs.

    Attributes:
        host: address and port.
        address: as it printed it, with the token if there is one.
        process: its number.
    """

    host: str
    address: str
    process: int

    def work(self) -> float:
        """Return the seconds that the server has worked, on all cores together."""
        fields = Path(f"/proc/{self.process}/stat").read_text("utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self) -> float:
        """Return the MB that the server holds."""
        status = Path(f"/proc/{self.process}/status").read_text("utf-8")
        return int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) / 1024


@click.command()
@click.option("--seconds", type=click.FloatRange(1), default=300, show_default=True)
@click.option("--connections", type=click.IntRange(1), default=100, show_default=True)
def main(seconds: float, connections: int) -> None:
    """Ask both servers, and print what came of it."""
    loads = {}
    for name, arguments in _SERVERS.items():
        with started(arguments) as server:
            asked = requests(server.host)
            asyncio.run(drive(server.host, asked, connections, _WARM))
            memory, work = server.memory(), server.work()
            loads[name] = load = asyncio.run(drive(server.host, asked, connections, seconds))
            click.echo(
                f"{name}: {load.requests:,} requests in {load.seconds:.0f} s, {_rate(load):,.0f} a"
                f" second; {load.errors.total()} errors;"
                f" {1e3 * (server.work() - work) / load.requests:.2f} ms of work each;"
                f" memory {memory:.0f} MB, in the end {server.memory():.0f} MB"
            )
        _show(load)
    ours, bare = loads["frontback"], loads["echo"]
    ratio = np.divide(_points(ours), _points(bare))
    click.echo(
        f"frontback beside echo: {_rate(ours) / _rate(bare):.2f} of the requests a second;"
        f" latency p50 x {ratio[0]:.1f}, p90 x {ratio[1]:.1f}, p99 x {ratio[2]:.1f}"
    )
    if ours.errors or bare.errors:
        raise click.ClickException("there were errors; see above.")


@contextmanager
def started(arguments: Sequence[str]) -> Iterator[Server]:
    """Run a server for as long as it is asked."""
    with (
        tempfile.TemporaryDirectory() as folder,  # no sheets of anybody's are worked on meanwhile
        subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env={**os.environ, "XDG_DATA_HOME": folder},
            stderr=subprocess.PIPE,
            text=True,
        ) as process,
    ):
        assert process.stderr is not None
        try:
            for line in process.stderr:
                if found := re.search(r"http://([^\s/;]+)\S*", line):
                    break
            else:
                raise click.ClickException("a server ended before it said where it is.")
            yield Server(found[1], found[0].rstrip(";"), process.pid)
        finally:
            process.terminate()
            process.communicate(timeout=20)


def requests(host: str) -> Iterator[Request]:
    """Yield the requests without end, in the same order each time."""
    bodies = {
        "tag": ("/api/tag", {}),
        "tag, words": ("/api/tag", {"explain": True}),
        "explain": ("/api/explain", {}),
    }
    mixed = []
    kinds = itertools.cycle([kind for kind, times in _MIX.items() for _ in range(times)])
    for file in sorted((corpus_folder() / "challenge").glob("*.jsonl")):
        for line in file.read_text("utf-8").splitlines():
            posting, kind = json.loads(line), next(kinds)
            path, body = "/api/detect", {"text": posting["text"]}
            if kind in bodies:
                path, more = bodies[kind]
                body |= {"title": posting["title"], **more}
            mixed.append(Request(kind, post(path, host, json.dumps(body).encode())))
    random.Random(7).shuffle(mixed)
    return itertools.cycle(mixed)


def _points(load: Load, kind: str = "") -> list[float]:
    """Return the 50th, 90th and 99th percentile and the maximum, in milliseconds."""
    held = [load.latencies[kind]] if kind else list(load.latencies.values())
    points: list[float] = np.percentile(np.concatenate(held) * 1e3, [50, 90, 99, 100]).tolist()
    return points


def _rate(load: Load) -> float:
    return load.requests / load.seconds


def _show(load: Load) -> None:
    for said, times in load.errors.most_common(5):
        click.echo(f"  {times:,} x {said}")
    click.echo(f"  {'ms':<12}{'requests':>10}{'p50':>8}{'p90':>8}{'p99':>8}{'max':>8}")
    for kind in ("", *sorted(load.latencies)):
        n = len(load.latencies[kind]) if kind else load.requests
        row = "".join(f"{point:8.1f}" for point in _points(load, kind))
        click.echo(f"  {kind or 'all':<12}{n:>10,}{row}")


if __name__ == "__main__":
    main()
