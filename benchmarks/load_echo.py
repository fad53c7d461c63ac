"""A bare FastAPI that gives back what it is asked, served as frontback's page is.

python -m benchmarks.load_echo
"""

from __future__ import annotations

import socket
import sys
from typing import Any

import uvicorn
from fastapi import FastAPI

from pipeline.web.config import config_for

app = FastAPI()


@app.post("/{path:path}")
async def echo(path: str, asked: dict[str, Any]) -> dict[str, Any]:
    """Return what is asked."""
    return asked


if __name__ == "__main__":
    with socket.create_server(("127.0.0.1", 0), backlog=2048) as listening:
        sys.stderr.write(f"echo is at http://127.0.0.1:{listening.getsockname()[1]}\n")
        sys.stderr.flush()
        uvicorn.Server(config_for(app)).run(sockets=[listening])
