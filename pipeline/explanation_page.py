"""An explanation as a page to mail: the posting with its words marked, all figures as tables."""

from __future__ import annotations

from html import escape
from pathlib import Path

from pipeline.explanation import Explanation
from pipeline.explanation_words import languages_said, mark_said, without_said
from pipeline.marked_html import marked
from pipeline.output import appearing
from pipeline.page import cell, number, page, table
from pipeline.posting import Tag
from pipeline.wording import words


def write_page(explanation: Explanation, output: Path, overwrite: bool = False) -> None:
    """Write an explanation as a page.

    Raises:
        OutputError: the file is there already, or cannot be written.
    """
    with appearing(output, replace=overwrite) as temporary:
        temporary.write_text(to_page(explanation), encoding="utf-8", newline="\n")


def to_page(explanation: Explanation) -> str:
    """Return an explanation as a page."""
    said, tag = words(), explanation.tag
    answered = said(
        "explanation.page.answered",
        model=tag.model,
        language=said.of("code", tag.language),
        confidence=said.number(tag.language_confidence, 2),
    )
    parts = [f"<p>{escape(answered)}</p>"]
    if explanation.logit is None:
        shown = escape(explanation.posting.title + "\n" + explanation.posting.text).strip()
        parts += [_heading("posting"), *(f"<p>{line}</p>" for line in shown.split("\n"))]
    else:
        parts += [*_posting(explanation), *_without(explanation), *_words(explanation)]
    parts += _languages(explanation)
    return page(_answer(tag), parts, said.language)


def _answer(tag: Tag) -> str:
    said = words()
    reason = f" ({said.of('reason', tag.reason)})" if tag.reason else ""
    shown = [said.of("office", tag.office) + reason]
    if tag.p_front is not None:
        shown.append(said("answer.p_front", p_front=said.number(tag.p_front, 2)))
    if tag.share is not None:
        shown.append(said("answer.share", share=tag.share))
    return said("answer.between").join(shown)


def _heading(name: str) -> str:
    return f"<h2>{escape(_said(name))}</h2>"


def _said(name: str, **values: object) -> str:
    return words()(f"explanation.page.{name}", **values)


def _posting(explanation: Explanation) -> list[str]:
    said = words()
    rows = [
        [
            f"<td>{marked(explanation, line)}</td>",
            number(said.signed(line.weight, 2)),
            cell(mark_said(line)),
        ]
        for line in explanation.lines
    ]
    rows += [
        [cell(said(f"explanation.{name}"), tag="th"), number(said.signed(value, 2)), cell("")]
        for name, value in (("bias", explanation.bias or 0.0), ("logit", explanation.logit or 0.0))
    ]
    shades = {
        office: f'<mark class="{office} s2">{escape(said.of("office", office))}</mark>'
        for office in ("front", "back")
    }
    return [
        _heading("posting"),
        f"<p>{_said('legend', **shades)}</p>",
        table([_said("line"), _said("weight"), _said("mark")], rows),
    ]


def _without(explanation: Explanation) -> list[str]:
    said = without_said(explanation)
    if not said:
        return []
    items = "".join(f"<li>{escape(line.removeprefix('  - '))}</li>" for line in said[1:])
    return [
        _heading("changing"),
        f"<p>{escape(said[0])}</p>",
        f"<ul>{items}</ul>",
    ]


def _words(explanation: Explanation) -> list[str]:
    said = words()
    rows = [
        [
            cell(word, tag="th"),
            number(said.signed(weight, 2)),
            cell(said.of("office", "front" if weight > 0 else "back")),
        ]
        for word, weight in explanation.strongest()
    ]
    return [_heading("words"), table([_said("word"), _said("weight"), _said("pushes")], rows)]


def _languages(explanation: Explanation) -> list[str]:
    said = languages_said(explanation)
    return [_heading("language"), *(f"<p>{escape(line)}</p>" for line in said)] if said else []
