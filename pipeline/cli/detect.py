"""frontback detect: which language a text, or each row of a table, is in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli import options
from pipeline.wording import words

if TYPE_CHECKING:
    from pipeline.language import Detector


@click.command("detect")
@click.argument("source", metavar="TEXT | FILE | -")
@click.option("-o", "--output", type=options.FILE, help="With a table: file to write.")
@options.text_column
@options.sheet
@options.encoding
@options.overwrite
@options.ui_language
@options.detector
@options.as_json
def command(
    source: str,
    output: Path | None,
    text_column: str | None,
    sheet: str | None,
    encoding: str | None,
    overwrite: bool,
    detector: Detector,
    as_json: bool,
) -> None:
    """Say the language of a text: es, no, en, other or unknown, with a confidence.

    Norwegian is nb (bokmål) or nn (nynorsk); mixed is a text with a substantial part in another
    one of es, no, en. With a table (.csv, .tsv, .xlsx, .parquet, .jsonl) and -o, adds the columns
    language, language_confidence, variety and mixed.

    \b
    frontback detect "Vi søker en kokk til kantina vår"
    frontback detect postings.csv -o languages.csv
    """
    from pipeline.annotate import languages_by
    from pipeline.batch import run
    from pipeline.cli.progress import messages, progress, summary_table
    from pipeline.cli.tagging import Telling, tell_columns, tell_renamed
    from pipeline.job import prepare
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
        tell_columns(job, Telling())
        with progress(job.rows, "detecting") as advance:
            summary = run(job, languages_by(detector), advance=advance)
        tell_renamed(job)
        messages.print(summary_table(summary))
        return
    if is_table(Path(source)) and options.is_path(source):
        raise click.UsageError(f"{source} is a table: say where to write with -o OUTPUT.")
    found = detect_languages([options.read_source(source)], detector)[0]
    if as_json:
        click.echo(json.dumps(found._asdict()))
    else:
        said = words()
        variety = f" ({found.variety})" if found.variety else ""
        mixed = f" {said('work.mixed')}" if found.mixed else ""
        code = said.of("code", found.code)
        click.echo(f"{code}{variety} {said.number(found.confidence, 2)}{mixed}")
