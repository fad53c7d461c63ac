"""The language that the pages are read in."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse

from pipeline.web.rendering import LANGUAGE_COOKIE
from pipeline.wording import UI_LANGUAGES

router = APIRouter(include_in_schema=False)


@router.get("/language/{code}")
def language(code: str, back: str = "/") -> RedirectResponse:
    """Have the pages read in another language from now on, and go back to the one of before."""
    if code not in UI_LANGUAGES:
        raise HTTPException(404, f"There are no pages in {code}.")
    # A path of this server: "//elsewhere" and "/\elsewhere" would lead away.
    here = back if back.startswith("/") and back[1:2] not in ("/", "\\") else "/"
    response = RedirectResponse(here, 303)
    response.set_cookie(LANGUAGE_COOKIE, code, max_age=365 * 24 * 3600, samesite="lax")
    return response
