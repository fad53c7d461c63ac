"""langdetect's own decision, for those who trust it and for those who compare.

Naive Bayes over character n-grams (Nakatani Shuyo 2010), made repeatable: a fixed seed, profiles in
a fixed order, case folded first (capitals mislead it).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final

import langdetect
import numpy as np
from langdetect.detector_factory import DetectorFactory
from langdetect.lang_detect_exception import LangDetectException

from pipeline.language import CODES, Languages
from pipeline.posting import LANGUAGES

SEED: Final = 0
#: Fewer letters than this are `unknown`: titles of 20 characters mislead every detector.
MIN_LETTERS: Final = 20
#: Characters of a text that are looked at; more change no decision and take longer.
MAX_CHARS: Final = 3_000
#: langdetect's profiles in Latin script; a text in another script needs none to be refused.
DETECTABLE: Final = (
    "af ca cs cy da de en es et fi fr hr hu id it lt lv nl no pl pt ro sk sl so sq sv sw tl tr vi"
).split()

_LETTERS = re.compile(r"[^\W\d_]")
_LATIN = re.compile(r"[A-Za-zÀ-ɏḀ-ỿ]")
_NOISE = re.compile(r"https?://\S+|www\.\S+|\S+@\S+")


def ask_langdetect(texts: Sequence[str]) -> Languages:
    """Return the languages of cleaned texts; langdetect knows no nynorsk and looks at no parts."""
    found = [_language_of(text) for text in texts]
    nothing = np.zeros(len(found), np.int8)
    return Languages(
        np.array([CODES.index(code) for code, _ in found], np.int8),
        np.array([confidence for _, confidence in found], np.float64),
        nothing,
        nothing.astype(bool),
    )


def _language_of(text: str) -> tuple[str, float]:
    text = _NOISE.sub(" ", text[: 4 * MAX_CHARS])[:MAX_CHARS]
    letters = _LETTERS.findall(text)
    if len(letters) < MIN_LETTERS:
        return "unknown", 0.0
    latin = sum(1 for letter in letters if _LATIN.match(letter)) / len(letters)
    if latin < 0.5:
        return "other", 1.0 - latin
    detector = _factory().create()
    detector.append(text.lower())
    try:
        found = detector.get_probabilities()
    except LangDetectException:
        found = []
    if not found:
        return "unknown", 0.0
    shares = {language.lang: language.prob for language in found}
    best = max(shares, key=lambda name: shares[name])
    if best not in LANGUAGES:
        ours = sum(shares.get(name, 0.0) for name in LANGUAGES)
        return "other", round(1.0 - ours, 4)
    return best, round(min(shares[best], 1.0), 4)


@cache
def _factory() -> DetectorFactory:
    folder = Path(langdetect.__file__).parent / "profiles"
    factory = DetectorFactory()
    factory.load_json_profile([(folder / name).read_text("utf-8") for name in DETECTABLE])
    factory.set_seed(SEED)
    return factory
