"""An explanation as a page to mail: the posting with its words marked, all figures as tables."""

from __future__ import annotations

from html import escape
from pathlib import Path

from pipeline.explanation import Explanation, Span
from pipeline.explanation_words import languages_said, without_said
from pipeline.marked_html import marked
from pipeline.output import appearing
from pipeline.page import cell, number, page, table


def write_page(explanation: Explanation, output: Path, overwrite: bool = False) -> None:
    """Write an explanation as a page.

    Raises:
        OutputError: the file is there already, or cannot be written.
    """
    with appearing(output, replace=overwrite) as temporary:
        temporary.write_text(to_page(explanation), encoding="utf-8", newline="\n")


def to_page(explanation: Explanation) -> str:
    """Return an explanation as a page."""
    tag = explanation.tag
    probability = "" if tag.p_front is None else f", p(front) {tag.p_front:.2f}"
    share = "" if tag.share is None else f", contact {tag.share} %"
    reason = f" ({tag.reason})" if tag.reason else ""
    parts = [
        f"<p>Answered by model {escape(tag.model)}; language {escape(tag.language)},"
        f" confidence {tag.language_confidence:.2f}.</p>"
    ]
    if explanation.logit is None:
        shown = escape(explanation.posting.title + "\n" + explanation.posting.text).strip()
        parts += ["<h2>Posting</h2>", *(f"<p>{line}</p>" for line in shown.split("\n"))]
    else:
        parts += [*_posting(explanation), *_without(explanation), *_words(explanation)]
    parts += _languages(explanation)
    return page(f"{tag.office}{reason}{probability}{share}", parts)


def _posting(explanation: Explanation) -> list[str]:
    rows = [
        [f"<td>{marked(explanation, line)}</td>", number(f"{line.weight:+.2f}"), cell(_mark(line))]
        for line in explanation.lines
    ]
    rows += [
        [cell(name, tag="th"), number(f"{value:+.2f}"), cell("")]
        for name, value in (("bias", explanation.bias or 0.0), ("logit", explanation.logit or 0.0))
    ]
    return [
        "<h2>Posting</h2>",
        '<p>Words that push to <mark class="front s2">front</mark>, solid line, and to'
        ' <mark class="back s2">back</mark>, dotted line; the deeper the shade, the more. Weights'
        " add up to the logit; a line is marked contact or other where its words push clearly.</p>",
        table(["line", "weight", "mark"], rows),
    ]


def _mark(line: Span) -> str:
    return "title" if line.part == "title" else line.mark


def _without(explanation: Explanation) -> list[str]:
    said = without_said(explanation)
    if not said:
        return []
    items = "".join(f"<li>{escape(line.removeprefix('  - '))}</li>" for line in said[1:])
    return [
        "<h2>What would change the answer</h2>",
        f"<p>{escape(said[0])}</p>",
        f"<ul>{items}</ul>",
    ]


def _words(explanation: Explanation) -> list[str]:
    rows = [
        [cell(word, tag="th"), number(f"{weight:+.2f}"), cell("front" if weight > 0 else "back")]
        for word, weight in explanation.strongest()
    ]
    return ["<h2>Words</h2>", table(["word", "weight", "pushes to"], rows)]


def _languages(explanation: Explanation) -> list[str]:
    said = languages_said(explanation)
    return ["<h2>Language</h2>", *(f"<p>{escape(line)}</p>" for line in said)] if said else []
