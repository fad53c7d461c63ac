"""The page and the API without a server: an app on a small model, and a client that asks it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Message

from pipeline.web.app import make_app
from pipeline.web.limits import Limits
from pipeline.web.workplace import Workplace
from tests.models import save

TOKEN = "a-token-of-many-letters"


def small_app(folder: Path, token: str | None = None, limits: Limits | None = None) -> FastAPI:
    """An app called localhost; where there is no model, one that knows next to nothing."""
    if not (folder / "models").exists():
        save(folder / "models", 1)
    workplace = Workplace(folder / "sheets", folder / "models")
    return make_app(workplace, frozenset({"localhost"}), token, limits)


def client(app: FastAPI) -> TestClient:
    """One that asks on this machine and goes nowhere else."""
    return TestClient(app, base_url="http://localhost", follow_redirects=False)


async def ask(
    app: ASGIApp, path: str, messages: Sequence[Message | float], headers: dict[str, str]
) -> tuple[int, dict[str, str], bytes]:
    """Send a request message by message, with pauses in seconds; return what is answered."""
    coming, sent = iter(messages), list[Message]()

    async def receive() -> Message:
        for each in coming:
            if isinstance(each, float):
                await asyncio.sleep(each)
            else:
                return each
        await asyncio.Event().wait()  # nothing more comes
        raise AssertionError

    async def send(message: Message) -> None:
        sent.append(message)

    named = {"host": "localhost", "content-type": "application/json", **headers}
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in named.items()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
        "state": {},
    }
    await app(scope, receive, send)
    body = b"".join(each.get("body", b"") for each in sent[1:])
    said = {name.decode().lower(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], said, body


def part(body: bytes, more: bool = True) -> Message:
    """A piece of a request's body."""
    return {"type": "http.request", "body": body, "more_body": more}
