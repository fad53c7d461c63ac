"""frontback compare: two models on the same labelled postings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli import options
from pipeline.layout import Layout
from pipeline.places import corpus_folder

if TYPE_CHECKING:
    from pipeline.challenge import ChallengeSet

_CHANGES = 100


@click.command("compare")
@click.argument("first", metavar="A")
@click.argument("second", metavar="B")
@click.option(
    "--on",
    "data",
    type=options.FILE,
    metavar="DATA",
    help="Labelled table; the corpus's challenge set where left out.",
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
    data: Path | None,
    margin: float,
    models: Path | None,
    layout: Layout,
    as_json: bool,
) -> None:
    """Compare model B with model A on the same labelled postings.

    Accuracy of both, McNemar's exact test, 95 % intervals of the differences, and the postings
    that get another answer, with the words that made the change. Leaves with 3 where B's accuracy
    is lower by more than the margin, so that a retraining job can stop there. "active" stands for
    the model in use. Without --on the postings are 360 hard ones that came with frontback.

    \b
    frontback compare active own-6f7a8b9c0d --on labelled.xlsx
    frontback compare own-1a2b3c4d5e own-6f7a8b9c0d --on labelled.xlsx --margin 0.02
    """
    from pipeline.answers import answers_of
    from pipeline.cli.console import say
    from pipeline.cli.evaluate import table_as_json, tell_left_out
    from pipeline.cli.evaluation_tables import print_comparison
    from pipeline.comparison import compare
    from pipeline.labelled_table import LabelledTable
    from pipeline.tagger import Tagger

    table = _challenge_set(layout) if data is None else LabelledTable(data, layout)
    taggers = Tagger.load(first, models, say), Tagger.load(second, models, say)
    before, after = answers_of(table, taggers)
    comparison = compare(table, taggers, (before, after), _CHANGES)
    tell_left_out(table)
    if as_json:
        found = table_as_json(table) | {"margin": margin} | comparison.as_json()
        click.echo(json.dumps(found, ensure_ascii=False))
    else:
        print_comparison("the challenge set" if data is None else data.name, comparison)
    for sentence in comparison.losses(margin):
        options.tell(sentence)
    comparison.require(margin)


def _challenge_set(layout: Layout) -> ChallengeSet:
    from pipeline.challenge import ChallengeSet
    from pipeline.cli.console import say

    if layout != Layout():
        raise click.UsageError("These options say how a table is read; name it with --on DATA.")
    found = ChallengeSet(corpus_folder())
    say(
        f"on the {len(found):,} hard postings of {found.path}, which no model is trained on; name"
        " your own labelled ones with --on"
    )
    return found
