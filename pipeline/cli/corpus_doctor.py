"""frontback corpus doctor: which postings of a corpus to look at again."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli import options
from pipeline.layout import Layout

if TYPE_CHECKING:
    from pipeline.suspects import Suspects

_FIRST = 10
_TITLE = 40


@click.command("doctor")
@options.corpora
@options.layout
@options.corrections
@click.option(
    "-o",
    "--output",
    type=options.FILE,
    metavar="FILE",
    help="Table to write them into, with a column 'correct' for you to fill.",
)
@options.overwrite
@options.as_json
def command(
    sources: list[Path],
    layout: Layout,
    corrections: tuple[Path, ...],
    output: Path | None,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Find postings whose label is doubtful, for a person to look at again.

    Each posting is judged by a model that has not seen it. Doubtful are labels that this model
    contradicts as surely as it is sure of others, and texts that stand there with both labels,
    word for word or nearly. The most doubtful come first; a model can be wrong, too.

    Write front, back or out (leave it out) into the column 'correct' of the rows you have decided,
    and give the file to train, 'corpus check' or doctor again with --corrections. Your own tables
    stay as they are.

    \b
    frontback corpus doctor --corpus labels.xlsx -o suspects.xlsx
    frontback train --corpus labels.xlsx --corrections suspects.xlsx
    """
    from pipeline.cli.console import say
    from pipeline.cli.findings import Findings
    from pipeline.cli.progress import progress
    from pipeline.output import check_output
    from pipeline.suspects import find_suspects
    from pipeline.suspects_table import as_row, suspects_table
    from pipeline.tables import writer_for
    from pipeline.tables.made import write_table
    from pipeline.training_set import training_set

    if output is not None:
        writer_for(output, output)
        for read in (*sources, *corrections):
            check_output(output, read, overwrite)
    findings = Findings()
    with training_set(sources, layout, findings, corrections) as texts:
        findings.tell_rest()
        suspects = find_suspects(texts, say=say, progress=progress)
    if suspects.judged < suspects.total:
        say(
            f"judged: {suspects.judged:,} of {suspects.total:,} postings, those that training in"
            " parts keeps out"
        )
    if as_json:
        for each in suspects.found:
            words = {"words": [weight.word for weight in suspects.words(each)]}
            click.echo(json.dumps(as_row(each) | words, ensure_ascii=False))
    else:
        _print(suspects)
    if output is not None:
        write_table(output, suspects_table(suspects.found), overwrite)
        say(f"{output}: written; fill the column 'correct', and train with --corrections {output}")


def _print(suspects: Suspects) -> None:
    from rich.text import Text

    from pipeline.cli.console import COLOURS, printable, results
    from pipeline.cli.evaluation_tables import plain_table

    console = results()
    counts = plain_table(
        f"{suspects.judged:,} postings judged", ("to look at again because",), ("postings",)
    )
    for reason, n in suspects.counts.items():
        counts.add_row(reason, f"{n:,}")
    console.print(counts)
    if not suspects.found:
        return
    names = ("posting", "label", "probability", "why", "words")
    table = plain_table("the most doubtful, and words for what is suggested", names, ())
    table.padding = (0, 1, 0, 0)
    for each in suspects.found[:_FIRST]:
        posting = each.posting
        words = ", ".join(weight.word for weight in suspects.words(each))
        _, _, name = posting.where.rpartition(os.sep)
        table.add_row(
            Text(f"{printable(name)}\n{printable(posting.posting.title)[:_TITLE]}"),
            Text(posting.label, COLOURS[posting.label]),
            f"{each.p_label:.2f}",
            Text(", ".join(each.reasons)),
            Text(printable(words)),
        )
    console.print(table)
