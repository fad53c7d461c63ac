"""What an explanation says in words: the same on the terminal and on the page."""

from __future__ import annotations

from pipeline.explain import Weight
from pipeline.explanation import Explanation, Span
from pipeline.language_why import Rather
from pipeline.wording import words

_WORDS, _AGAINST = 5, 2
_LONGEST = 60


def without_said(explanation: Explanation) -> list[str]:
    """Return without which lines the answer would be another, a line each behind the first."""
    if explanation.without is None:
        return []
    lines = explanation.text_lines()
    removed = [_short(explanation.text_of(lines[at])) for at in explanation.without.lines]
    said = words()
    first = said(
        "explanation.without_line" if len(removed) == 1 else "explanation.without_lines",
        lines=len(removed),
        office=said.of("office", explanation.without.office),
        p_front=said.number(explanation.without.p_front, 2),
    )
    return [first, *(f"  - {line}" for line in removed)]


def mark_said(line: Span) -> str:
    """Return what a line is marked as: title, contact, other or nothing."""
    mark = "title" if line.part == "title" else line.mark
    return words()(f"explanation.mark.{mark}") if mark else ""


def languages_said(explanation: Explanation) -> list[str]:
    """Return why this language rather than another, a sentence for each pair of them."""
    return [_rather(each) for each in explanation.languages]


def _rather(each: Rather) -> str:
    speaking = [word for word in each.words if word.weight > 0][:_WORDS]
    against = [word for word in each.words if word.weight < 0][:_AGAINST]
    said = words()
    language, than = (said(f"explanation.language.{code}") for code in (each.language, each.than))
    sentence = said(
        "explanation.rather", language=language, than=than, odds=said.signed(each.odds, 1)
    )
    listed = [_listed(some) for some in (speaking, against) if some]
    return sentence + said("explanation.against").join(listed)


def _listed(weights: list[Weight]) -> str:
    said = words()
    return said("answer.between").join(f"{word} {said.signed(w, 1)}" for word, w in weights)


def _short(line: str) -> str:
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1].rstrip() + "…"
