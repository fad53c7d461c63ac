"""Models as people see them: a list, and what one was made of.

A manifest may come from elsewhere: whatever stands in it is shown, or left out, and never trusted
to be what it should.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from pipeline.cli.console import printable, results
from pipeline.manifest_values import inside
from pipeline.store import Stored

_FIGURES = ("accuracy", "auc", "coverage", "precision")
_HEADS = ("", "postings", "accuracy", "AUC", "decided", "right of these")
_LONGEST = 300


def print_list(found: list[Stored], active: str | None) -> None:
    """Print a table of models, the active one marked with a star."""
    table = Table()
    table.add_column("")
    table.add_column("model", no_wrap=True, overflow="fold")
    table.add_column("made", no_wrap=True)
    table.add_column("postings", justify="right")
    table.add_column("accuracy", justify="right")
    damaged = any(each.problem for each in found)
    if damaged:
        table.add_column("problem")
    for each in found:
        row = [
            "*" if each.id == active else "",
            each.id,
            _time(each.manifest.get("created")),
            _number(inside(each.manifest, "corpus", "counts", "postings")),
            _share(inside(each.manifest, "metrics", "all", "accuracy")),
        ]
        table.add_row(*map(_plain, row), *([_plain(each.problem)] if damaged else []))
    results().print(table)


def print_model(stored: Stored, spans: list[tuple[str, str]], card: Path) -> None:
    """Print what a model was made of, what it is worth, and from when to when it was active.

    Args:
        stored: the model.
        spans: from when to when; the end is empty where it is still active.
        card: its card, named where there is one.
    """
    manifest = stored.manifest
    table = Table.grid(padding=(0, 2))
    rows = {
        "model": stored.id,
        "problem": stored.problem,
        "active": "; ".join(f"{_time(since)} to {_time(end) or 'now'}" for since, end in spans),
        "made": _time(manifest.get("created")),
        "with": _listed(manifest.get("versions")),
        "read from": _joined(inside(manifest, "corpus", "sources")),
        "holding": _listed(inside(manifest, "corpus", "counts")),
        "corpus": str(inside(manifest, "corpus", "sha256") or ""),
        "parameters": _listed(manifest.get("parameters")),
        "sha256": str(manifest.get("sha256", "")),
    }
    for name, value in rows.items():
        if value:
            table.add_row(name, _plain(value))
    console = results()
    console.print(table)
    metrics = manifest.get("metrics")
    if isinstance(metrics, dict) and metrics:
        console.print(_metrics(metrics))
    if card.is_file():  # a path is for copying: in one line, however long
        console.print(_plain(f"card: {card}"), soft_wrap=True)


def _metrics(metrics: dict[str, Any]) -> Table:
    table = Table(title="on postings left out of training", title_justify="left")
    for name in _HEADS:
        table.add_column(name, justify="right" if name else "left")
    for name in metrics:
        figures = [_share(inside(metrics, name, key)) for key in _FIGURES]
        table.add_row(_plain(name), _number(inside(metrics, name, "postings")), *figures)
    return table


def _listed(values: object) -> str:
    if not isinstance(values, dict):
        return ""
    return ", ".join(
        f"{key} {value:,}" if type(value) is int else f"{key} {value}"
        for key, value in values.items()
    )


def _joined(values: object) -> str:
    return ", ".join(map(str, values)) if isinstance(values, list) else ""


def _number(value: object) -> str:
    return f"{value:,}" if type(value) is int else "–"


def _share(value: object) -> str:
    return f"{value:.3f}" if type(value) is float else "–"


def _time(value: object) -> str:
    """Return a moment of a manifest or of the history to the minute."""
    return str(value or "")[:16].replace("T", " ")


def _plain(value: str) -> Text:
    return Text(printable(value[:_LONGEST]))
