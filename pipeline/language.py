"""Which language a text is in: Spanish, Norwegian, English, another one, or too little to say."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import numpy as np

from pipeline.language_scores import OURS, Scores, groups, score_little
from pipeline.ngrams import LITTLE
from pipeline.posting import Language
from pipeline.profiles import STEP, load_profiles
from pipeline.text import clean

if TYPE_CHECKING:
    from pipeline.reading_compiled import Texts

Detector = Literal["frontback", "langdetect"]

CODES: Final = ("es", "no", "en", "other", "unknown")
VARIETIES: Final = ("", "nb", "nn")
_OTHER, _UNKNOWN = CODES.index("other"), CODES.index("unknown")
#: Fewer letters than this, or no word without digits in it, are `unknown`.
MIN_LETTERS: Final = 10
#: Words of a text are not independent of each other, so they say less than their sum: divided by.
TEMPERATURE = 1.5
#: Where fewer of so many words are known to any language, it is one that nobody listed.
_MIN_KNOWN, _MANY_WORDS = 0.5, 8
#: Share of a text's words in windows of a second language that makes it mixed.
_MIXED = 0.2


class Languages(NamedTuple):
    """The languages of n texts: `Language` by columns.

    Attributes:
        codes: places in `CODES`, int8, shape (n,).
        confidence: float64, shape (n,).
        varieties: places in `VARIETIES`, int8, shape (n,).
        mixed: bool, shape (n,).
    """

    codes: np.ndarray
    confidence: np.ndarray
    varieties: np.ndarray
    mixed: np.ndarray


def detect_languages(
    texts: Sequence[str | None], detector: Detector = "frontback"
) -> list[Language]:
    """Return the language of each text, in order; any string whatever is accepted.

    Args:
        texts: n texts; None is answered as "" is.
        detector: frontback's own, or langdetect's, with a fixed seed.

    Raises:
        TypeError: ``texts`` is one text, not a list of them.
    """
    if isinstance(texts, str):
        raise TypeError("texts is a list of texts; for one text write detect_languages([text])")
    found = languages_of([clean(text) for text in texts], detector)
    return [
        Language(CODES[code], confidence, VARIETIES[variety], mixed)
        for code, confidence, variety, mixed in zip(*(c.tolist() for c in found), strict=True)
    ]


def languages_of(texts: Sequence[str], detector: Detector = "frontback") -> Languages:
    """Return the languages of texts that `pipeline.text.clean` has been over."""
    if detector == "langdetect":
        from pipeline.language_langdetect import ask_langdetect  # half a second to load

        return ask_langdetect(texts)
    if "numba" not in sys.modules and sum(map(len, texts)) <= LITTLE:
        return decide(score_little(texts))
    from pipeline.reading_compiled import texts_of

    return languages_in(texts_of(list(texts)))


def languages_in(texts: Texts, detector: Detector = "frontback") -> Languages:
    """Return the languages of texts in one buffer that `clean` would not change for the models."""
    if detector == "langdetect":
        data = texts.data.tobytes()
        bounds = zip(texts.starts.tolist(), texts.ends.tolist(), strict=True)
        return languages_of([clean(data[start:end].decode()) for start, end in bounds], detector)
    from pipeline.language_compiled import score_much

    return decide(score_much(texts))


def decide(scores: Scores) -> Languages:
    """Return which language the scores speak for, and how surely.

    Probabilities are those of naive Bayes with a temperature (Guo et al. 2017).
    """
    of_group = groups(load_profiles())
    logits = (scores.distances.min(axis=1, keepdims=True) - scores.distances) * STEP / TEMPERATURE
    chances = np.exp(logits)
    chances /= chances.sum(axis=1, keepdims=True)
    ours = np.stack([chances[:, of_group == at].sum(axis=1) for at in range(len(OURS))], axis=1)
    best = ours.argmax(axis=1)
    confidence = ours.max(axis=1)
    few_known = _few_known(scores)
    is_other = (chances[:, of_group < 0].max(axis=1) > confidence) | few_known
    codes = np.where(is_other, _OTHER, best)
    confidence = np.where(is_other, 1.0 - ours.sum(axis=1), confidence)
    unheard = 1.0 - scores.known / np.maximum(scores.words, 1)
    confidence = np.where(few_known, np.maximum(confidence, unheard), confidence)
    latin = _latin(scores)
    codes[latin < 0.5], confidence[latin < 0.5] = _OTHER, 1.0 - latin[latin < 0.5]
    too_few = (scores.letters < MIN_LETTERS) | (scores.words == 0)
    codes[too_few], confidence[too_few] = _UNKNOWN, 0.0
    nn, nb = ((load_profiles().languages == code).argmax() for code in ("nn", "nb"))
    nynorsk = scores.distances[:, nn] < scores.distances[:, nb]
    varieties = np.where(codes == CODES.index("no"), 1 + nynorsk, 0)
    second = np.sort(scores.parts, axis=1)[:, -2]
    mixed = (second >= _MIXED * np.maximum(scores.words, 1)) & (codes < _OTHER)
    return Languages(
        codes.astype(np.int8), np.round(confidence, 4), varieties.astype(np.int8), mixed
    )


def decided_by_words(scores: Scores) -> np.ndarray:
    """Return which texts the distances decide; not those of words or a script unknown: bool."""
    return ~_few_known(scores) & (_latin(scores) >= 0.5)


def _few_known(scores: Scores) -> np.ndarray:
    return (scores.known < _MIN_KNOWN * scores.words) & (scores.words >= _MANY_WORDS)


def _latin(scores: Scores) -> np.ndarray:
    return np.asarray(scores.latin / np.maximum(scores.letters, 1))
