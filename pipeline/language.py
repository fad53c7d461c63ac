"""Which language a text is in: Spanish, Norwegian, English, another one, or too little to say.

The decision is langdetect's (naive Bayes over character n-grams, Nakatani Shuyo 2010), made
repeatable: a fixed seed, profiles in a fixed order, case folded first (capitals mislead it).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final, cast

import langdetect
from langdetect.detector_factory import DetectorFactory
from langdetect.lang_detect_exception import LangDetectException

from pipeline.posting import LANGUAGES, Language, LanguageCode
from pipeline.text import clean

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
_WORDS = re.compile(r"[^\W\d_]+")
# Function words that one written form of Norwegian has and the other has not.
_NYNORSK = frozenset(
    (
        "ikkje eg ein eit dei vere frå kva korleis kven saman nokre nokon noko berre meir "
        "gjere oppgåver arbeidsoppgåver søkjar ho me dykk dykkar vidare ynskjer ønskjer høve "
        "tenester verksemd stillinga løn"
    ).split()
)
_BOKMAAL = frozenset(
    (
        "ikke jeg en et de være fra hva hvordan hvem sammen noen noe bare mer gjøre oppgaver "
        "videre arbeidsoppgaver søker hun dere deres blir ønsker tjenester virksomhet "
        "stillingen lønn"
    ).split()
)


def detect_languages(texts: Sequence[str | None]) -> list[Language]:
    """Return the language of each text, in order; any string whatever is accepted.

    Raises:
        TypeError: ``texts`` is one text, not a list of them.
    """
    if isinstance(texts, str):
        raise TypeError("texts is a list of texts; for one text write detect_languages([text])")
    return [language_of(clean(text)) for text in texts]


def language_of(text: str) -> Language:
    """Return the language of a text that `pipeline.text.clean` has been over."""
    text = _NOISE.sub(" ", text[: 4 * MAX_CHARS])[:MAX_CHARS]
    letters = _LETTERS.findall(text)
    if len(letters) < MIN_LETTERS:
        return Language("unknown", 0.0)
    latin = sum(1 for letter in letters if _LATIN.match(letter)) / len(letters)
    if latin < 0.5:
        return Language("other", 1.0 - latin)
    detector = _factory().create()
    detector.append(text.lower())
    try:
        found = detector.get_probabilities()
    except LangDetectException:
        found = []
    if not found:
        return Language("unknown", 0.0)
    shares = {language.lang: language.prob for language in found}
    best = max(shares, key=lambda name: shares[name])
    if best not in LANGUAGES:
        ours = sum(shares.get(name, 0.0) for name in LANGUAGES)
        return Language("other", round(1.0 - ours, 4))
    variety = _variety(text) if best == "no" else ""
    return Language(cast(LanguageCode, best), round(min(shares[best], 1.0), 4), variety)


def _variety(text: str) -> str:
    words = _WORDS.findall(text.lower())
    nynorsk = sum(word in _NYNORSK for word in words)
    return "nn" if nynorsk > sum(word in _BOKMAAL for word in words) else "nb"


@cache
def _factory() -> DetectorFactory:
    folder = Path(langdetect.__file__).parent / "profiles"
    factory = DetectorFactory()
    factory.load_json_profile([(folder / name).read_text("utf-8") for name in DETECTABLE])
    factory.set_seed(SEED)
    return factory
