"""How well languages are told apart, beside what else one would use.

    python -m benchmarks.languages passages.jsonl
    python -m benchmarks.languages

A file holds one JSON object a line: language (ISO 639-1; nb and nn apart), length and text. Printed
are, by length, the share of es, nb, nn and en that each detector recognises (nb and nn are both
Norwegian), how many passages in neighbouring languages it takes for one of the three, both again
in CAPITALS, and its speed on one core; of frontback also bokmål and nynorsk told apart, and how far
its confidence can be believed. Without a file only the postings of the corpus are asked: how often
frontback and langdetect agree on them. frontback has learned words from these.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import click
import numba
import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.language_rivals import Answering, known_rivals
from pipeline import detect_languages
from pipeline.places import corpus_folder
from pipeline.profiles.word_lists import read_texts

_OURS = {"es": "es", "nb": "no", "nn": "no", "en": "en"}
_NEIGHBOURS = ("da", "sv", "pt", "ca", "gl")
_BINS = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0)


class Passages:
    """n passages: language, length and text of each, arrays of shape (n,)."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self.language = np.array([row["language"] for row in rows])
        self.length = np.array([int(row["length"]) for row in rows])
        self.texts = [str(row["text"]) for row in rows]
        self.truth = np.array([_OURS.get(code, "other") for code in self.language])


@click.command()
@click.argument(
    "file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--corpus", type=click.Path(path_type=Path), help="Corpus folder.")
def main(file: Path | None, corpus: Path | None) -> None:
    """Measure language detection on the passages in FILE and on the corpus."""
    console = Console(highlight=False, width=100)
    rivals = known_rivals()
    if file:
        rows = [json.loads(line) for line in file.read_text("utf-8").splitlines() if line.strip()]
        passages = Passages(rows)
        print_rivals(console, passages, rivals)
        print_varieties(console, passages)
        print_confidence(console, passages)
    print_agreement(console, read_texts(corpus or corpus_folder()), rivals)


def print_rivals(console: Console, passages: Passages, rivals: dict[str, Answering]) -> None:
    """Print a table for each length, a line a detector, and one of their speed."""
    lower = {name: np.array(ask(passages.texts)) for name, ask in rivals.items()}
    capitals = [text.upper() for text in passages.texts]
    upper = {name: np.array(ask(capitals)) for name, ask in rivals.items()}
    for length in np.unique(passages.length):
        at = passages.length == length
        table = _table(f"{length} characters", "", *_OURS, "capitals", *_NEIGHBOURS, "others")
        for name in rivals:
            table.add_row(name, *_figures(passages, lower[name], upper[name], at))
        console.print(table)
    console.print(
        "es, nb, nn, en: % recognised (capitals: of all four); da …: % taken for one of ours"
    )
    print_speed(console, passages, rivals)


def _figures(passages: Passages, lower: np.ndarray, upper: np.ndarray, at: np.ndarray) -> list[str]:
    ours = at & (passages.truth != "other")
    taken = np.isin(lower, list(_OURS.values()))
    right = [_percent(lower[of] == passages.truth[of]) for of in _each(passages, at, _OURS)]
    wrong = [_percent(taken[of]) for of in _each(passages, at, _NEIGHBOURS)]
    rest = at & ~np.isin(passages.language, [*_OURS, *_NEIGHBOURS])
    capitals = _percent(upper[ours] == passages.truth[ours])
    return [*right, capitals, *wrong, _percent(taken[rest])]


def _each(passages: Passages, at: np.ndarray, codes: Any) -> list[np.ndarray]:
    return [at & (passages.language == code) for code in codes]


