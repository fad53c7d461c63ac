"""frontback monitor: whether a table is like what a model was trained on."""

from __future__ import annotations

import json
from pathlib import Path

import click

from pipeline.cli import options
from pipeline.wording import words


@click.command("monitor")
@click.argument("table", type=options.FILE, metavar="INPUT")
@click.option(
    "--against", metavar="MODEL", help="Model to compare with, instead of the active one."
)
@options.title_column
@options.text_column
@options.sheet
@options.encoding
@options.delimiter
@options.as_json
@options.ui_language
@options.models
def command(
    table: Path,
    against: str | None,
    title_column: str | None,
    text_column: str | None,
    sheet: str | None,
    encoding: str | None,
    delimiter: str | None,
    as_json: bool,
    models: Path | None,
) -> None:
    """Say whether a table is like what a model was trained on, or has drifted.

    Compares the languages, the length, the share of words that the model does not know, its
    probabilities and its close calls with those of its training postings: the population
    stability index of each, and a verdict that heeds chance. INPUT is any table that batch
    reads, tagged or not; no labels are needed, so it does not say whether the answers are right.

    \b
    frontback monitor ofertas-noviembre.xlsx
    frontback monitor tagged.parquet --against own-1a2b3c4d5e --json
    """
    from pipeline.cli.console import say
    from pipeline.cli.drift_tables import print_drift
    from pipeline.cli.progress import progress
    from pipeline.monitoring import monitor
    from pipeline.tables import open_table
    from pipeline.tables.columns import find_columns
    from pipeline.tagger import Tagger

    reader = open_table(table, encoding, sheet, text_column, delimiter)
    columns = find_columns(reader.schema.names, table, title_column, text_column)
    tagger = Tagger.load(against, models, say)
    with progress(reader.rows, "measuring") as advance:
        drift = monitor(reader, columns, tagger, advance)
    for why, rows in (("unreadable", drift.unreadable), ("without_text", drift.without_text)):
        if rows:
            say(words()(f"monitor.{why}", table=table, rows=rows))
    if as_json:
        click.echo(json.dumps({"input": str(table)} | drift.as_json(), ensure_ascii=False))
    else:
        print_drift(table.name, drift)
