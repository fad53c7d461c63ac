"""Pages out of templates, in the language of whoever reads them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from pipeline.wording import UI_LANGUAGES, Wording, section_of

STATIC: Final = Path(__file__).with_name("static")
LANGUAGE_COOKIE: Final = "frontback_language"

_templates = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def render(
    request: Request, template: str, section: str = "", status: int = 200, **values: Any
) -> HTMLResponse:
    """Return a page.

    Args:
        request: whose reader it is for.
        template: name of a file in ``templates/``.
        section: of the wording that the page's script needs; it gets it as JSON.
        status: of the answer.
        values: what the template names.
    """
    wording = wording_for(request)
    said = section_of(wording.language, section) if section else {}
    page = _templates.get_template(template).render(
        words=wording,
        languages=UI_LANGUAGES,
        path=request.url.path,
        said={**said, **section_of(wording.language, "values")},
        **values,
    )
    return HTMLResponse(page, status)


def wording_for(request: Request) -> Wording:
    """Return the wording that a reader has chosen, or the browser asks for, or the server has."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    if chosen in UI_LANGUAGES:
        return Wording(chosen)
    if request.app.state.ui_language:
        return Wording(request.app.state.ui_language)
    return Wording(_asked_for(request.headers.get("accept-language", "")) or "en")


def _asked_for(header: str) -> str:
    """Return the first language of an ``Accept-Language`` header that there is a wording in."""
    for part in sorted(header.split(","), key=_quality, reverse=True):
        code = part.partition(";")[0].strip().partition("-")[0].lower()
        code = "no" if code in ("nb", "nn") else code
        if code in UI_LANGUAGES:
            return code
    return ""


def _quality(part: str) -> float:
    _, _, quality = part.replace(" ", "").partition(";q=")
    try:
        return float(quality) if quality else 1.0
    except ValueError:
        return 0.0
