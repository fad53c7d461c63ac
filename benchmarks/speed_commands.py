"""The commands that `benchmarks.speed` measures, and the files that they need."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from benchmarks.measure import Command, run
from pipeline.places import corpus_folder

#: What the installed command frontback does.
_FRONTBACK = (sys.executable, "-c", "from pipeline.cli import main; main()")


@dataclass(frozen=True)
class Commands:
    """Commands on files in a folder; what a command needs is made when it is first asked for.

    Attributes:
        folder: a temporary one; everything is written there.
        rows: of the table that is tagged.
        sample: rows of it that langdetect gets.
        rounds: how often each command is measured.
        training: numbers of postings to train on.
    """

    folder: Path
    rows: int
    sample: int
    rounds: int
    training: Sequence[int]

    def batch(self, rows: int, *options: str) -> Command:
        """Return frontback's command for a table of so many rows."""
        output = self.folder / "frontback.parquet"
        files = (self._table(rows), "-o", output, "--overwrite")
        return (*_FRONTBACK, "batch", *files, "--models", self._models, *options)

    def tag(self, text: str) -> Command:
        """Return frontback's command for one text."""
        return (*_FRONTBACK, "tag", text, "--models", self._models)

    def explain(self, text: str) -> Command:
        """Return frontback's command that says why, for one text."""
        return (*_FRONTBACK, "explain", text, "--models", self._models)

    def rival(self, name: str, rows: int, *options: str) -> Command:
        """Return a rival's command for a table of so many rows."""
        models = self.folder / name
        if name != "floor" and not models.exists():
            run(self.train_rival(name, corpus_folder(), models))
        files = (self._table(rows), self.folder / f"{name}.parquet")
        return (*_module("rivals"), name, *files, "--models", models, *options)

    def train(self, corpus: Path, models: Path) -> Command:
        """Return frontback's command for training on a corpus folder."""
        return (*_FRONTBACK, "train", "--corpus", corpus, "--models", models)

    def train_rival(self, name: str, corpus: Path, models: Path) -> Command:
        """Return the command that trains a rival on the same."""
        return (*_module("rival_models"), name, models, "--corpus", corpus)

    def describe(self, rows: int) -> str:
        """Return the size of a table: its postings, their text, the file."""
        size = self._table(rows).stat().st_size / 1e6
        return f"{self._made[rows]}, {size:,.1f} MB as Parquet"

    def corpus(self, rows: int) -> Path:
        """Return a corpus folder of so many recombined postings."""
        folder = self.folder / f"corpus-{rows}"
        run((*_module("recombine"), folder, "--rows", str(rows)))
        return folder

    def _table(self, rows: int) -> Path:
        path = self.folder / f"{rows}.parquet"
        if not path.exists():
            self._made[rows] = run((*_module("recombine"), path, "--rows", str(rows)))
        return path

    @cached_property
    def _made(self) -> dict[int, str]:
        """What was said of the tables made so far."""
        return {}

    @cached_property
    def _models(self) -> Path:
        """Frontback's models folder: the default model in it, the kernels compiled."""
        models = self.folder / "frontback"
        run(self.train(corpus_folder(), models))
        few, output = self._table(100), self.folder / "few.parquet"
        run((*_FRONTBACK, "batch", few, "-o", output, "--models", models))
        return models


def _module(name: str) -> Command:
    return (sys.executable, "-m", f"benchmarks.{name}")
