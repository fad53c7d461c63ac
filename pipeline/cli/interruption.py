"""Ctrl-C, a closed terminal and a scheduler's stop: one line, an exit code, nothing half-written.

Each becomes a KeyboardInterrupt, so that everything on the way out is tidied up, and is noted
beside it: libraries that catch everything (langdetect while it loads its profiles) turn the
interrupt into an error of their own.
"""

from __future__ import annotations

import signal
import threading
from types import FrameType

_SIGNALS = [
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
]


class Interruption:
    """Which signal arrived, if one did; ``code`` is the exit code that shells give it."""

    code: int | None = None

    def watch(self) -> None:
        """Listen from now on; a signal that the caller has set to be ignored (nohup) stays so."""
        if threading.current_thread() is not threading.main_thread():
            return
        for number in _SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._arrived)

    def _arrived(self, number: int, frame: FrameType | None) -> None:
        self.code = 128 + number
        raise KeyboardInterrupt
