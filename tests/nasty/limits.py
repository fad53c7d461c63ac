"""Seconds and memory that one run may take, so that a hang or a flood is a failed test."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

#: A hang, not slowness: a busy machine takes ten times as long as an idle one.
SECONDS = 60
MEGABYTES = 700

_PROCESS = Path("/proc/self")


class _TooLong(BaseException):
    """Not an Exception, so that nothing takes it for a damaged file."""


@contextmanager
def limits(seconds: int = SECONDS, megabytes: int = MEGABYTES) -> Iterator[None]:
    """Fail where what runs inside takes longer, or more memory than before; where POSIX tells."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise _TooLong(f"more than {seconds} s")

    alarm = getattr(signal, "SIGALRM", None)
    before = signal.signal(alarm, stop) if alarm else None
    if alarm:
        signal.alarm(seconds)
    start = _memory("VmRSS")
    with_peak = _reset_peak()
    try:
        yield
    except _TooLong as late:
        raise AssertionError(str(late)) from None
    finally:
        if alarm:
            signal.alarm(0)
            signal.signal(alarm, before)
    if with_peak:
        taken = (_memory("VmHWM") - start) // 1024
        assert taken < megabytes, f"{taken:,} MB of memory"


def _memory(name: str) -> int:
    """Return a figure of this process in kilobytes; 0 where the system tells none."""
    try:
        status = (_PROCESS / "status").read_text()
    except OSError:
        return 0
    found = re.search(rf"^{name}:\s+(\d+) kB", status, re.MULTILINE)
    return int(found[1]) if found else 0


def _reset_peak() -> bool:
    try:
        (_PROCESS / "clear_refs").write_text("5")
    except OSError:
        return False
    return True