def print_speed(console: Console, passages: Passages, rivals: dict[str, Answering]) -> None:
    """Print how many of the longest passages each answers a second, on one core."""
    longest = passages.length.max()
    chosen = np.flatnonzero(passages.length == longest)
    texts = [passages.texts[place] for place in chosen]
    cores = numba.get_num_threads()
    numba.set_num_threads(1)
    rates = {name: _rate(ask, texts) for name, ask in rivals.items()}
    numba.set_num_threads(cores)
    table = _table(f"speed, {longest} characters, one core", "", "texts/s", "frontback's times")
    for name, rate in rates.items():
        table.add_row(name, f"{rate:,.0f}", f"{rates['frontback'] / rate:,.1f}")
    console.print(table)


def _rate(ask: Answering, texts: list[str]) -> float:
    """Return texts a second, the best of three runs that take half a second or once."""
    found = []
    for _ in range(3):
        begun = time.perf_counter()
        ask(texts)
        found.append(time.perf_counter() - begun)
        if found[-1] > 0.5:
            break
    return len(texts) / min(found)


def print_varieties(console: Console, passages: Passages) -> None:
    """Print how often bokmål and nynorsk are told apart where Norwegian was recognised."""
    found = np.array([each.variety for each in detect_languages(passages.texts)])
    table = _table("frontback: variety, % right of those recognised as Norwegian", "", "nb", "nn")
    for length in np.unique(passages.length):
        at = (passages.length == length) & (found != "")
        shares = [_percent(found[of] == code) for code in ("nb", "nn")
                  for of in _each(passages, at, (code,))]  # fmt: skip
        table.add_row(f"{length} characters", *shares)
    console.print(table)


def print_confidence(console: Console, passages: Passages) -> None:
    """Print the calibration error, and how many answers of each confidence are right."""
    answers = detect_languages(passages.texts)
    confidence = np.array([each.confidence for each in answers])
    right = np.array([each.code for each in answers]) == passages.truth
    table = _table("frontback: confidence", "", "answers", "mean", "right")
    for low, high in pairwise(_BINS):
        at = (confidence >= low) & ((confidence < high) | (high == 1.0))
        if at.any():
            means = (f"{values[at].mean():.3f}" for values in (confidence, right))
            table.add_row(f"{low:.2f} to {high:.2f}", f"{at.sum():,}", *means)
    console.print(table)
    for length in np.unique(passages.length):
        at = passages.length == length
        error = calibration_error(confidence[at], right[at])
        console.print(f"calibration error at {length} characters: {error:.3f}")


def calibration_error(confidence: np.ndarray, right: np.ndarray, bins: int = 10) -> float:
    """Return the expected calibration error over bins of equal width (Guo et al. 2017)."""
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [abs(right[place == each].mean() - confidence[place == each].mean())
            * (place == each).mean() for each in np.unique(place)]  # fmt: skip
    return float(np.sum(gaps))


def print_agreement(
    console: Console, texts: dict[str, list[str]], rivals: dict[str, Answering]
) -> None:
    """Print how often frontback and langdetect say the same of the corpus's postings."""
    table = _table(
        "postings of the corpus", "", "texts", "agree %", "frontback %", "langdetect %",
        "frontback / langdetect where they differ",
    )  # fmt: skip
    ours, theirs = rivals["frontback"], rivals["langdetect"]
    for code in [*_OURS, *sorted(set(texts) - set(_OURS))]:
        if code not in texts:
            continue
        first, second = np.array(ours(texts[code])), np.array(theirs(texts[code]))
        truth = _OURS.get(code, "other")
        pairs = zip(first.tolist(), second.tolist(), strict=True)
        differing = Counter(f"{a} / {b}" for a, b in pairs if a != b)
        table.add_row(
            code,
            f"{len(first):,}",
            *(_percent(each, 1) for each in (first == second, first == truth, second == truth)),
            ", ".join(f"{pair} {count}" for pair, count in differing.most_common(2)),
        )
    console.print(table)


def _percent(truths: np.ndarray, digits: int = 0) -> str:
    return f"{100 * truths.mean():.{digits}f}" if len(truths) else "–"


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left")
    for name in columns:
        table.add_column(name, justify="right" if name and "differ" not in name else "left")
    return table


if __name__ == "__main__":
    main()
