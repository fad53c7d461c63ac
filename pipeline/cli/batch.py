"""frontback batch: a spreadsheet in, the same spreadsheet with tags out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli import options

if TYPE_CHECKING:
    from pipeline.batch import Job
    from pipeline.language import Detector


@click.command("batch")
@click.argument("source", type=options.FILE, metavar="INPUT")
@click.option("-o", "--output", type=options.FILE, required=True, help="File to write.")
@click.option("--title-column", metavar="NAME", help="Column of the job title.")
@options.text_column
@options.sheet
@options.encoding
@options.overwrite
@options.detector
@options.model
@options.models
def command(
    source: Path,
    output: Path,
    title_column: str | None,
    text_column: str | None,
    sheet: str | None,
    encoding: str | None,
    overwrite: bool,
    detector: Detector,
    model: str | None,
    models: Path | None,
) -> None:
    """Tag every row of a table: .csv, .tsv, .xlsx, .parquet or .jsonl.

    Writes the same rows in the same order with the columns office (front, back, review),
    p_front (0 to 1), language, reason (why review) and model behind them. The output's suffix
    decides its kind. The columns of title and text are found by their names.

    \b
    frontback batch stillinger.xlsx -o tagged.xlsx
    frontback batch ofertas.csv -o tagged.parquet --text-column Funciones
    """
    from pipeline.batch import TAG_COLUMNS, prepare, run, tags_by
    from pipeline.cli.console import printable, say
    from pipeline.cli.progress import messages, progress, summary_table
    from pipeline.tagger import Tagger

    job = prepare(
        source,
        output,
        title_column=title_column,
        text_column=text_column,
        sheet=sheet,
        encoding=encoding,
        overwrite=overwrite,
    )
    tell_columns(job)
    annotate, added = tags_by(Tagger.load(model, models, say, detector))
    with progress(job.reader.rows, "tagging") as advance:
        summary = run(job, annotate, added, advance)
    tell_renamed(job)
    messages.print(summary_table(summary))
    names = ", ".join(job.renamed.get(name, name) for name in TAG_COLUMNS)
    click.echo(printable(f"{output}: {summary.rows:,} rows with {names}"), err=True)


def tell_columns(job: Job) -> None:
    """Say what was found out about the input: its form, and the columns that are read."""
    from pipeline.cli.console import say

    names = job.reader.schema.names
    form = f" ({job.reader.described})" if job.reader.described else ""
    title = (
        f"title from {names[job.columns.title]!r}" if job.columns.title is not None else "no title"
    )
    say(f"{job.reader.path}{form}: text from {names[job.columns.text]!r}, {title}")
    for note in job.reader.notes:
        say(note)


def tell_renamed(job: Job) -> None:
    """Say which added columns got another name because the input has one of that name."""
    from pipeline.cli.console import say

    for name, instead in job.renamed.items():
        say(f"the input has a column {name!r} already; the new one is called {instead!r}")
