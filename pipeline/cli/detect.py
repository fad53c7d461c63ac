"""frontback detect: which language a text, or each row of a table, is in."""

from __future__ import annotations

import json
from pathlib import Path

import click

from pipeline.cli import options
from pipeline.cli.batch import tell_columns, tell_renamed


@click.command("detect")
@click.argument("source", metavar="TEXT | FILE | -")
@click.option("-o", "--output", type=options.FILE, help="With a table: file to write.")
@options.text_column
@options.sheet
@options.encoding
@options.overwrite
@options.as_json
def command(
    source: str,
    output: Path | None,
    text_column: str | None,
    sheet: str | None,
    encoding: str | None,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Say the language of a text: es, no, en, other or unknown, with a confidence.

    With a table (.csv, .tsv, .xlsx, .parquet, .jsonl) and -o, adds the columns language and
    language_confidence.

    \b
    frontback detect "Vi søker en kokk til kantina vår"
    frontback detect postings.csv -o languages.csv
    """
    from pipeline.batch import LANGUAGE_SCHEMA, languages_of, prepare, run
    from pipeline.cli.progress import messages, progress, summary_table
    from pipeline.language import detect_languages
    from pipeline.tables import is_table

    if output is not None:
        job = prepare(
            Path(source),
            output,
            text_column=text_column,
            sheet=sheet,
            encoding=encoding,
            overwrite=overwrite,
        )
        tell_columns(job)
        with progress(job.reader.rows, "detecting") as advance:
            summary = run(job, languages_of, LANGUAGE_SCHEMA, advance)
        tell_renamed(job)
        messages.print(summary_table(summary))
        return
    if is_table(Path(source)) and options.is_path(source):
        raise click.UsageError(f"{source} is a table: say where to write with -o OUTPUT.")
    found = detect_languages([options.read_source(source)])[0]
    if as_json:
        click.echo(json.dumps(found._asdict()))
    else:
        variety = f" ({found.variety})" if found.variety else ""
        click.echo(f"{found.code}{variety} {found.confidence:.2f}")
