"""Who is answered: the page itself and programs on this machine, nobody who borrows a browser.

Three things are looked at before anything else of a request: the name that it calls the server by
(`pipeline.web.hosts`), the token, where one is asked for, and, where it would change something,
whether it comes from a page of another site. The latter is told by the ``Sec-Fetch-Site`` and
``Origin`` headers that browsers add and no page can change, as OWASP's sheet on cross-site request
forgery has it (https://cheatsheetseries.owasp.org/cheatsheets/
Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html, "Fetch Metadata headers"); programs that are
no browser send neither.
"""

from __future__ import annotations

import secrets
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import URL, Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipeline.web.hosts import is_ours

COOKIE: Final = "frontback_token"
#: Asked by whatever looks whether the server is up; says nothing about anybody.
HEALTH: Final = "/healthz"

_SAFE = ("GET", "HEAD", "OPTIONS")
_HEADERS: Final = {
    # Only what lies here: no script inside the page, nothing from elsewhere, in nobody's frame.
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self';"
    " img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}


class Guard:
    """Refuses what is not for this server, and sends no answer without its security headers.

    Args:
        app: what answers.
        names: see `pipeline.web.hosts.names_for`.
        token: what every request has to bring, as a cookie, as ``Authorization: Bearer`` or, once,
            as ``?token=``; None where the server is reached from this machine alone.
    """

    def __init__(self, app: ASGIApp, names: frozenset[str], token: str | None = None) -> None:
        self.app, self.names, self.token = app, names, token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; see ASGI."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":  # there is no WebSocket here, and none is to pass by unasked
            await send({"type": "websocket.close"})
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        answer = self._refusal(scope) or self._welcome(scope) or self.app
        await answer(scope, receive, with_headers)

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        if not is_ours(headers.get("host", ""), self.names, numbers=self.token is not None):
            return _refused(400, "This server is called by another name; use the one it printed.")
        if scope["method"] not in _SAFE and _from_elsewhere(headers):
            return _refused(403, "A page of another site may change nothing here.")
        return None

    def _welcome(self, scope: Scope) -> Response | None:
        """Ask for the token, and have the browser keep one that came with the address."""
        if self.token is None or scope["path"] == HEALTH:
            return None
        connection = HTTPConnection(scope)
        if _same(connection.query_params.get("token"), self.token) and scope["method"] == "GET":
            address = URL(scope=scope).remove_query_params("token")
            # Out of the address, so that it is in no history and nobody copies it with the page.
            # "//elsewhere" would be another server.
            path = "/" + address.path.lstrip("/\\")
            response = RedirectResponse(f"{path}?{address.query}".rstrip("?"), 303)
            response.set_cookie(
                COOKIE,
                self.token,
                httponly=True,
                samesite="lax",
                secure=scope["scheme"] == "https",
            )
            return response
        scheme, _, bearer = connection.headers.get("authorization", "").partition(" ")
        named = bearer if scheme.lower() == "bearer" else connection.cookies.get(COOKIE)
        if _same(named, self.token):
            return None
        return _refused(401, "A token is asked for; open the address that frontback printed.")


def _from_elsewhere(headers: Headers) -> bool:
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = headers.get("origin")
    try:
        return origin is not None and urlsplit(origin).netloc != headers.get("host")
    except ValueError:  # such as "http://["
        return True


def _same(given: str | None, token: str) -> bool:
    # Bytes: as text, letters that are not ASCII would raise.
    return given is not None and secrets.compare_digest(given.encode(), token.encode())


def _refused(status: int, sentence: str) -> Response:
    return JSONResponse({"error": sentence}, status)
