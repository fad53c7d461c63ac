"""The first page, where sheets are dropped in, the page of each, and what their buttons do."""

from __future__ import annotations

import re
from typing import Annotated, Any
from urllib.parse import quote, unquote

from fastapi import APIRouter, Header
from pydantic import BaseModel, ConfigDict, StringConstraints
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response

from pipeline.posting import ModelError, OutputError
from pipeline.tables import BOOKS, SUFFIXES, kind_of
from pipeline.web.rendering import render, wording_for
from pipeline.web.sheet import Sheet
from pipeline.web.workplace import Workplace

router = APIRouter(include_in_schema=False)

_INSUFFICIENT_STORAGE = 507
_Name = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)]


class Form(BaseModel):
    """How a sheet is to be read, where what was found is wrong; an empty name for what is found."""

    model_config = ConfigDict(extra="forbid")

    title_column: _Name = ""
    text_column: _Name = ""
    sheet: _Name = ""


@router.get("/")
def home(request: Request) -> HTMLResponse:
    """Return the first page."""
    return render(
        request,
        "home.html",
        "sheets",
        sheets=_workplace(request).sheets.all(),
        kinds=SUFFIXES,
        most_bytes=request.app.state.limits.file,
    )


@router.post("/sheets")
async def take(request: Request, x_name: Annotated[str, Header()] = "") -> Response:
    """Take a sheet: its file is the body, its name the header ``X-Name``, percent-encoded."""
    workplace = _workplace(request)
    _refuse_more(workplace)
    try:
        with workplace.sheets.arriving(unquote(x_name)) as sheet:
            file = await run_in_threadpool(sheet.source.open, "wb")
            try:
                async for piece in request.stream():
                    await run_in_threadpool(file.write, piece)
            finally:
                await run_in_threadpool(file.close)
    except OutputError as error:
        raise HTTPException(_INSUFFICIENT_STORAGE, str(error)) from error
    except ClientDisconnect:
        return Response(status_code=400)  # nobody is there to read it
    workplace.work.put(sheet)
    return JSONResponse({"id": sheet.id}, 201, {"location": f"/sheets/{sheet.id}"})


@router.get("/sheets/{id_}")
def page(request: Request, id_: str) -> HTMLResponse:
    """Return the page of a sheet."""
    sheet = sheet_of(request, id_)
    return render(
        request,
        "sheet.html",
        "sheets",
        sheet=sheet,
        worth_a_look=_worth_a_look(sheet),
        model_in_use=_model_in_use(request),
        has_sheets=kind_of(sheet.source) in BOOKS,
    )


@router.get("/sheets/{id_}/state")
def state(request: Request, id_: str) -> dict[str, Any]:
    """Return what is known of a sheet."""
    sheet = sheet_of(request, id_)
    shown = ("id", "name", "state", "rows", "done", "counts", "problems", "columns", "model")
    return {**{name: getattr(sheet, name) for name in shown}, "error": sheet.error}


@router.get("/sheets/{id_}/download")
def download(request: Request, id_: str) -> FileResponse:
    """Return the sheet with its tags, under a name that says so."""
    sheet = tagged_sheet(request, id_)
    name = f"{stem_of(sheet)}-{wording_for(request)('sheets.tagged_name')}{sheet.tagged_suffix}"
    return FileResponse(
        sheet.tagged,
        media_type="application/octet-stream",
        headers={"content-disposition": attachment(name)},
    )


@router.post("/sheets/{id_}/tag", status_code=202)
def tag_again(request: Request, id_: str, form: Form) -> dict[str, str]:
    """Tag a sheet again, by the model in use, read as the form says."""
    sheet, workplace = sheet_of(request, id_), _workplace(request)
    if sheet.state in ("waiting", "tagging"):
        raise HTTPException(409, f"{sheet.name}: is being tagged; wait for its end.")
    _refuse_more(workplace)
    sheet.form = {name: value for name, value in form.model_dump().items() if value}
    sheet.state, sheet.error = "waiting", ""
    sheet.rows = sheet.done = 0
    workplace.sheets.save(sheet)
    workplace.work.put(sheet)
    return {"id": sheet.id}


@router.delete("/sheets/{id_}", status_code=204)
def remove(request: Request, id_: str) -> None:
    """Remove a sheet, its tags and its reviews; what lies with its user stays."""
    sheet, workplace = sheet_of(request, id_), _workplace(request)
    workplace.work.give_up(sheet)
    workplace.candidates.give_up(sheet)
    try:
        workplace.sheets.remove(sheet)
    except OutputError as error:
        raise HTTPException(409, str(error)) from error


def sheet_of(request: Request, id_: str) -> Sheet:
    """Return the sheet of an id, or answer that there is none."""
    sheet = _workplace(request).sheets.get(id_)
    if sheet is None:
        raise HTTPException(404, "There is no such sheet; it may have been removed.")
    return sheet


def tagged_sheet(request: Request, id_: str) -> Sheet:
    """Return the sheet of an id that is tagged, or answer that it is not."""
    sheet = sheet_of(request, id_)
    if sheet.state != "tagged" or not sheet.tagged.is_file():
        raise HTTPException(409, f"{sheet.name}: is not tagged; open its page.")
    return sheet


def _refuse_more(workplace: Workplace) -> None:
    if workplace.work.is_full:
        sentence = "Many sheets wait to be tagged; bring this one when some are done."
        raise HTTPException(503, sentence, {"retry-after": "30"})


def stem_of(sheet: Sheet) -> str:
    """Return the name of a sheet without its suffix; a folder of documents has none."""
    has_suffix = sheet.name.lower().endswith(sheet.suffix)
    return (sheet.name[: -len(sheet.suffix)] if has_suffix else sheet.name) or "sheet"


def attachment(name: str) -> str:
    """Return a header that has a browser save a file by this name: RFC 6266, RFC 8187."""
    plain = re.sub(r"[^A-Za-z0-9 ._-]", "_", name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _worth_a_look(sheet: Sheet) -> int:
    """Return how many rows are in review that have a text to look at."""
    return sheet.counts.get("office", {}).get("review", 0) - sheet.problems


def _model_in_use(request: Request) -> str:
    try:
        return _workplace(request).model_in_use() or ""
    except ModelError:
        return ""


def _workplace(request: Request) -> Workplace:
    workplace: Workplace = request.app.state.workplace
    return workplace
