"""A tagged table against what the model learned from that answered to it, in a section."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from pipeline.drift import ASPECTS, JUDGED
from pipeline.monitoring import Drift, monitor
from pipeline.page import cell, number, table
from pipeline.posting import ModelError
from pipeline.psi import LIKE, OTHER, SOMEWHAT
from pipeline.report import figures
from pipeline.report.blocks import beside, heading, listed, paragraph
from pipeline.report.models import Models
from pipeline.report.tagged import TaggedTable
from pipeline.wording import words

_SENTENCES = {LIKE: "like", SOMEWHAT: "somewhat", OTHER: "other"}


def compare(
    table: TaggedTable, answered: Counter[str], models: Models, advance: Callable[[int], None]
) -> Drift | str:
    """Return how far the table is from the training postings of the model that answered most.

    Args:
        answered: rows by the id of the model that answered.
        advance: told of each number of rows done.

    Returns:
        Where it cannot be compared, a sentence that says why.
    """
    model = min(answered, key=lambda each: (-answered[each], each), default="")
    tagger = models.of(model)
    if tagger is None:
        return words()("report.drift.gone" if model else "report.drift.unknown_model", model=model)
    try:
        return monitor(table.reader, table.columns, tagger, advance)
    except ModelError:
        return words()("report.drift.silent", model=tagger.model)


def verdict(drift: Drift | str) -> str:
    """Return in a sentence whether the postings are like those learned from."""
    if isinstance(drift, str):
        return drift
    said = words()
    different = [
        said(f"report.drift.aspects.{aspect}")
        for aspect, change in drift.changes.items()
        if change.verdict in (SOMEWHAT, OTHER)
    ]
    values = {"aspects": ", ".join(different)} if different else {}
    return said(f"report.drift.{_SENTENCES.get(drift.verdict, 'few')}", **values)


def section(drift: Drift | str, answered: Counter[str]) -> list[str]:
    """Return the section of what `compare` found."""
    said = words()
    parts = [heading(said("report.drift.heading")), paragraph(verdict(drift))]
    if isinstance(drift, str):
        return parts
    parts.append(paragraph(said("report.drift.text", model=drift.model)))
    if len(answered) > 1:
        parts.append(paragraph(said("report.drift.others")))
    parts.append(_verdicts(drift))
    for aspect in JUDGED:
        if drift.counts[aspect][1].any():
            name = said(f"report.drift.aspects.{aspect}")
            parts += [heading(name[0].upper() + name[1:], 3), _aspect(drift, aspect)]
    if often := [(word, n) for word, n in drift.unknown if n > 1]:
        parts.append(paragraph(said("report.drift.words", words=listed(often))))
    return parts


def _verdicts(drift: Drift) -> str:
    said = words()
    rows = []
    for aspect, (psi, chance, found) in drift.changes.items():
        numbers = ("–" if each != each else said.number(each, 2) for each in (psi, chance))
        rows.append(
            [
                cell(said(f"report.drift.aspects.{aspect}"), tag="th"),
                *map(number, numbers),
                number(said(f"report.drift.verdicts.{found}")),
            ]
        )
    head = [said(f"report.drift.{key}") for key in ("aspect", "psi", "chance", "verdict")]
    return table(head, rows, numbers=True, caption=said("report.drift.caption"))


def _aspect(drift: Drift, aspect: str) -> str:
    said = words()
    before, now = (each / max(each.sum(), 1) for each in drift.counts[aspect])
    there = [place for place in range(len(before)) if before[place] or now[place]]
    names = [_bin(aspect, ASPECTS[aspect][place]) for place in there]
    name = said(f"report.drift.aspects.{aspect}")
    caption = said("report.drift.beside", aspect=name)
    sides = said("report.drift.trained"), said("report.drift.here")
    figure = figures.beside(names, (before[there], now[there]), sides, said, aspect, caption)
    rows = [
        [cell(bin_, tag="th"), *(number(said.percent(each[place], 1)) for each in (before, now))]
        for bin_, place in zip(names, there, strict=True)
    ]
    return beside(figure, table([name, *sides], rows, numbers=True, caption=caption))


def _bin(aspect: str, name: str) -> str:
    said = words()
    if aspect == "language":
        return said.of("language", name)
    shown = name.replace("-", "–")
    return shown.replace(".", said.number(0.5, 1)[1]) if aspect == "p_front" else shown
