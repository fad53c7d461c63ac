"""How much is taken: bytes of a request, seconds without a byte, requests at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import NamedTuple

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipeline.web.guard import HEALTH


class Limits(NamedTuple):
    """What a server takes.

    Attributes:
        text: bytes of a request that is no file.
        file: bytes of a file.
        silence: seconds without a byte of a request that is not all there.
        answer: seconds from the whole request to the beginning of its answer.
        file_answer: the same of a request that brings a file.
        at_once: requests that are worked on; the next ones are told to come back.
    """

    text: int = 4 << 20
    file: int = 512 << 20
    silence: float = 20.0
    answer: float = 60.0
    file_answer: float = 3600.0
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
        if scope["type"] != "http" or scope["path"] == HEALTH:
            await self.app(scope, receive, send)
        elif self._working >= self.limits.at_once:
            await _said(503, "Too many requests at once; ask again in a second.")(
                scope, receive, send
            )
        else:
            self._working += 1
            request = _Request(self.limits, self.takes_file(scope["path"]), scope, receive, send)
            work = asyncio.create_task(request.run(self.app))
            # Work that nobody waits for any more counts until it ends: no thread can be stopped.
            work.add_done_callback(self._ended)
            await request.answered(work)

    def _ended(self, work: asyncio.Task[None]) -> None:
        self._working -= 1


class _Request:
    """One request: what came of it, and how long its answer takes to begin."""

    def __init__(
        self, limits: Limits, brings_file: bool, scope: Scope, receive: Receive, send: Send
    ) -> None:
        self.scope, self._receive, self._send = scope, receive, send
        self._silence = limits.silence
        self._most = limits.file if brings_file else limits.text
        self._seconds = limits.file_answer if brings_file else limits.answer
        self._taken = 0
        headers = Headers(scope=scope)
        length = headers.get("content-length", "0")
        self._promised = int(length) if length.isdecimal() else 0
        self._all_there = length == "0" and "transfer-encoding" not in headers
        self._loop = asyncio.get_running_loop()
        self._too_late: asyncio.Future[None] = self._loop.create_future()
        self._clock: asyncio.TimerHandle | None = None

    async def run(self, app: ASGIApp) -> None:
        """Have the app answer."""
        if self._promised > self._most:
            await _said(413, _too_large(self._most))(self.scope, self._receive, self._send)
            return
        if self._all_there:
            self._start_clock()
        try:
            await app(self.scope, self._counted, self._beginning)
        finally:
            self._stop_clock()

    async def answered(self, work: asyncio.Task[None]) -> None:
        """Wait for the answer's end, or say that it takes too long to begin."""
        try:
            await asyncio.wait({work, self._too_late}, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            work.cancel()
            raise
        if work.done():
            await work  # raises what it raised
        else:
            work.add_done_callback(_pass_over)
            sentence = "This took too long; ask for less at a time."
            await _said(503, sentence)(self.scope, self._receive, self._send)

    async def _counted(self) -> Message:
        if self._all_there:
            return await self._receive()
        try:
            message = await asyncio.wait_for(self._receive(), self._silence)
        except TimeoutError:
            sentence = "The request stopped on its way; send it again."
            # The rest may still come: it would be taken for the next request.
            raise HTTPException(408, sentence, {"Connection": "close"}) from None
        self._taken += len(message.get("body", b""))
        if self._taken > self._most:
            raise HTTPException(413, _too_large(self._most), {"Connection": "close"})
        if not message.get("more_body", False):
            self._all_there = True
            self._start_clock()
        return message

    async def _beginning(self, message: Message) -> None:
        if not self._too_late.done():
            self._stop_clock()
            await self._send(message)

    def _start_clock(self) -> None:
        self._clock = self._loop.call_later(self._seconds, self._ring)

    def _stop_clock(self) -> None:
        if self._clock:
            self._clock.cancel()

    def _ring(self) -> None:
        self._too_late.set_result(None)


def _pass_over(work: asyncio.Task[None]) -> None:
    # What it raised is nobody's any more; asked for, or it would be told at its end.
    if not work.cancelled():
        work.exception()


def _too_large(most: int) -> str:
    return f"Larger than is taken here ({most >> 20} MB at most); send less at a time."


def _said(status: int, sentence: str) -> JSONResponse:
    headers = {"Retry-After": "1"} if status == 503 else None
    return JSONResponse({"error": sentence}, status, headers)
