"""The strongest phrases of a posting: strong words that stand side by side, as they stand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from pipeline.explain import Places, in_parts, places_of, source_of
from pipeline.letters import fold
from pipeline.posting import Office, Posting
from pipeline.scoring import Scorer

#: Phrases for the answer; of a review, this many for each side.
PHRASES: Final = 3
#: A word is strong that weighs so much of the strongest for the same side.
_STRONG = 0.15
_MOST_WORDS = 5


def why_of(
    scorer: Scorer,
    postings: Sequence[Posting],
    offices: Sequence[Office],
    p_front: Sequence[float | None],
) -> list[str]:
    """Return `why` of n cleaned postings by their answers, "" where no model answered."""
    found = [""] * len(postings)
    asked = [row for row, p in enumerate(p_front) if p is not None]
    for rows in in_parts(asked, postings):
        places = places_of(scorer, [postings[row] for row in rows])
        for row, own in zip(rows, places, strict=True):
            found[row] = why(offices[row], postings[row], own)
    return found


def why(office: Office, posting: Posting, places: Places) -> str:
    """Return the strongest phrases for an answer, ``; `` between them; for review of both sides.

    Args:
        office: the answer.
        posting: cleaned.
        places: its words.
    """
    source = source_of(posting)
    if office != "review":
        return "; ".join(strongest(office, source, places))
    sides = ((side, strongest(side, source, places)) for side in ("front", "back"))
    return " | ".join(f"{side}: {'; '.join(found)}" for side, found in sides if found)


def strongest(side: str, source: str, places: Places) -> list[str]:
    """Return the phrases that push most to front or to back, the strongest first, each once."""
    spelled: dict[str, str] = {}
    weights: dict[str, float] = {}
    for start, end, weight in _phrases(1 if side == "front" else -1, source, places):
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


def _phrases(sign: int, source: str, places: Places) -> Iterator[tuple[int, int, float]]:
    """Yield where phrases begin and end, and what they add to their side."""
    pushes = sign * places.weights
    most = pushes.max(initial=0.0)
    if most <= 0:
        return
    least = _STRONG * most
    strong = np.flatnonzero(pushes >= least).tolist()
    starts, ends = places.starts, places.ends
    first = last = strong[0]
    for at in strong[1:]:
        joined = at - first < _MOST_WORDS and (
            # One weak word between two strong ones is of the phrase: "cobrar en caja".
            at - last == 1 or (at - last == 2 and pushes[last + 1] > -least)
        )
        gaps = range(last, at)
        if not (joined and all(source[ends[gap] : starts[gap + 1]] == " " for gap in gaps)):
            yield int(starts[first]), int(ends[last]), float(pushes[first : last + 1].sum())
            first = at
        last = at
    yield int(starts[first]), int(ends[last]), float(pushes[first : last + 1].sum())
