"""How much is taken: bytes of a request, seconds without a byte, requests at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import NamedTuple

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Limits(NamedTuple):
    """What a server takes.

    Attributes:
        text: bytes of a request that is no file.
        file: bytes of a file.
        silence: seconds without a byte of a request that is not all there.
        answer: seconds from the whole request to the beginning of its answer.
        at_once: requests that are worked on; the next ones are told to come back.
    """

    text: int = 4 << 20
    file: int = 512 << 20
    silence: float = 20.0
    answer: float = 60.0
    at_once: int = 256


class Limited:
    """Takes no more than the limits, and says so in one sentence.

    Args:
        app: what answers; it turns Starlette's HTTPException into an answer.
        limits: see `Limits`.
        takes_file: whether a request to this path brings a file.
    """

    def __init__(
        self, app: ASGIApp, limits: Limits, takes_file: Callable[[str], bool] = lambda path: False
    ) -> None:
        self.app, self.limits, self.takes_file = app, limits, takes_file
        self._working = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; see ASGI."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif self._working >= self.limits.at_once:
            busy = _said(503, "Too many requests at once; ask again in a second.")
            busy.headers["retry-after"] = "1"
            await busy(scope, receive, send)
        else:
            self._working += 1
            try:
                await self._answer(scope, receive, send)
            finally:
                self._working -= 1

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        most = self.limits.file if self.takes_file(scope["path"]) else self.limits.text
        headers = Headers(scope=scope)
        length = headers.get("content-length", "0")
        if length.isdecimal() and int(length) > most:
            await _said(413, _too_large(most))(scope, receive, send)
            return
        taken, all_there, begun = 0, length == "0" and "transfer-encoding" not in headers, False
        now = asyncio.get_running_loop().time

        async def counted() -> Message:
            nonlocal taken, all_there
            if all_there:
                return await receive()
            try:
                message = await asyncio.wait_for(receive(), self.limits.silence)
            except TimeoutError:
                sentence = "The request stopped on its way; send it again."
                raise HTTPException(408, sentence) from None
            taken += len(message.get("body", b""))
            if taken > most:
                raise HTTPException(413, _too_large(most))
            if not message.get("more_body", False):
                all_there = True
                deadline.reschedule(now() + self.limits.answer)
            return message

        async def beginning(message: Message) -> None:
            nonlocal begun
            if not begun:
                begun = True
                deadline.reschedule(None)
            await send(message)

        try:
            async with asyncio.timeout(self.limits.answer if all_there else None) as deadline:
                await self.app(scope, counted, beginning)
        except TimeoutError:
            if begun:
                raise
            await _said(503, "This took too long; ask for less at a time.")(scope, receive, send)


def _too_large(most: int) -> str:
    return f"Larger than is taken here ({most >> 20} MB at most); send less at a time."


def _said(status: int, sentence: str) -> JSONResponse:
    return JSONResponse({"error": sentence}, status)
