"""How an app is served: the same for frontback and for what it is measured beside."""

from __future__ import annotations

import sys

import uvicorn
from starlette.types import ASGIApp


def config_for(app: ASGIApp) -> uvicorn.Config:
    """Return how an app is served; nothing of what is asked for is logged."""
    # After each packet the loop waits for whoever computes: for so long at most, not for 5 ms.
    sys.setswitchinterval(0.0005)
    return uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=5,
    )
