"""A server begins to listen, or says why it cannot."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from pipeline.posting import OutputError
from pipeline.web.serving import serve
from pipeline.web.workplace import Workplace


def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(OutputError, match=rf"127\.0\.0\.1:{port}: nobody can listen there"):
            serve(Workplace(tmp_path, tmp_path), "127.0.0.1", port, browse=False)


def test_an_address_of_another_machine_is_refused(tmp_path: Path) -> None:
    # RFC 5737: an address for documentation, which no machine has.
    with pytest.raises(OutputError, match="name another --port, or an address of this machine"):
        serve(Workplace(tmp_path, tmp_path), "192.0.2.1", 0, browse=False)
