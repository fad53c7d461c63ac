"""The page of the API, drawn from the document that describes it to programs."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse

from pipeline.web.rendering import render

router = APIRouter(include_in_schema=False)


@router.get("/api")
def api(request: Request) -> HTMLResponse:
    """Return the page."""
    return render(request, "api.html", document=request.app.openapi())
