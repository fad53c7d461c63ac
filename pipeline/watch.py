"""A folder in which tables arrive, each of which is taken once.

A table is moved into ``working`` under a name of its own, tagged, and moved into ``done``; or into
``failed``, beside a file that says why. Moves are atomic, so whatever stops the watch, the next one
finds each table in one of the four places and goes on.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from pipeline.output import cause
from pipeline.posting import ChangedError, FrontbackError, InputError, OutputError
from pipeline.sources import tables_in

Say = Callable[[str], None]
Seen = dict[Path, tuple[int, int]]

#: Folders in the one that is watched: for what is being tagged, was tagged, cannot be.
PLACES = ("working", "done", "failed")


class Watch:
    """Takes each table that arrives in a folder.

    Args:
        folder: where tables arrive; ``working``, ``done`` and ``failed`` are made in it.
        tag: called with a table in ``working``; its name is given to no other table.
        is_free: whether nothing came of a table of this name yet.
        say: told of what happens.
    """

    def __init__(
        self,
        folder: Path,
        tag: Callable[[Path], None],
        say: Say,
        is_free: Callable[[Path], bool] = lambda path: True,
    ) -> None:
        self._folder, self._tag, self._say, self._is_free = folder, tag, say, is_free
        self._seen: Seen = {}
        self._waiting = ""

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Make the folder's places and keep other watches off.

        Raises:
            InputError: there is no such folder, or another watch has it.
            OutputError: the folder cannot be written.
        """
        if not self._folder.is_dir():
            raise InputError(f"{self._folder}: there is no such folder; create it first.")
        path = self._folder / ".frontback-watch.lock"
        try:
            for name in PLACES:
                (self._folder / name).mkdir(exist_ok=True)
            with FileLock(path, timeout=0):
                yield
                with suppress(OSError):  # Windows removes it itself, when it is let go
                    path.unlink(missing_ok=True)
        except Timeout:
            raise InputError(
                f"{self._folder}: another 'frontback watch' has this folder; end it first."
            ) from None
        except OSError as error:
            raise OutputError(f"{self._folder}: {cause(error)}.") from error

    def look(self) -> int:
        """Take the tables that are there and have not grown since the last look; return how many.

        A table that cannot be written for now (the disk is full) stays where it is, for the next
        look.
        """
        taken = 0
        for path in tables_in(self._folder / "working"):
            taken += self._take(path)
        seen: Seen = {}
        for path in tables_in(self._folder):
            try:
                found = path.stat()
                seen[path] = (found.st_size, found.st_mtime_ns)
                if seen[path] != self._seen.get(path):
                    continue
                moved = path.rename(self._free(path.name))
            except OSError as error:  # gone again, or still open elsewhere
                self._wait(f"{path}: cannot be taken, {cause(error)}.")
            else:
                taken += self._take(moved)
        self._seen = seen
        return taken

    def _take(self, path: Path) -> int:
        try:
            self._tag(path)
        except InputError as error:
            if isinstance(error, ChangedError) or isinstance(error.__cause__, OSError):
                self._wait(str(error))
                return 0
            path.with_name(f"{path.name}.txt").write_text(f"{error}\n", encoding="utf-8")
            for each in (path.with_name(f"{path.name}.txt"), path):
                each.rename(self._folder / "failed" / each.name)
            self._say(str(error))
        except FrontbackError as error:
            self._wait(str(error))
            return 0
        else:
            path.rename(self._folder / "done" / path.name)
        return 1

    def _wait(self, why: str) -> None:
        """Say, once, what keeps a table from being taken for now."""
        if why != self._waiting:
            self._waiting = why
            self._say(f"{why} Trying again until it works.")

    def _free(self, name: str) -> Path:
        """Return where a table of this name is worked on: no other ever had the name it gets."""
        stem, dot, suffixes = name.partition(".")
        number, free = 1, self._folder / "working" / name
        while self._came_before(free.name) or not self._is_free(free):
            number += 1
            free = free.with_name(f"{stem}-{number}{dot}{suffixes}")
        return free

    def _came_before(self, name: str) -> bool:
        return any((self._folder / place / name).exists() for place in PLACES)


def watch(watched: Watch, every: float, once: bool) -> None:
    """Look into a folder again and again.

    Args:
        watched: the folder.
        every: seconds between two looks; a table that has not grown in between has arrived.
        once: whether to end after what is there now, for a scheduler.
    """
    with watched.alone():
        watched.look()
        time.sleep(every)
        while watched.look() or not once:
            time.sleep(every)
