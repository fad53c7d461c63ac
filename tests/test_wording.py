"""What people read is there in each language, with the same values in it, and is read."""

from __future__ import annotations

import re
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
_PIPELINE = _FOLDER.parent
#: What stands before and behind a part of a key that varies: in Python, in a template.
_MADE = (
    re.compile(r'f"(\w+\.[\w.]*)\{[^}]*\}([\w.]*)"'),
    re.compile(r'"(\w+\.[\w.]*)" [~+] [\w.]+(?: ~ "(\w+)")?'),
)
#: By values that the server sends, which no source names.
_BY_DATA = {"review.contact", "review.other"}
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


def _sources(*suffixes: str) -> dict[Path, str]:
    found = (path for suffix in suffixes for path in _PIPELINE.rglob(f"*{suffix}"))
    return {path: path.read_text("utf-8") for path in found}


def _is_quoted(name: str, *texts: str) -> bool:
    return any(f"{quote}{name}{quote}" in text for text in texts for quote in "\"'")


@pytest.mark.parametrize("section", [each for each in _SECTIONS if each != "values"])
def test_every_sentence_is_read_somewhere(section: str) -> None:
    """By its key, by the page's script, or by a key made of its section and of names beside it."""
    sources, scripts = _sources(".py", ".html"), "".join(_sources(".js").values())
    made = {
        (*found.groups(""), path)
        for path, text in sources.items()
        for pattern in _MADE
        for found in pattern.finditer(text)
    }
    code = [text for path, text in sources.items() if path.suffix == ".py"]

    def is_made(key: str, before: str, behind: str, path: Path) -> bool:
        if not (key.startswith(before) and key.endswith(behind)):
            return False
        part = key.removeprefix(before).removesuffix(behind)
        # A table of the section is read as a whole; of the section itself, what is named.
        return before.count(".") > 1 or _is_quoted(part, sources[path], *code)

    def is_read(name: str) -> bool:
        key, first = f"{section}.{name}", name.partition(".")[0]
        by_script = re.search(rf"said\.{first}\b|sentence\(\"{first}\"", scripts)
        return (
            key in _BY_DATA
            or by_script is not None
            or _is_quoted(key, *sources.values())
            or any(is_made(key, *each) for each in made)
        )

    assert [name for name in _read("en", section) if not is_read(name)] == []


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
