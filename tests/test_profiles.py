"""The language profiles: what the file in the package is, and that it can be made again."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from pipeline import profiles
from pipeline.language_scores import OURS
from pipeline.profiles import FURTHEST, Profiles, load_profiles
from pipeline.profiles import build as building
from pipeline.profiles.letter_counts import letters_of
from pipeline.profiles.recipe import LANGUAGES
from pipeline.profiles.word_lists import read_texts

needs_lists = pytest.mark.skipif(
    find_spec("wordfreq") is None or find_spec("simplemma") is None,
    reason="the word lists are not installed (dependency group languages)",
)


def test_the_file_holds_what_profiles_says() -> None:
    found = load_profiles()
    m = len(found.languages)
    assert found.languages.tolist() == list(LANGUAGES)
    for keys, steps in ((found.words, found.of_words), (found.ngrams, found.of_ngrams)):
        assert (keys.dtype, steps.dtype) == (np.uint32, np.uint8)
        assert steps.shape == (len(keys), m)
        assert (np.diff(keys.astype(np.int64)) > 0).all()
        assert (steps.min(axis=1) == 0).all()
        assert steps.max() <= FURTHEST
    assert (found.unknown.dtype, found.unknown.shape) == (np.uint8, (m,))
    assert {code for codes in OURS.values() for code in codes} <= set(LANGUAGES)


def test_the_file_is_small_enough_to_be_read_for_one_posting() -> None:
    assert profiles.FILE.stat().st_size < 3_200_000


def test_profiles_are_written_to_the_same_bytes(tmp_path: Path) -> None:
    first, second = tmp_path / "first.npz", tmp_path / "second.npz"
    building.write(load_profiles(), first)
    with np.load(first, allow_pickle=False) as arrays:
        again = Profiles(**{name: arrays[name] for name in Profiles._fields})
    building.write(again, second)
    assert first.read_bytes() == second.read_bytes()


def test_letters_are_probabilities_after_those_before_them() -> None:
    lists = {"fo": {"ba": 0.5, "bo": 0.25, "ka": 0.25}}
    letters = letters_of(lists)
    chance = dict(zip(letters.runs, np.exp(letters.logs[:, 0]), strict=True))
    assert chance[" b"] == pytest.approx(0.75, abs=0.01)
    assert chance[" ba"] == pytest.approx(2 / 3, abs=0.01)
    assert sum(chance[letter] for letter in (" ", "a", "b", "k", "o")) > 0.99


def test_without_the_lists_a_sentence_says_how_to_install_them(monkeypatch, tmp_path) -> None:
    for name in ("wordfreq", "simplemma", "simplemma.strategies"):
        monkeypatch.setitem(__import__("sys").modules, name, None)
    building.word_lists.__globals__["_listed"].cache_clear()
    result = CliRunner().invoke(building.main, ["-o", str(tmp_path / "x.npz")])
    assert result.exit_code == 1
    assert result.output == (
        "Error: the word lists are not installed; install them with: pip install wordfreq"
        " simplemma (in a checkout, 'make languages' does it).\n"
    )


@needs_lists
def test_the_same_sources_give_the_same_bytes(small_corpus: Path, tmp_path: Path, monkeypatch):
    few = {code: mix._replace(frequent=500) for code, mix in LANGUAGES.items() if code in "es gl"}
    for module in ("recipe", "word_lists", "letter_counts", "build"):
        name = f"pipeline.profiles.{module}.LANGUAGES"
        monkeypatch.setattr(name, few | {"en": LANGUAGES["en"]._replace(frequent=500)})
    files = tmp_path / "first.npz", tmp_path / "second.npz"
    for file in files:
        building.write(building.build(read_texts(small_corpus)), file)
    assert files[0].read_bytes() == files[1].read_bytes()
