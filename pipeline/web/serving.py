"""A server that listens, says where, and ends tidily."""

from __future__ import annotations

import os
import secrets
import socket
import webbrowser
from collections.abc import Callable

import uvicorn

from pipeline.output import cause
from pipeline.posting import OutputError
from pipeline.web.app import make_app
from pipeline.web.config import config_for
from pipeline.web.hosts import is_loopback, names_for
from pipeline.web.workplace import Workplace


def serve(
    workplace: Workplace,
    host: str,
    port: int,
    page: str = "/",
    *,
    ui_language: str = "",
    browse: bool = True,
    say: Callable[[str], None] = lambda message: None,
) -> None:
    """Serve until it is stopped.

    Args:
        workplace: what all requests share.
        host: address to listen at; a token is asked for where others than this machine reach it.
        port: 0 for a free one.
        page: that the browser opens.
        ui_language: see `pipeline.web.app.make_app`.
        browse: whether to open a browser.
        say: told the address, with the token if there is one.

    Raises:
        OutputError: nobody can listen there.
    """
    token = None if is_loopback(host) else secrets.token_urlsafe(32)
    app = make_app(workplace, names_for(host), token, ui_language=ui_language)
    listening = _listen(host, port)
    shown = f"[{host}]" if ":" in host else host
    address = f"http://{shown}:{listening.getsockname()[1]}{page}"
    address += f"{'&' if '?' in page else '?'}token={token}" if token else ""
    say(f"frontback is at {address}; stop it with Ctrl+C")
    if browse:
        webbrowser.open(address)
    uvicorn.Server(config_for(app)).run(sockets=[listening])


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listening = socket.socket(family, socket.SOCK_STREAM)
        try:
            if os.name == "posix":  # on Windows another program could listen at the same port
                listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind((host.strip("[]"), port))
            listening.listen(2048)
        except OSError:
            listening.close()
            raise
    except OSError as error:
        raise OutputError(
            f"{host}:{port}: nobody can listen there ({error.strerror or cause(error)}); name"
            " another --port, or an address of this machine with --host."
        ) from error
    return listening
