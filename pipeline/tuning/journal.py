"""What a search has found so far, on disk, so that a run that was stopped can go on.

A file of lines, JSON each: the first says what the answers depend on, each further one is a
finished candidate with its answers to the postings, as they stood out of fold. No text of a
posting is in it. Only whole lines count: what a killed run left of the last one is cut off.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, Self

import numpy as np

from pipeline.posting import ResumeError
from pipeline.tuning.grid import Candidate

NAME = "journal.jsonl"
_MARK = "frontback tuning"
#: What the answers depend on, by the name that a message gives it.
Settings = dict[str, Any]


class Outcome(NamedTuple):
    """What came of a candidate.

    Attributes:
        p_front: out-of-fold probabilities of the postings, float64, shape (n,).
        band: half-width of the review band.
    """

    p_front: np.ndarray
    band: float


class TuningJournal:
    """The outcomes of one search, those of earlier runs included."""

    def __init__(self, file: BinaryIO, n: int) -> None:
        self._file, self._n = file, n
        self._found: dict[str, Outcome] = {}

    @classmethod
    @contextmanager
    def at(cls, path: Path, settings: Settings, n: int) -> Iterator[Self]:
        """Open the journal at a path, or begin one.

        Args:
            n: how many postings there are answers to.

        Raises:
            ResumeError: the file is no journal, or of something else.
        """
        with path.open("ab+") as file:
            journal = cls(file, n)
            journal._read(path, settings)
            yield journal

    def get(self, candidate: Candidate) -> Outcome | None:
        """Return what came of a candidate; None where it has not been tried."""
        return self._found.get(_key(candidate))

    def note(self, candidate: Candidate, outcome: Outcome) -> None:
        """Write what came of a candidate, and have the disk hold it."""
        self._found[_key(candidate)] = outcome
        p_front = base64.b64encode(outcome.p_front.astype("<f8").tobytes()).decode()
        self._write({"parameters": candidate, "band": outcome.band, "p_front": p_front})

    def _write(self, line: dict[str, Any]) -> None:
        self._file.write(json.dumps(line).encode() + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())

    def _read(self, path: Path, settings: Settings) -> None:
        self._file.seek(0)
        lines = self._file.read().split(b"\n")
        torn = lines.pop()
        begin = json.dumps({_MARK: 1})[:-1].encode()
        first = lines[0] if lines else torn
        if not first.startswith(begin if lines else begin[: len(torn)]):
            raise _no_journal(path)
        self._file.truncate(self._file.tell() - len(torn))
        if not lines:
            self._write({_MARK: 1, **settings})
            return
        head = _parsed(lines[0])
        for name, now in settings.items():
            if (was := head.get(name)) != now:
                raise ResumeError(
                    f"{path}: the search cannot go on, {name} is {now} now and was {was}; name"
                    " another folder with -o, or delete this one."
                )
        for line in lines[1:]:
            if (found := self._outcome(_parsed(line))) is not None:
                self._found[found[0]] = found[1]

    def _outcome(self, line: dict[str, Any]) -> tuple[str, Outcome] | None:
        """Return key and outcome of a line; None where it is not whole."""
        try:
            p_front = np.frombuffer(base64.b64decode(line["p_front"], validate=True), "<f8")
            outcome = Outcome(p_front, float(line["band"]))
            key = _key(line["parameters"])
        except (KeyError, TypeError, ValueError, AttributeError, binascii.Error):
            return None
        whole = p_front.shape == (self._n,) and bool(((p_front >= 0) & (p_front <= 1)).all())
        return (key, outcome) if whole else None


def _parsed(line: bytes) -> dict[str, Any]:
    """Return a line's object, empty where it holds none."""
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _key(candidate: Candidate) -> str:
    return json.dumps(candidate, sort_keys=True)


def _no_journal(path: Path) -> ResumeError:
    return ResumeError(
        f"{path}: the journal of the search is to be there, and this is none; move it out of the"
        " way, or name another folder with -o."
    )
