"""What an explanation says in words: the same on the terminal and on the page."""

from __future__ import annotations

from pipeline.explain import Weight
from pipeline.explanation import Explanation
from pipeline.language_why import NAMES, Rather

_WORDS, _AGAINST = 5, 2
_LONGEST = 60


def without_said(explanation: Explanation) -> list[str]:
    """Return without which lines the answer would be another, a line each behind the first."""
    if explanation.without is None:
        return []
    lines = explanation.text_lines()
    removed = [_short(explanation.text_of(lines[at])) for at in explanation.without.lines]
    which = "this line" if len(removed) == 1 else f"these {len(removed)} lines"
    answer = f"{explanation.without.office} {explanation.without.p_front:.2f}"
    return [f"Without {which}: {answer}", *(f"  - {line}" for line in removed)]


def languages_said(explanation: Explanation) -> list[str]:
    """Return why this language rather than another, a sentence for each pair of them."""
    return [_rather(each) for each in explanation.languages]


def _rather(each: Rather) -> str:
    speaking = [word for word in each.words if word.weight > 0][:_WORDS]
    against = [word for word in each.words if word.weight < 0][:_AGAINST]
    said = f"{NAMES[each.language]} rather than {NAMES[each.than]} ({each.odds:+.1f}): "
    return said + "; against it ".join(_listed(words) for words in (speaking, against) if words)


def _listed(words: list[Weight]) -> str:
    return ", ".join(f"{word} {weight:+.1f}" for word, weight in words)


def _short(line: str) -> str:
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1].rstrip() + "…"
