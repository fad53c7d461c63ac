"""How likely each letter is after the two before it, in each language.

Counts come from langdetect's profiles (letters and runs of two and three of them, in Wikipedia),
or from a word list where langdetect has none. A run that was seldom seen leans on the shorter one
(interpolation, Jelinek and Mercer 1980).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from math import fsum
from pathlib import Path
from typing import NamedTuple

import langdetect
import numpy as np

from pipeline.letters import fold
from pipeline.profiles import LONGEST
from pipeline.profiles.recipe import LANGUAGES
from pipeline.profiles.word_lists import Frequencies

#: So many of the most frequent runs of one, two and three letters of each language are kept.
_KEPT = (10_000, 700, 1_600)
#: What a letter has that was never seen, and how much a run leans on the shorter one.
_NEVER, _LEAN = 1e-6, 1e-4

#: Shares of runs of one, two and three letters, each among the letters of the text.
Runs = list[dict[str, float]]


class Letters(NamedTuple):
    """How likely a run's last letter is after those before it.

    Attributes:
        runs: k runs of one to three letters, ascending.
        logs: natural logarithms of the probabilities, float64, shape (k, languages).
    """

    runs: list[str]
    logs: np.ndarray


def letters_of(lists: Mapping[str, Frequencies]) -> Letters:
    """Return the letters of all languages."""
    counted = [_runs(code, words) for code, words in lists.items()]
    kept = [_most_frequent(counted, length) for length in range(1, LONGEST + 1)]
    logs = [
        [np.log(_chance(run, runs, len(kept[0]))) for runs in counted]
        for run in (run for length in kept for run in length)
    ]
    return Letters([run for length in kept for run in length], np.array(logs))


def _runs(code: str, words: Frequencies) -> Runs:
    """Return the shares of a language's runs of letters: of langdetect's and of its list's."""
    mix = LANGUAGES[code]
    profile = Path(langdetect.__file__).parent / "profiles" / (mix.langdetect or code)
    share = mix.letters if profile.is_file() and words else float(bool(words))
    runs: Runs = [{} for _ in range(LONGEST)]
    if share > 0:
        _add(runs, _runs_of_list(words), share)
    if share < 1:
        _add(runs, _runs_of_profile(profile), 1 - share)
    return runs


def _add(runs: Runs, more: Runs, share: float) -> None:
    weight = share / fsum(more[0].values())
    for of_length, added in zip(runs, more, strict=True):
        for run, count in added.items():
            of_length[run] = of_length.get(run, 0.0) + weight * count


def _runs_of_list(words: Frequencies) -> Runs:
    runs: Runs = [{} for _ in range(LONGEST)]
    for word, share in words.items():
        padded = f" {word} "
        for length, of_length in enumerate(runs, 1):
            for place in range(len(padded) - length + 1):
                run = padded[place : place + length]
                of_length[run] = of_length.get(run, 0.0) + share
    return _one_blank(runs)


def _runs_of_profile(profile: Path) -> Runs:
    runs: Runs = [{} for _ in range(LONGEST)]
    for run, count in sorted(json.loads(profile.read_text("utf-8"))["freq"].items()):
        of_length = runs[len(run) - 1]
        of_length[fold(run)] = of_length.get(fold(run), 0.0) + count
    return _one_blank(runs)


def _one_blank(runs: Runs) -> Runs:
    """Return runs with one blank a word, before its first letter; langdetect counts none."""
    runs[0][" "] = fsum(count for run, count in runs[1].items() if run[0] == " ")
    return runs


def _most_frequent(counted: list[Runs], length: int) -> list[str]:
    kept: set[str] = set()
    for runs in counted:
        of_length = runs[length - 1]
        kept.update(sorted(of_length, key=lambda run: (-of_length[run], run))[: _KEPT[length - 1]])
    return sorted(kept)


def _chance(run: str, runs: Runs, letters: int) -> float:
    """Return the probability of a run's last letter after the others."""
    share = runs[len(run) - 1].get(run, 0.0)
    if len(run) == 1:
        return (share + _NEVER) / (1 + letters * _NEVER)
    before = max(runs[len(run) - 2].get(run[:-1], 0.0), share)
    return (share + _LEAN * _chance(run[1:], runs, letters)) / (before + _LEAN)
