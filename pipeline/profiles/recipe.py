"""What each language's profile is mixed from, and how much of each: the whole of the recipe."""

from __future__ import annotations

from typing import NamedTuple


class Mix(NamedTuple):
    """How the profile of one language is made.

    Attributes:
        frequent: so many of its most frequent words are known.
        unlisted: share of its running words that are not in its list.
        corpus: share of the project's own texts in its list; the rest is wordfreq's.
        forms: share of simplemma's forms that neither of the two shows, all alike.
        neighbours: languages whose frequencies its forms borrow, as wordfreq has none of its own.
        quotes: a language that its texts are full of, besides English.
        letters: share of its own list in its letters; the rest is langdetect's profile.
        wordfreq, langdetect: what it is called there, where not by its own code.
    """

    frequent: int = 5_000
    unlisted: float = 0.1
    corpus: float = 0.15
    forms: float = 0.0
    neighbours: tuple[str, ...] = ()
    quotes: str = ""
    letters: float = 0.0
    wordfreq: str = ""
    langdetect: str = ""


#: Languages in Latin script, by ISO 639-1; ours first, then the nearest. Norwegian is two.
LANGUAGES = {
    "es": Mix(50_000, 0.06),
    "nb": Mix(30_000, 0.08, forms=0.02, langdetect="no"),
    "nn": Mix(30_000, 0.05, 0.5, forms=0.08, neighbours=("nb",), letters=1.0),
    "en": Mix(30_000, 0.06),
    "da": Mix(30_000, 0.1, forms=0.02),
    "sv": Mix(20_000, 0.08),
    "is": Mix(15_000, 0.08, forms=0.02, letters=1.0),
    "fo": Mix(5_000, 0.2, 1.0, letters=1.0),
    "pt": Mix(20_000, 0.06),
    "gl": Mix(20_000, 0.05, 0.5, forms=0.1, neighbours=("pt", "es"), quotes="es", letters=1.0),
    "ca": Mix(20_000, 0.1, quotes="es"),
    "it": Mix(10_000, 0.06),
    "fr": Mix(10_000, 0.06),
    "ro": Mix(),
    "de": Mix(unlisted=0.08),
    "nl": Mix(unlisted=0.08),
    "af": Mix(),
    "fi": Mix(),
    "et": Mix(),
    "eu": Mix(5_000, 0.18, 1.0, quotes="es", letters=1.0),
    "pl": Mix(),
    "cs": Mix(),
    "sk": Mix(),
    "sl": Mix(),
    "hr": Mix(wordfreq="sh"),
    "hu": Mix(),
    "lt": Mix(),
    "lv": Mix(),
    "sq": Mix(),
    "tr": Mix(),
    "id": Mix(),
    "tl": Mix(wordfreq="fil"),
    "vi": Mix(),
    "cy": Mix(),
    "so": Mix(),
    "sw": Mix(),
}
