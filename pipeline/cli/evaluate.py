"""frontback evaluate: how well a model does on postings whose labels are known."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli import options
from pipeline.layout import Layout

if TYPE_CHECKING:
    from pipeline.labelled_table import LabelledTable

_MISTAKES = 25


@click.command("evaluate")
@click.argument("data", type=options.FILE)
@options.model
@options.models
@options.layout
@click.option(
    "--precision",
    type=options.Share(0.5),
    default=0.98,
    show_default=True,
    help="Share of right answers to state the coverage for.",
)
@options.as_json
@click.option(
    "--report", type=options.FILE, metavar="FILE.html", help="Write a page with plots, too."
)
@options.overwrite
def command(
    data: Path,
    model: str | None,
    models: Path | None,
    layout: Layout,
    precision: float,
    as_json: bool,
    report: Path | None,
    overwrite: bool,
) -> None:
    """Measure a model on a table whose rows are labelled front or back.

    Accuracy, F1, AUC, calibration error, coverage and precision, with 95 % intervals, over all, by
    language and by occupation (a column isco08); the confusion matrix; the surest mistakes with
    the words that decided. Rows without label are left out. Use postings the model has not seen.

    \b
    frontback evaluate labelled.xlsx
    frontback evaluate labelled.csv --label-column Oficina --report evaluation.html
    """
    from pipeline.answers import answers_of
    from pipeline.cli.console import say
    from pipeline.cli.evaluation_tables import print_scorecard
    from pipeline.labelled_table import LabelledTable
    from pipeline.output import check_output
    from pipeline.scorecard import score
    from pipeline.tagger import Tagger

    if report is not None:
        from pipeline.evaluation_page import check_page

        check_page(report)
        check_output(report, data, overwrite)
    table = LabelledTable(data, layout)
    tagger = Tagger.load(model, models, say)
    (answers,) = answers_of(table, [tagger])
    scorecard = score(table, tagger, answers, precision, _MISTAKES)
    tell_left_out(table)
    if report is not None:
        from pipeline.evaluation_page import write_page

        write_page(report, data.name, tagger.scorer.band, scorecard, answers)
    if as_json:
        found = {"data": str(data), "unlabelled": table.unlabelled, "unreadable": table.unreadable}
        click.echo(json.dumps(found | scorecard.as_json(), ensure_ascii=False))
    else:
        print_scorecard(data.name, scorecard)
    if report is not None:
        say(f"{report}: written")


def tell_left_out(table: LabelledTable) -> None:
    """Say how many rows were left out."""
    from pipeline.cli.console import say

    for what, rows in (("have no label", table.unlabelled), ("cannot be read", table.unreadable)):
        if rows:
            say(f"{table.path}: rows left out because they {what}: {rows:,}")
