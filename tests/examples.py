"""Run the examples of a page of documentation, and compare or renew what they print.

An example is a fenced block of kind ``console``: lines that begin with ``$ `` are commands, the
lines below each are what it prints, stdout before stderr. ``NAME=$(frontback …)`` keeps what it
prints on stdout for later commands of the page, which call it ``$NAME``. Times, model ids and sizes
of files are not compared. The models folder is a copy, with the active model alone.

    python -m tests.examples README.md docs/tours/hr.md     writes what the commands print now
"""

from __future__ import annotations

import io
import os
import re
import shlex
import shutil
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from pipeline.active import active_id
from pipeline.cli import main
from pipeline.places import corpus_folder, models_folder

_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_KEPT = re.compile(r"([A-Z]+)=\$\((.*)\)")
_PROGRESS = re.compile(r" of [\d,]+ \w+,.* s left$")
_VARIABLE = (
    (re.compile(r"\d+([.,])\d s\b"), r"0\g<1>0 s"),
    (re.compile(r"\b([a-z]+)-[0-9a-f]{10}\b"), r"\1-0"),
    (re.compile(r"\b\d{4}-\d\d-\d\d \d\d:\d\d\b"), "2027-01-01 00:00"),
    (re.compile(r"\b[\d,]{10,} bytes"), "0 bytes"),
)


def commands(page: str) -> list[str]:
    """Return the commands of all examples of a page, in order."""
    return [
        line[2:]
        for block in _BLOCK.findall(page)
        for line in block.splitlines()
        if line.startswith("$ ")
    ]


def renewed(page: str) -> str:
    """Return the page with the output of each example as it is now."""
    source = models_folder()
    with TemporaryDirectory() as folder, chdir(folder):
        Path("corpus").symlink_to(corpus_folder())
        if active := active_id(source):
            shutil.copytree(source / active, Path("models", active))
            shutil.copy(source / "active", "models")
        kept: dict[str, str] = {}

        def run_block(match: re.Match[str]) -> str:
            lines = [line for line in match[1].splitlines() if line.startswith("$ ")]
            done = "".join(f"{line}\n{_run(line[2:], kept)}" for line in lines)
            return f"```console\n{done}```"

        with patch.dict(os.environ, FRONTBACK_MODELS=str(Path("models").absolute()), COLUMNS="100"):
            return _BLOCK.sub(run_block, page)


def comparable(page: str) -> str:
    """Return the page without what differs from run to run."""
    for pattern, instead in _VARIABLE:
        page = pattern.sub(instead, page)
    return page


def _run(command: str, kept: dict[str, str]) -> str:
    keep = _KEPT.fullmatch(command)
    words = shlex.split(keep[2] if keep else command)
    program, *arguments = [kept.get(word, word) for word in words]
    if program != "frontback":
        raise ValueError(f"only frontback runs in examples, not {program}")
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err), suppress(SystemExit):
        main(arguments)
    if keep:
        kept[f"${keep[1]}"] = out.getvalue().strip()
        out = io.StringIO()
    lines = (out.getvalue() + err.getvalue()).splitlines()
    text = "\n".join(line.rstrip() for line in lines if not _PROGRESS.search(line))
    return text + "\n" if text else ""


if __name__ == "__main__":
    for name in sys.argv[1:]:
        path = Path(name).resolve()
        path.write_text(renewed(path.read_text("utf-8")), "utf-8")
