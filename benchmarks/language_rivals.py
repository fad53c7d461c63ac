"""What else tells languages apart, each asked as its own documentation shows.

Every one answers es, no, en, other or unknown; Danish asked of one that knows it is other. Case is
folded for none of them. Those that are not installed are left out (dependency group ``bench``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import Any

#: What answers n texts with n codes.
Answering = Callable[[Sequence[str]], list[str]]
_OURS = {"es": "es", "no": "no", "nb": "no", "nn": "no", "en": "en"}


def known_rivals() -> dict[str, Answering]:
    """Return what is installed, frontback first; loading each is not part of asking it."""
    makers: dict[str, Callable[[], Answering]] = {
        "frontback": _frontback,
        "langdetect": _langdetect,
        "eldc": _eldc,
        "lingua": _lingua,
        "py3langid": _py3langid,
    }
    return {name: make() for name, make in makers.items() if name == "frontback" or find_spec(name)}


def _by_code(ask: Callable[[str], Any]) -> Answering:
    def answer(texts: Sequence[str]) -> list[str]:
        return [_OURS.get(code, "other") if (code := ask(text)) else "unknown" for text in texts]

    return answer


def _frontback() -> Answering:
    from pipeline import detect_languages

    return lambda texts: [found.code for found in detect_languages(texts)]


def _langdetect() -> Answering:
    """All 55 profiles, the seed fixed; what it gives up on is unknown."""
    import langdetect
    from langdetect.lang_detect_exception import LangDetectException

    langdetect.DetectorFactory.seed = 0

    def ask(text: str) -> str | None:
        try:
            return str(langdetect.detect(text))
        except LangDetectException:
            return None

    return _by_code(ask)


def _eldc() -> Answering:
    import eldc

    eldc.init()
    return _by_code(lambda text: None if (code := eldc.detect(text)) == "und" else code)


def _lingua() -> Answering:
    from lingua import LanguageDetectorBuilder

    detector = LanguageDetectorBuilder.from_all_languages_with_latin_script().build()

    def ask(text: str) -> str | None:
        found = detector.detect_language_of(text)
        return found.iso_code_639_1.name.lower() if found else None

    return _by_code(ask)


def _py3langid() -> Answering:
    import py3langid

    return _by_code(lambda text: py3langid.classify(text)[0])
