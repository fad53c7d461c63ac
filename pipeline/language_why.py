"""What made a text one language and not the next likely one: what each word adds to the odds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from pipeline.explain import Weight, add_up
from pipeline.language import CODES, TEMPERATURE, decide, decided_by_words
from pipeline.language_scores import OURS, groups, prior, score_little, steps_by_word
from pipeline.profiles import STEP, load_profiles


class Rather(NamedTuple):
    """Why a text is in one language rather than in another.

    Attributes:
        language, than: codes of `pipeline.profiles`, ``no`` where it is both of its forms.
        words: lower-cased, with what all occurrences of each add to the logarithm of the odds;
            those that weigh most first.
        prior: what speaks for the one before any word is read.
        odds: the sum of all that: the difference of the two scores, in nats, after the
            temperature; see `pipeline.language.decide`.
    """

    language: str
    than: str
    words: list[Weight]
    prior: float
    odds: float


def rather(text: str) -> list[Rather]:
    """Return why a cleaned text is in its language rather than in the next likely one.

    Of another language than ours, the likeliest of ours is what it is compared with. Norwegian is
    followed by its variety rather than the other one.

    Returns:
        Nothing where it was not the words that decided: too few of them, too few that are in any
        list, or another script.
    """
    scores = score_little([text])
    code = CODES[int(decide(scores).codes[0])]
    if code == "unknown" or not decided_by_words(scores)[0]:
        return []
    words, steps = steps_by_word(text)
    return list(_pairs(code, words, steps))


def _pairs(code: str, words: list[str], steps: np.ndarray) -> Iterator[Rather]:
    profiles = load_profiles()
    group, codes = groups(profiles), [str(each) for each in profiles.languages]
    nearest = [int(at) for at in np.argsort(steps.sum(axis=0) + prior(profiles), kind="stable")]
    wanted = list(OURS).index(code) if code in OURS else -1
    best = next(at for at in nearest if group[at] == wanted)
    # What is refused is asked about ours: Portuguese and not Spanish, whatever Galician says.
    rival = next(at for at in nearest if group[at] != wanted and (wanted >= 0 or group[at] >= 0))
    yield _rather(words, steps, best, rival, [_name(codes[at]) for at in (best, rival)])
    if code == "no":
        other = next(at for at in nearest if group[at] == wanted and at != best)
        yield _rather(words, steps, best, other, [codes[best], codes[other]])


def _name(profile: str) -> str:
    return next((ours for ours, forms in OURS.items() if profile in forms), profile)


def _rather(words: list[str], steps: np.ndarray, best: int, rival: int, names: list[str]) -> Rather:
    against = prior(load_profiles())
    nats = STEP / TEMPERATURE
    weights = ((steps[:, rival] - steps[:, best]) * nats).tolist()
    before = float(against[rival] - against[best]) * nats
    added = add_up(zip(words, weights, strict=True))
    return Rather(names[0], names[1], added, before, sum(weights) + before)
