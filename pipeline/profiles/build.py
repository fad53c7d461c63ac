"""Write the profiles anew: `make languages`, or python -m pipeline.profiles.build.

From langdetect's profiles, wordfreq's and simplemma's word lists, and the project's own corpus;
what of each, `pipeline.profiles.recipe` says. The same sources give the same bytes.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import click
import numpy as np

from pipeline.letters import codes_of
from pipeline.ngrams import hash_words, mix, split_words
from pipeline.places import corpus_folder
from pipeline.posting import FrontbackError
from pipeline.profiles import FILE, FURTHEST, STEP, Profiles, keys_of
from pipeline.profiles.letter_counts import Letters, letters_of
from pipeline.profiles.recipe import LANGUAGES
from pipeline.profiles.word_lists import Frequencies, read_texts, word_lists

#: Share of English words in any language, and of Spanish ones where that is spoken, too.
_QUOTED = 0.02
_SHORTEST_LOG = 1e-30
_TIMESTAMP = (1980, 1, 1, 0, 0, 0)


def build(texts: Mapping[str, list[str]]) -> Profiles:
    """Return the profiles that follow from the lists and the project's own texts, by language."""
    lists = word_lists(texts)
    letters = letters_of(lists)
    unlisted = np.array([mix.unlisted for mix in LANGUAGES.values()])
    known = _known(lists)
    keys = _keys(known)
    _, first = np.unique(keys, return_index=True)
    known = [known[place] for place in first]
    runs = _run_keys(letters.runs)
    _, first_run = np.unique(runs, return_index=True)
    return Profiles(
        np.array(list(LANGUAGES)),
        keys[first],
        _steps(_word_logs(known, lists, letters, unlisted)),
        runs[first_run],
        _steps(letters.logs[first_run]),
        _steps(np.log(unlisted)[None])[0],
    )


def _known(lists: Mapping[str, Frequencies]) -> list[str]:
    """Return the words of all lists that are known, the most frequent first."""
    known: dict[str, float] = {}
    for code, words in lists.items():
        frequent = sorted(words, key=lambda word: (-words[word], word))
        for word in frequent[: LANGUAGES[code].frequent]:
            known[word] = max(known.get(word, 0.0), words[word])
    return sorted(known, key=lambda word: (-known[word], word))


def _word_logs(
    words: list[str], lists: Mapping[str, Frequencies], letters: Letters, unlisted: np.ndarray
) -> np.ndarray:
    """Return logarithms of how likely words are: by the lists, and a little by their letters."""
    listed = np.array([[each.get(word, 0.0) for each in lists.values()] for word in words])
    place = {code: at for at, code in enumerate(LANGUAGES)}
    quoted = [
        [place[each] for each in ("en", mix.quotes) if each not in ("", code)]
        for code, mix in LANGUAGES.items()
    ]
    pure = listed.copy()
    for at, others in enumerate(quoted):
        listed[:, at] += _QUOTED * pure[:, others].sum(axis=1)
    by_letter = np.exp(_letter_logs(words, letters))
    return np.log((1 - unlisted) * listed + unlisted * by_letter + _SHORTEST_LOG)


def _letter_logs(words: list[str], letters: Letters) -> np.ndarray:
    """Return what the letters of words say, as a reader of unknown words would sum it."""
    place_of = {run: place for place, run in enumerate(letters.runs)}
    silent = len(letters.runs)
    places: list[int] = []
    begins: list[int] = []
    for word in words:
        padded = f" {word} "
        begins.append(len(places))
        for end in range(2, len(padded) + 1):
            runs = (padded[start:end] for start in range(max(end - 3, 0), end))
            places.append(next((place_of[run] for run in runs if run in place_of), silent))
    logs = np.vstack([letters.logs, np.zeros(letters.logs.shape[1])])
    return np.add.reduceat(logs[places], begins, axis=0)


def _steps(logs: np.ndarray) -> np.ndarray:
    """Return logarithms as steps below the likeliest: uint8."""
    below = logs.max(axis=1, keepdims=True) - logs
    return np.minimum(np.rint(below / STEP), FURTHEST).astype(np.uint8)


def _keys(words: list[str]) -> np.ndarray:
    return keys_of(mix(hash_words(*split_words(codes_of(" ".join(words))))))


def _run_keys(runs: list[str]) -> np.ndarray:
    """Return the keys of runs of letters, blanks included."""
    found = np.zeros(len(runs), np.uint32)
    lengths = np.array([len(run) for run in runs])
    for length in np.unique(lengths):
        at = np.flatnonzero(lengths == length)
        letters = codes_of("".join(runs[place] for place in at)).astype(np.uint64)
        starts = np.arange(len(at)) * length
        found[at] = keys_of(mix(hash_words(letters, starts, np.full(len(at), length))))
    return found


def write(profiles: Profiles, file: Path) -> None:
    """Write profiles as numpy does, but without the time: the same profiles, the same bytes."""
    with zipfile.ZipFile(file, "w") as archive:
        for name, array in profiles._asdict().items():
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, array, allow_pickle=False)
            entry = zipfile.ZipInfo(f"{name}.npy", _TIMESTAMP)
            archive.writestr(entry, buffer.getvalue(), zipfile.ZIP_DEFLATED, 9)


@click.command()
@click.option("--corpus", type=click.Path(path_type=Path), help="Corpus folder.")
@click.option(
    "-o", "output", type=click.Path(dir_okay=False, path_type=Path), default=FILE, help="File."
)
def main(corpus: Path | None, output: Path) -> None:
    """Write the language profiles from langdetect, wordfreq, simplemma and the corpus."""
    try:
        profiles = build(read_texts(corpus or corpus_folder()))
    except FrontbackError as error:
        raise click.ClickException(str(error)) from None
    write(profiles, output)
    words, languages = profiles.of_words.shape
    size = output.stat().st_size / 1e6
    click.echo(f"{output}: {words:,} words of {languages} languages, {size:.1f} MB")


if __name__ == "__main__":
    main()
