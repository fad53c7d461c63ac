"""What happens when something goes wrong that nobody expected: a sentence, and no posting told.

Exceptions quote what they were given, so neither the answer nor the log has their text: the log
says of which kind one was and where it was raised, which is what whoever mends it needs.
"""

from __future__ import annotations

import logging
import traceback
from pathlib import Path
from typing import Final

from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_SENTENCE: Final = "Something went wrong here that should not; the server's own log says where."
_log = logging.getLogger("uvicorn.error")


class Faults:
    """Answers 500 where the app raises; an answer that has begun is broken off.

    Args:
        app: what answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; see ASGI."""
        begun = False

        async def noting(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, receive, noting)
        except ClientDisconnect:
            pass  # nobody is there to be answered
        except Exception as error:
            _log.error("a request failed: %s", told(error))
            if scope["type"] == "http" and not begun:
                await JSONResponse({"error": _SENTENCE}, 500)(scope, receive, send)


def told(error: BaseException) -> str:
    """Return of which kind an exception is and where it was raised, without its text."""
    frames = traceback.extract_tb(error.__traceback__)
    places = (f"{Path(each.filename).name}:{each.lineno} {each.name}" for each in frames)
    return " > ".join([*places, type(error).__name__])
