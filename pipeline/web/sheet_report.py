"""The report on a sheet: a page of its own that may do nothing but be read."""

from __future__ import annotations

import os
from pathlib import Path
from threading import Lock
from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import FileResponse

from pipeline.layout import Layout
from pipeline.report import write_report
from pipeline.report.models import Models
from pipeline.report.tagged import TaggedTable
from pipeline.web.rendering import wording_for
from pipeline.web.sheet_pages import attachment, stem_of, tagged_sheet
from pipeline.web.sheets import Sheet
from pipeline.wording import choose

router = APIRouter(include_in_schema=False)

#: Its styles stand in it; scripts, forms and whatever lies elsewhere it has none.
_POLICY: Final = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"
)
#: One at a time: each reads its table twice, and draws.
_writing: Final = Lock()


@router.get("/sheets/{id_}/report")
def report(request: Request, id_: str, download: bool = False) -> FileResponse:
    """Return the report on a tagged sheet, in the language of its reader; to be kept, or shown."""
    sheet, words = tagged_sheet(request, id_), wording_for(request)
    file = sheet.home / f"report.{words.language}.html"
    with _writing:
        of = sheet.tagged.stat().st_mtime_ns
        if not file.is_file() or file.stat().st_mtime_ns != of:
            choose(words.language)  # for this request alone, which has a context of its own
            _write(sheet, file, request.app.state.workplace.models)
            # What it is a report on: the sheet may have been tagged again meanwhile.
            os.utime(file, ns=(of, of))
    headers = {"content-security-policy": _POLICY}
    if download:
        name = f"{stem_of(sheet)}-{words('sheets.report_name')}.html"
        headers["content-disposition"] = attachment(name)
    return FileResponse(file, media_type="text/html; charset=utf-8", headers=headers)


def _write(sheet: Sheet, file: Path, models: Path) -> None:
    layout = Layout(
        title=sheet.form.get("title_column"),
        text=sheet.form.get("text_column"),
        sheet=sheet.form.get("sheet"),
    )
    table = TaggedTable(sheet.tagged, layout, sheet.name)
    write_report(table, file, overwrite=True, models=Models(models))
