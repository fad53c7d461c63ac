"""frontback serve: the page and the HTTP API."""

from __future__ import annotations

from pathlib import Path

import click

from pipeline.cli import options


@click.command("serve")
@options.serving
@options.model
@options.models
@options.ui_language
def command(
    host: str,
    port: int,
    browse: bool,
    model: str | None,
    models: Path | None,
) -> None:
    """Open the page: drop sheets in, review them, tag one posting; and serve the HTTP API.

    Only this machine reaches it, unless --host says otherwise; a token is asked for then, which
    is printed once. Sheets that were dropped in are kept in your data folder until you remove them.

    \b
    frontback serve
    frontback serve --host 0.0.0.0 --port 8080 --no-browser
    """
    from pipeline.cli.pages import open_page

    open_page(None, host, port, browse, model, models)
