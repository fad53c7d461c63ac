"""Which names this server answers to.

A page elsewhere can have a name of its own lead to 127.0.0.1 (DNS rebinding) and would then read
what is served here; a request that calls the server by such a name is refused.
"""

from __future__ import annotations

import ipaddress
import socket
from contextlib import suppress
from urllib.parse import urlsplit

#: What an address has around its host; no host and no port has it.
_ODD = frozenset("@/?#")


def is_loopback(host: str) -> bool:
    """Whether an address to listen at can be reached from this machine alone."""
    if host == "localhost":
        return True
    with suppress(ValueError):
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    return False


def names_for(host: str) -> frozenset[str]:
    """Return the names that a server may be called by that listens at an address.

    Addresses in numbers are names of nobody else, so `is_ours` takes them without being named.
    """
    if is_loopback(host):
        return frozenset({"localhost", host})
    return frozenset({"localhost", host.lower(), socket.gethostname().lower(), _full_name()})


def is_ours(header: str, names: frozenset[str], numbers: bool) -> bool:
    """Whether a ``Host`` header calls this server by a name of its own.

    Args:
        header: host, or host and port.
        names: see `names_for`.
        numbers: whether every address in numbers is taken; of these only loopback otherwise.
    """
    if not _ODD.isdisjoint(header):  # what is before or behind them would pass with the name
        return False
    try:
        host = urlsplit(f"//{header}").hostname or ""
    except ValueError:
        return False
    if host in names:
        return True
    with suppress(ValueError):
        address = ipaddress.ip_address(host)
        return numbers or address.is_loopback
    return False


def _full_name() -> str:
    return socket.getfqdn().lower()
