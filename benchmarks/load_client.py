"""Connections that ask one request after the other, as cheap as can be: bytes in, bytes out."""

from __future__ import annotations

import asyncio
import time
from array import array
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, cast


class Request(NamedTuple):
    """A request: what it is counted as, and its bytes."""

    kind: str
    content: bytes


@dataclass
class Load:
    """What came of a load.

    Attributes:
        seconds: from the first request to the last answer.
        latencies: seconds from the request to the end of its answer, by kind.
        errors: how often each thing went wrong.
    """

    seconds: float = 0.0
    latencies: dict[str, array[float]] = field(default_factory=dict)
    errors: Counter[str] = field(default_factory=Counter)

    @property
    def requests(self) -> int:
        """How many were answered."""
        return sum(map(len, self.latencies.values()))


def post(path: str, host: str, body: bytes) -> bytes:
    """Return a request that sends JSON."""
    head = f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


async def drive(host: str, requests: Iterator[Request], connections: int, seconds: float) -> Load:
    """Ask over so many connections for so many seconds; each waits for its answer.

    Args:
        host: address and port.
        requests: without end; taken in turn by whichever connection is free.
        connections: kept alive.
        seconds: after which nothing new is asked; what is asked by then is waited for.
    """
    load, loop = Load(), asyncio.get_running_loop()
    address, port = host.rsplit(":", 1)
    begun = time.perf_counter()
    ends = [loop.create_future() for _ in range(connections)]
    for end in ends:
        await loop.create_connection(
            lambda end=end: _Asking(load, requests, begun + seconds, end),  # type: ignore[misc]
            address,
            int(port),
        )
    await asyncio.gather(*ends)
    load.seconds = time.perf_counter() - begun
    return load


class _Asking(asyncio.Protocol):
    def __init__(
        self, load: Load, requests: Iterator[Request], until: float, end: asyncio.Future[None]
    ) -> None:
        self._load, self._requests, self._until, self._end = load, requests, until, end
        self._answer, self._length = bytearray(), 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to ask."""
        self._transport = cast("asyncio.Transport", transport)
        self._ask()

    def data_received(self, data: bytes) -> None:
        """Count an answer that is all there, and ask the next."""
        self._answer += data
        if not self._length:
            head = self._answer.find(b"\r\n\r\n")
            if head < 0:
                return
            named = self._answer.lower().find(b"content-length:", 0, head)
            if named < 0:
                self._wrong("an answer without length")
                self._transport.close()
                return
            line = self._answer[named + 15 : self._answer.index(b"\r\n", named)]
            self._length = head + 4 + int(line)
        if len(self._answer) >= self._length:
            now = time.perf_counter()
            if self._answer.startswith(b"HTTP/1.1 200 "):
                kind = self._load.latencies.setdefault(self._kind, array("d"))
                kind.append(now - self._asked)
            else:
                self._wrong(self._answer[9:200].partition(b"\r\n")[0].decode())
            self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        """End, having counted an answer that never came."""
        if not self._end.done():
            self._wrong(f"the connection ended: {exc}")
            self._end.set_result(None)

    def _ask(self) -> None:
        self._answer, self._length = bytearray(), 0
        self._asked = time.perf_counter()
        if self._asked >= self._until:
            self._end.set_result(None)
            self._transport.close()
            return
        request = next(self._requests)
        self._kind = request.kind
        self._transport.write(request.content)

    def _wrong(self, said: str) -> None:
        self._load.errors[said] += 1
