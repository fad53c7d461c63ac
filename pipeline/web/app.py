"""The whole of what is served: pages, the API and who is answered."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.staticfiles import StaticFiles

from pipeline import __version__
from pipeline.posting import FrontbackError, ModelError, OutputError
from pipeline.web import (
    api,
    api_batch,
    api_page,
    one_posting,
    reading_language,
    retraining_pages,
    reviews,
    sheet_pages,
    sheet_report,
)
from pipeline.web.answering import Answering
from pipeline.web.faults import Faults
from pipeline.web.guard import Guard
from pipeline.web.limits import Limited, Limits
from pipeline.web.rendering import STATIC, render
from pipeline.web.workplace import Workplace

#: What answers, by its room.
_ROUTERS = (
    reading_language.router,
    sheet_pages.router,
    sheet_report.router,
    retraining_pages.router,
    reviews.router,
    one_posting.router,
    api.router,
    api_batch.router,
    api_page.router,
)
_LONGEST_NAME = 40
#: Instead of "Not Found" and the like.
_UNNAMED = {
    404: "There is nothing at this address; the page /api says what there is.",
    405: "This address is asked in another way; the page /api says how.",
}


def make_app(
    workplace: Workplace,
    names: frozenset[str],
    token: str | None = None,
    limits: Limits | None = None,
    ui_language: str = "",
) -> FastAPI:
    """Return the app.

    Args:
        workplace: what all requests share; it is ``app.state.workplace``.
        names: that the server is called by; see `pipeline.web.hosts`.
        token: see `pipeline.web.guard.Guard`.
        limits: what it takes; the usual ones where left out.
        ui_language: of its pages, where a reader's browser is not to choose it.
    """
    limits = limits or Limits()
    app = FastAPI(
        title="frontback",
        version=__version__,
        openapi_url="/api/openapi.json",
        # Their pages load scripts from elsewhere.
        docs_url=None,
        redoc_url=None,
        lifespan=_working,
        middleware=[
            Middleware(Guard, names=names, token=token),
            Middleware(Faults),
            Middleware(Limited, limits=limits, takes_file=takes_file),
        ],
        exception_handlers={
            FrontbackError: _failure,
            HTTPException: _http,
            RequestValidationError: _invalid,
        },
    )
    app.state.workplace, app.state.limits, app.state.ui_language = workplace, limits, ui_language
    app.state.answering = Answering(workplace)
    for router in _ROUTERS:
        app.include_router(router)
    app.mount("/static", StaticFiles(directory=STATIC))
    return app


def takes_file(path: str) -> bool:
    """Whether a request to this path brings a file."""
    return path in ("/sheets", "/api/batch")


@asynccontextmanager
async def _working(app: FastAPI) -> AsyncIterator[None]:
    """Have sheets tagged and postings answered for as long as the server runs."""
    work = app.state.workplace.work
    await run_in_threadpool(work.start)
    app.state.answering.warm()
    yield
    await run_in_threadpool(work.stop)
    await run_in_threadpool(app.state.workplace.candidates.stop)


async def _failure(request: Request, error: Exception) -> JSONResponse:
    ours = isinstance(error, (ModelError, OutputError))
    # Where sheets lie is nothing to those who ask: of a path only the file's name is told.
    folder = re.escape(str(request.app.state.workplace.folder))
    sentence = re.sub(rf"{folder}[/\\\\][^/\\\\:]+[/\\\\]?", "", str(error))
    return JSONResponse({"error": sentence}, 500 if ours else 400)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    named = error.detail != HTTPStatus(error.status_code).phrase
    sentence = error.detail if named else _UNNAMED.get(error.status_code, error.detail)
    if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
        return render(request, "wrong.html", status=error.status_code, sentence=sentence)
    return JSONResponse({"error": sentence}, error.status_code, error.headers)


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    """Say what is wrong and where, without sending back what was sent."""
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    # A name may be of whoever asks; one that is no name is not told.
    parts = [str(part) for part in first["loc"]]
    where = ".".join(part if len(part) <= _LONGEST_NAME else "…" for part in parts)
    return JSONResponse({"error": f"{where}: {first['msg']}."}, 422)
