"""What was counted of a tagged table, in sections of a page: words, figures and their tables."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from pipeline.decision import OFFICES
from pipeline.language import CODES
from pipeline.page import cell, number, table
from pipeline.report import figures
from pipeline.report.blocks import beside, heading, listed, offices_table, paragraph
from pipeline.report.categories import Group
from pipeline.report.counts import BINS, DAMAGED, Counts
from pipeline.wording import words

_MOST_LISTED = 3


def summary(counts: Counts) -> list[str]:
    """Return what a person knows who reads three lines."""
    said = words()
    front, back, review = (int(n) for n in counts.offices)
    rows = front + back + review
    lines = []
    if rows == 1:
        office = OFFICES[int(counts.offices.argmax())]
        lines.append(said("report.summary.one", office=said.of("office", office)))
    elif rows:
        shares = zip(("front", "back", "review"), (front, back, review), strict=True)
        values = {f"{name}_share": said.percent(n / rows) for name, n in shares}
        lines.append(
            said(
                "report.summary.offices", rows=rows, front=front, back=back, review=review, **values
            )
        )
    else:
        lines.append(said("report.summary.none"))
    if review:
        most = [(_reason(name), n) for name, n in _ordered(counts)[:_MOST_LISTED]]
        lines.append(said("report.summary.reasons", reasons=listed(most)))
    elif rows:
        lines.append(said("report.summary.no_review"))
    if rows:
        pairs = [(said.of("language", CODES[at]), int(n)) for at, n in _languages(counts)]
        lines.append(said("report.summary.languages", languages=listed(pairs)))
    if counts.untagged:
        lines.append(said("report.summary.untagged", rows=counts.untagged))
    return [paragraph(line, "lead") for line in lines]


def offices(counts: Counts) -> list[str]:
    """Return the section of offices and languages."""
    said = words()
    parts = [heading(said("report.offices.heading")), paragraph(said("report.offices.text"))]
    found = [at for at, _ in _languages(counts)]
    if not found:
        return parts
    names = [said("report.all"), *(said.of("language", CODES[at]) for at in found)]
    rows = np.vstack([counts.offices, counts.languages[found]])
    caption = said("report.offices.caption")
    figure = figures.offices_by(names, rows, said, "languages", caption)
    first = said("report.offices.language")
    return [*parts, beside(figure, offices_table(first, names, rows, caption))]


def probabilities(counts: Counts) -> list[str]:
    """Return the section of probabilities."""
    said = words()
    parts = [heading(said("report.probabilities.heading"))]
    if not counts.p_front.any():
        return [*parts, paragraph(said("report.probabilities.none"))]
    without = int(counts.offices.sum() - counts.p_front.sum())
    edges = [said.number(place / BINS, 1) for place in range(BINS + 1)]
    names = [f"{a}–{b}" for a, b in pairwise(edges)]
    return [
        *parts,
        paragraph(said("report.probabilities.text", without=without)),
        _tenths("probabilities", counts.p_front, edges, names),
    ]


def contact(counts: Counts) -> list[str]:
    """Return the section of the share of contact."""
    said = words()
    parts = [heading(said("report.contact.heading"))]
    n = counts.shares.sum(axis=1)
    if not n.any():
        return [*parts, paragraph(said("report.contact.none"))]
    mean = said.percent(counts.share_sums.sum() / n.sum() / 100)
    each = [
        f"{said.of('office', office)} {said.percent(counts.share_sums[place] / n[place] / 100)}"
        for place, office in enumerate(OFFICES)
        if n[place]
    ]
    edges = [said.percent(place / BINS) for place in range(BINS + 1)]
    names = [f"{10 * place}–{edges[place + 1]}" for place in range(BINS)]
    return [
        *parts,
        paragraph(said("report.contact.text", mean=f"{mean} ({', '.join(each)})")),
        _tenths("contact", counts.shares, edges, names),
    ]


def _tenths(name: str, counts: np.ndarray, edges: Sequence[str], names: Sequence[str]) -> str:
    said = words()
    axis, caption = said(f"report.{name}.axis"), said(f"report.{name}.caption")
    figure = figures.histogram(counts, edges, axis, said, name, caption)
    return beside(figure, offices_table(axis, names, counts.T, caption, share=False))


def review(counts: Counts) -> list[str]:
    """Return the section of what is in review, and why."""
    said = words()
    parts = [heading(said("report.review.heading"))]
    ordered = _ordered(counts)
    if not ordered:
        return [*parts, paragraph(said("report.review.none"))]
    caption, total = said("report.review.caption"), counts.reasons.total()
    names = [_reason(reason) for reason, _ in ordered]
    rows = [
        [
            cell(name, said(f"report.review.means.{reason}"), tag="th"),
            number(said.number(n)),
            number(said.percent(n / total)),
        ]
        for name, (reason, n) in zip(names, ordered, strict=True)
    ]
    head = [said(f"report.{key}") for key in ("review.reason", "postings", "share")]
    figure = figures.bars(names, [n for _, n in ordered], said, "review", caption)
    return [*parts, beside(figure, table(head, rows, numbers=True, caption=caption))]


def columns(groups: Sequence[tuple[str, list[Group]]]) -> list[str]:
    """Return the section of the sheet's own columns."""
    said = words()
    parts = [heading(said("report.columns.heading"))]
    if not groups:
        return [*parts, paragraph(said("report.columns.none"))]
    for place, (name, found) in enumerate(groups):
        column = name or said("report.blank")
        parts.append(heading(said("report.columns.by", column=column), 3))
        names = [_group(each) for each in found]
        counts = np.array([each.offices for each in found]).reshape(-1, len(OFFICES))
        caption = said("report.columns.caption", column=column)
        figure = figures.offices_by(names, counts, said, f"column-{place}", caption)
        parts.append(beside(figure, offices_table(column, names, counts, caption)))
    return parts


def _group(group: Group) -> str:
    if group.value is None:
        return words()("report.others", values=group.values)
    return group.value or words()("report.blank")


def _languages(counts: Counts) -> list[tuple[int, int]]:
    """Return the languages that there are and their rows, the most frequent first."""
    rows = counts.languages.sum(axis=1)
    return [(int(at), int(rows[at])) for at in np.argsort(-rows, kind="stable") if rows[at]]


def _ordered(counts: Counts) -> list[tuple[str, int]]:
    return sorted(counts.reasons.items(), key=lambda each: (-each[1], each[0]))


def _reason(reason: str) -> str:
    return words()("report.review.damaged") if reason == DAMAGED else words().of("reason", reason)
