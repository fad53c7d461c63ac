"""The report on a sheet: a page of its own that may do nothing but be read."""

from __future__ import annotations

import os
from concurrent.futures import Future
from pathlib import Path
from threading import Lock, Thread
from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from pipeline.layout import Layout
from pipeline.report import write_report
from pipeline.report.models import Models
from pipeline.report.tagged import TaggedTable
from pipeline.web.rendering import render, wording_for
from pipeline.web.sheet import Sheet
from pipeline.web.sheet_pages import attachment, stem_of, tagged_sheet
from pipeline.wording import choose

router = APIRouter(include_in_schema=False)

#: Its styles stand in it; scripts, forms and whatever lies elsewhere it has none.
_POLICY: Final = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"
)
#: Seconds that a reader waits for a page; one of a long table comes by and by.
PATIENCE: Final = 10.0
_REFRESH_SECONDS: Final = "3"

#: Reports that are being written, by their files. One at a time: each reads its table twice.
_begun: Final[dict[Path, Future[None]]] = {}
_changing: Final = Lock()
_writing: Final = Lock()


@router.get("/sheets/{id_}/report")
def report(request: Request, id_: str, download: bool = False) -> Response:
    """Return the report on a tagged sheet, in the language of its reader; to be kept, or shown.

    Where it takes longer than people wait, a page that asks for it again by itself.
    """
    sheet, words = tagged_sheet(request, id_), wording_for(request)
    file = sheet.home / f"report.{words.language}.html"
    of = sheet.tagged.stat().st_mtime_ns
    if not file.is_file() or file.stat().st_mtime_ns != of:
        models = request.app.state.workplace.models
        try:
            _begin(file, sheet, models, words.language, of).result(PATIENCE)
        except TimeoutError:
            waiting = render(request, "report_waiting.html", status=202, sheet=sheet)
            waiting.headers["refresh"] = _REFRESH_SECONDS
            return waiting
    headers = {"content-security-policy": _POLICY}
    if download:
        name = f"{stem_of(sheet)}-{words('sheets.report_name')}.html"
        headers["content-disposition"] = attachment(name)
    return FileResponse(file, media_type="text/html; charset=utf-8", headers=headers)


def _begin(file: Path, sheet: Sheet, models: Path, language: str, of: int) -> Future[None]:
    """Have a report written, if it is not being written already, and return what tells its end."""
    with _changing:
        if file not in _begun:
            _begun[file] = Future()
            told = (_begun[file], file, sheet, models, language, of)
            Thread(target=_write, args=told, name="report", daemon=True).start()
        return _begun[file]


def _write(
    told: Future[None], file: Path, sheet: Sheet, models: Path, language: str, of: int
) -> None:
    choose(language)  # in this thread alone
    said = [sheet.form.get(name) for name in ("title_column", "text_column", "sheet")]
    layout = Layout(title=said[0], text=said[1], sheet=said[2])
    try:
        with _writing:
            table = TaggedTable(sheet.tagged, layout, sheet.name)
            write_report(table, file, overwrite=True, models=Models(models))
            # What it is a report on: the sheet may have been tagged again meanwhile.
            os.utime(file, ns=(of, of))
    except Exception as error:  # it is raised where it is waited for
        told.set_exception(error)
    else:
        told.set_result(None)
    finally:
        with _changing:
            del _begun[file]
