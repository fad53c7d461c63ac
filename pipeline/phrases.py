"""The strongest phrases of a posting: strong words that stand side by side, as they stand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from pipeline.explain import Place
from pipeline.letters import fold
from pipeline.posting import Office, Posting

#: Phrases for the answer; of a review, this many for each side.
PHRASES: Final = 3
#: A word is strong that weighs so much of the strongest for the same side.
_STRONG = 0.15
_MOST_WORDS = 5


def why(office: Office, posting: Posting, places: Sequence[Place]) -> str:
    """Return the strongest phrases for an answer, ``; `` between them; for review of both sides.

    Args:
        office: the answer.
        posting: cleaned.
        places: its words.
    """
    source = f"{posting.title}\n{posting.text}"
    if office != "review":
        return "; ".join(strongest(office, source, places))
    sides = ((side, strongest(side, source, places)) for side in ("front", "back"))
    return " | ".join(f"{side}: {'; '.join(found)}" for side, found in sides if found)


def strongest(side: str, source: str, places: Sequence[Place]) -> list[str]:
    """Return the phrases that push most to front or to back, the strongest first, each once."""
    sign = 1 if side == "front" else -1
    spelled: dict[str, str] = {}
    weights: dict[str, float] = {}
    for start, end, weight in _phrases(sign, source, places):
        phrase = source[start:end]
        key = fold(phrase)
        spelled.setdefault(key, phrase)
        weights[key] = weights.get(key, 0.0) + weight
    found: list[str] = []
    for key in sorted(weights, key=lambda key: -weights[key]):
        if not any(f" {key} " in f" {longer} " for longer in found):
            found.append(key)
        if len(found) == PHRASES:
            break
    return [spelled[key] for key in found]


def _phrases(
    sign: int, source: str, places: Sequence[Place]
) -> Iterator[tuple[int, int, float]]:
    """Yield where phrases begin and end, and what they add to their side."""
    pushes = [sign * place.weight for place in places]
    least = _STRONG * max(pushes, default=0.0)
    at = 0
    while at < len(places):
        if pushes[at] < least or pushes[at] <= 0:
            at += 1
            continue
        last, ahead = at, at + 1
        while ahead < min(len(places), at + _MOST_WORDS) and _adjoin(source, places, ahead):
            if pushes[ahead] >= least:
                last = ahead
            elif last < ahead - 1 or pushes[ahead] <= -least:
                break  # one weak word between two strong ones is of the phrase: "cobrar en caja"
            ahead += 1
        yield places[at].start, places[last].end, sum(pushes[at : last + 1])
        at = last + 1


def _adjoin(source: str, places: Sequence[Place], at: int) -> bool:
    """Whether nothing but one blank stands between a word and the one before."""
    return source[places[at - 1].end : places[at].start] == " "
