"""What people read is there in each language, with the same values in it."""

from __future__ import annotations

import string
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline import wording
from pipeline.posting import LANGUAGES, Reason
from pipeline.wording import UI_LANGUAGES, Wording

_FOLDER = Path(wording.__file__).parent
_SECTIONS = sorted(path.stem for path in (_FOLDER / "en").glob("*.toml"))


def _sentences(content: dict[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    for name, value in content.items():
        if isinstance(value, dict):
            yield from _sentences(value, f"{above}{name}.")
        else:
            yield above + name, value


def _read(language: str, section: str) -> dict[str, str]:
    text = (_FOLDER / language / f"{section}.toml").read_text("utf-8")
    return dict(_sentences(tomllib.loads(text)))


def _places(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


@pytest.mark.parametrize("language", [code for code in UI_LANGUAGES if code != "en"])
@pytest.mark.parametrize("section", _SECTIONS)
def test_each_language_has_the_sentences_of_english_with_the_same_values(
    language: str, section: str
) -> None:
    english, other = _read("en", section), _read(language, section)
    assert list(other) == list(english)
    assert {key: _places(text) for key, text in other.items()} == {
        key: _places(text) for key, text in english.items()
    }
    assert all(text.strip() for text in other.values())


@pytest.mark.parametrize("language", UI_LANGUAGES)
def test_each_language_has_the_same_sections(language: str) -> None:
    assert sorted(path.stem for path in (_FOLDER / language).glob("*.toml")) == _SECTIONS


@pytest.mark.parametrize("language", UI_LANGUAGES)
def test_every_value_of_a_tagged_table_has_a_name(language: str) -> None:
    content = tomllib.loads((_FOLDER / language / "values.toml").read_text("utf-8"))
    reasons = {value for name, value in vars(Reason).items() if name.isupper()}
    assert set(content["reason"]) == reasons
    assert set(content["language"]) == {*LANGUAGES, "other", "unknown"}
    assert set(content["office"]) == {"front", "back", "review"}


def test_numbers_are_written_as_the_language_writes_them() -> None:
    shown = [Wording(language).number(1234567.891, 1) for language in ("en", "es", "no")]
    assert shown == ["1,234,567.9", "1.234.567,9", "1\xa0234\xa0567,9"]
    assert [Wording(each).percent(0.255, 1) for each in ("en", "es")] == ["25.5%", "25,5\xa0%"]


def test_a_value_without_a_name_is_shown_as_it_is() -> None:
    assert Wording("es").of("reason", "damaged row") == "damaged row"


def test_a_language_that_nobody_has_written_is_refused() -> None:
    with pytest.raises(ValueError, match="'da' is none of en, es, no"):
        Wording("da")


def test_the_chosen_language_comes_before_that_of_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(wording.ENVIRONMENT_VARIABLE, "es")
    assert wording.words().language == "es"
    wording.choose("no")
    try:
        assert wording.words().language == "no"
    finally:
        wording.choose("")
    monkeypatch.setenv(wording.ENVIRONMENT_VARIABLE, "klingon")
    assert wording.words().language == "en"
