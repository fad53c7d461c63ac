"""frontback review: look a sheet over in the browser."""

from __future__ import annotations

from pathlib import Path

import click

from pipeline.cli import options


@click.command("review")
@click.argument("sheet", type=options.FILE, metavar="SHEET")
@options.serving
@options.model
@options.models
@options.ui_language
def command(
    sheet: Path,
    host: str,
    port: int,
    browse: bool,
    model: str | None,
    models: Path | None,
) -> None:
    """Tag a sheet and look over in the browser what is worth a look, the doubtful rows first.

    SHEET is any table that batch reads; it is left as it is. What you decide is kept beside it, in
    SHEET.reviews.sqlite.

    \b
    frontback review stillinger.xlsx
    """
    from pipeline.cli.pages import open_page

    open_page(sheet, host, port, browse, model, models)
