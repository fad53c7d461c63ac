"""frontback report: a page to mail about a tagged table."""

from __future__ import annotations

from pathlib import Path

import click

from pipeline.cli import options


@click.command("report")
@click.argument("table", type=options.FILE, metavar="TAGGED")
@click.option(
    "-o", "--output", type=options.FILE, required=True, metavar="FILE", help="Page to write: .html."
)
@click.option(
    "--by",
    multiple=True,
    metavar="COLUMN",
    help="Column to count offices by, instead of those that look like groups; may be repeated.",
)
@options.overwrite
@options.title_column
@options.text_column
@options.sheet
@options.encoding
@options.delimiter
@options.model
@options.models
@options.ui_language
def command(
    table: Path,
    output: Path,
    by: tuple[str, ...],
    overwrite: bool,
    title_column: str | None,
    text_column: str | None,
    sheet: str | None,
    encoding: str | None,
    delimiter: str | None,
    model: str | None,
    models: Path | None,
) -> None:
    """Write a page about a tagged table, to read, print and mail.

    TAGGED is a table that batch wrote. The page needs nothing else and opens offline: how many
    postings are front and back, by language and by columns of the sheet; how sure the answers
    are; what is left to a person, and why; whether the postings are like those that the model
    learned from; and twenty that are worth a look, with the words marked that decided.

    \b
    frontback report tagged.xlsx -o report.html
    frontback report tagged.xlsx -o informe.html --by Departamento --ui-language es
    """
    from pipeline.cli.console import say
    from pipeline.cli.progress import progress
    from pipeline.layout import Layout
    from pipeline.output import check_output
    from pipeline.report import check_report, write_report
    from pipeline.report.models import Models
    from pipeline.report.tagged import TaggedTable
    from pipeline.wording import words

    check_report(output)
    check_output(output, table, overwrite)
    layout = Layout(title_column, text_column, None, sheet, encoding, delimiter)
    tagged = TaggedTable(table, layout)
    answered = Models(models, model)
    with progress(2 * tagged.rows, "reading") as advance:
        write_report(tagged, output, by, overwrite, answered, advance)
    say(words()("report.done", output=output, rows=tagged.rows, name=table.name))
