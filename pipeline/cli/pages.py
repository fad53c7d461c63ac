"""What ``serve`` and ``review`` do: a server, and a browser that opens at it."""

from __future__ import annotations

from pathlib import Path

from pipeline.cli.console import say
from pipeline.places import models_folder
from pipeline.posting import InputError
from pipeline.wording import chosen


def open_page(
    sheet: Path | None,
    host: str,
    port: int,
    browse: bool,
    model: str | None,
    models: Path | None,
) -> None:
    """Serve until it is stopped; with a sheet, open the page that reviews it.

    Raises:
        InputError: the server's packages are not installed, or the sheet cannot be read.
        OutputError: nobody can listen there.
    """
    try:
        from pipeline.web.serving import serve
        from pipeline.web.workplace import Workplace, sheets_folder
    except ModuleNotFoundError as missing:
        if missing.name is None or missing.name.startswith("pipeline"):
            raise
        raise InputError(
            f"the page needs {missing.name}, which is not installed; pip install 'frontback[web]'."
        ) from None
    workplace = Workplace(sheets_folder(), models_folder(models), model)
    page = "/"
    if sheet is not None:
        brought = workplace.sheets.beside(sheet)
        workplace.work.put(brought)
        page = f"/sheets/{brought.id}?next=review"
    workplace.tagger(say)
    serve(workplace, host, port, page, ui_language=chosen(), browse=browse, say=say)
