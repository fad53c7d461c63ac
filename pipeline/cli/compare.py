"""frontback compare: two models on the same labelled postings."""

from __future__ import annotations

import json
from pathlib import Path

import click

from pipeline.cli import options
from pipeline.layout import Layout

_CHANGES = 100


@click.command("compare")
@click.argument("first", metavar="A")
@click.argument("second", metavar="B")
@click.option(
    "--on", "data", type=options.FILE, required=True, metavar="DATA", help="Labelled table."
)
@click.option(
    "--margin",
    type=options.Share(0),
    default=0.01,
    show_default=True,
    help="Accuracy that B may lose.",
)
@options.models
@options.layout
@options.as_json
def command(
    first: str,
    second: str,
    data: Path,
    margin: float,
    models: Path | None,
    layout: Layout,
    as_json: bool,
) -> None:
    """Compare model B with model A on the same labelled postings.

    Accuracy of both, McNemar's exact test, 95 % intervals of the differences, and the postings
    that get another answer, with the words that made the change. Leaves with 3 where B's accuracy
    is lower by more than the margin, so that a retraining job can stop there.

    \b
    frontback compare own-1a2b3c4d5e own-6f7a8b9c0d --on labelled.xlsx --margin 0.02
    """
    from pipeline.answers import answers_of
    from pipeline.cli.evaluate import tell_left_out
    from pipeline.cli.evaluation_tables import print_comparison
    from pipeline.comparison import compare
    from pipeline.labelled_table import LabelledTable
    from pipeline.tagger import Tagger

    table = LabelledTable(data, layout)
    taggers = Tagger.load(first, models), Tagger.load(second, models)
    before, after = answers_of(table, taggers)
    comparison = compare(table, taggers, (before, after), _CHANGES)
    tell_left_out(table)
    if as_json:
        found = {"data": str(data), "unlabelled": table.unlabelled, "unreadable": table.unreadable}
        found |= {"margin": margin} | comparison.as_json()
        click.echo(json.dumps(found, ensure_ascii=False))
    else:
        print_comparison(data.name, comparison)
    comparison.require(margin)
