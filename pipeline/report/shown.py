"""The postings worth a look, each with its tag and the words that speak for front and for back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING

from pipeline.explanation import Explanation, Span, explain_posting
from pipeline.marked_html import marked
from pipeline.posting import LANGUAGES, Tag
from pipeline.report.blocks import heading, paragraph
from pipeline.report.models import Models
from pipeline.report.worth import Candidate
from pipeline.text import clean
from pipeline.wording import words

if TYPE_CHECKING:
    from pipeline.tagger import Tagger

#: Letters of a posting that are shown: the lines that weigh most, in their order.
_LETTERS, _LONGEST_LINE, _TITLE_LETTERS = 900, 450, 120
_LEFT_OUT = "[…]"


def section(candidates: Sequence[Candidate], models: Models) -> list[str]:
    """Return the section of these postings."""
    said = words()
    parts = [heading(said("report.worth.heading"))]
    if not candidates:
        return [*parts, paragraph(said("report.worth.none"))]
    examples = {
        office: f'<mark class="{office} s2">{escape(said.of("office", office))}</mark>'
        for office in ("front", "back")
    }
    parts.append(f"<p>{said('report.worth.text', **examples)}</p>")
    for each in candidates:
        parts += _posting(each, models.of(each.tag.model))
    return parts


def _posting(candidate: Candidate, tagger: Tagger | None) -> list[str]:
    said = words()
    title = " ".join(clean(candidate.posting.title).split())
    name = (
        said("report.worth.titled", row=candidate.row, title=_cut(title, _TITLE_LETTERS))
        if title
        else said("report.worth.row", row=candidate.row)
    )
    parts = ["<section>", heading(name, 3), paragraph(_tag(candidate.tag), "tag")]
    if tagger is None:
        parts.append(paragraph(said("report.worth.unmarked")))
        lines = [escape(_cut(clean(candidate.posting.text), _LETTERS))]
    else:
        explanation = explain_posting(
            tagger, candidate.posting.text, candidate.posting.title or None, words_only=True
        )
        lines = list(_lines(explanation)) if explanation.words else []
        lines = lines or [escape(_cut(explanation.posting.text, _LETTERS))]
    language = candidate.tag.language
    spoken = f' lang="{language}"' if language in LANGUAGES else ""
    parts.append(f"<div class=posting{spoken}>{''.join(f'<p>{line}</p>' for line in lines)}</div>")
    return [*parts, "</section>"]


def _tag(tag: Tag) -> str:
    said = words()
    shown = [said.of("office", tag.office)]
    if tag.reason:
        shown.append(said.of("reason", tag.reason))
    if tag.p_front is not None:
        shown.append(said("report.worth.p_front", p=said.number(tag.p_front, 2)))
    if tag.share is not None:
        shown.append(said("report.worth.share", share=said.percent(tag.share / 100)))
    return " · ".join([*shown, said.of("language", tag.language)])


def _lines(explanation: Explanation) -> Iterator[str]:
    """Yield the lines of the text that weigh most, in order, marked; a sign for those left out."""
    lines = [_short(line) for line in explanation.text_lines()]
    picked: set[int] = set()
    room = _LETTERS
    for place in sorted(range(len(lines)), key=lambda at: (-abs(lines[at].weight), at)):
        if picked and lines[place].end - lines[place].start > room:
            continue
        picked.add(place)
        room -= lines[place].end - lines[place].start
    before = -1
    for place in sorted(picked):
        yield (f"{_LEFT_OUT} " if place > before + 1 else "") + marked(explanation, lines[place])
        before = place
    if before + 1 < len(lines):
        yield _LEFT_OUT


def _short(line: Span) -> Span:
    return line._replace(end=min(line.end, line.start + _LONGEST_LINE))


def _cut(text: str, letters: int) -> str:
    return text if len(text) <= letters else f"{text[: letters - 1]}…"
