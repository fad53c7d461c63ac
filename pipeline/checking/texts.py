"""One text at a time: its fields, its language, and nothing in it that leads to a real person."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pipeline.checking.finding import Finding, library
from pipeline.labelled import FRONT_SHARE, Labelled
from pipeline.language import detect_languages
from pipeline.posting import LANGUAGES

_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?:https?://|www\.)[\w-]+(?:\.[\w-]+)+")
# RFC 2606 keeps these for examples: nobody's.
_NOBODYS = re.compile(r"\.(?:example|invalid|test)$|[@.]example\.(?:com|net|org)$")
# 385 000-462 000 and 26.000-30.000 are pay, though they are numbers of somebody's telephone too.
_MONEY = re.compile(r"\d[ .]000\b")
_REGIONS = {"es": "ES", "no": "NO", "en": "GB", "da": "DK", "sv": "SE", "ca": "ES", "gl": "ES"}


def check_posting(posting: Labelled) -> Iterator[Finding]:
    """Yield what is wrong with the fields of a labelled posting."""
    if posting.isco and not re.fullmatch(r"\d{4}", posting.isco):
        yield Finding(posting.where, f"isco08 {posting.isco!r} is no unit group of four digits")
    if not posting.posting.text.strip():
        yield Finding(posting.where, "the text is empty")
    if posting.share >= 0 and (posting.label == "front") != (posting.share >= FRONT_SHARE):
        yield Finding(
            posting.where,
            f"label {posting.label} and share {posting.share} disagree: front begins at"
            f" {FRONT_SHARE}",
        )


def check_languages(texts: Sequence[Labelled]) -> Iterator[Finding]:
    """Yield which texts are in another language than they are said to be in."""
    found = detect_languages([f"{text.posting.title}\n{text.posting.text}" for text in texts])
    for text, language in zip(texts, found, strict=True):
        expected = text.language if text.language in LANGUAGES else "other"
        if language.code not in (expected, "unknown"):
            yield Finding(
                text.where,
                f"language is given as {text.language} and detected as {language.code}",
            )


def check_contacts(text: Labelled) -> Iterator[Finding]:
    """Yield addresses and telephone numbers in a text that could be somebody's."""
    whole = f"{text.posting.title}\n{text.posting.text}"
    for address in _ADDRESS.findall(whole):
        if not _NOBODYS.search(address):
            yield Finding(text.where, f"{address} could be a real address; leave it out")
    if not re.search(r"\d[\d ().-]{6,}\d", whole):
        return
    phonenumbers = library("phonenumbers")
    region = text.variety.partition("-")[2] or _REGIONS.get(text.language, text.language.upper())
    for match in phonenumbers.PhoneNumberMatcher(whole, region):
        if not _MONEY.search(match.raw_string):
            yield Finding(text.where, f"{match.raw_string} could be a real number; leave it out")
