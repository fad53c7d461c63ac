"""An explanation on the terminal: the posting with its words shaded, and what is said beside it."""

from __future__ import annotations

import sys

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipeline.cli.console import answer, printable, pushing
from pipeline.explanation import Explanation
from pipeline.explanation_json import to_json
from pipeline.explanation_words import languages_said, mark_said, without_said
from pipeline.shades import pieces
from pipeline.wording import words

_WORDS = 8
# Orange and blue are told apart by the colour-blind; where there is no colour, front is bold and
# back underlined.
_STYLES = {
    ("front", 1): "bold black on #fde3cc", ("front", 2): "bold black on #f8b67f",
    ("front", 3): "bold black on #ee8a3d", ("back", 1): "underline black on #d9e8f6",
    ("back", 2): "underline black on #9fc8ec", ("back", 3): "underline black on #62a6de",
}  # fmt: skip


def show(name: str, explanation: Explanation, as_json: bool) -> None:
    """Print an explanation, as JSON on one line where that is asked for.

    Args:
        name: of the file; empty for a text.
        explanation: what is to be printed.
        as_json: whether it is for a program.
    """
    if as_json:
        click.echo(to_json(name, explanation))
        return
    if name:
        click.echo(printable(name))
    click.echo(answer(explanation.tag))
    if explanation.logit is not None:
        Console(file=sys.stdout, highlight=False).print(lines_table(explanation))
        for office, sign in (("front", 1), ("back", -1)):
            found = [each for each in explanation.strongest() if each.weight * sign > 0][:_WORDS]
            if found:
                click.echo(pushing(office, found))
    for sentence in (*without_said(explanation), *languages_said(explanation)):
        click.echo(printable(sentence))


def lines_table(explanation: Explanation) -> Table:
    """Return the posting line by line with the weight of each, and what they sum to."""
    said = words()
    table = Table.grid(padding=(0, 1))
    table.add_column(justify="right", no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for line in explanation.lines:
        shown = Text()
        for piece in pieces(explanation, line):
            shown.append(printable(piece.text), _STYLES.get((piece.office, piece.shade), ""))
        table.add_row(said.signed(line.weight, 2), mark_said(line), shown)
    for name, value in (("bias", explanation.bias), ("logit", explanation.logit)):
        table.add_row(said.signed(value or 0.0, 2), said(f"explanation.{name}"))
    return table
