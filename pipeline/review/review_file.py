"""The file that reviews are kept in: a SQLite database that only frontback's reviews have.

Write-ahead logging lets people read while another decides. Every commit waits for the disk
(``synchronous=FULL``): a person decides once in some seconds, so the milliseconds cost nothing, and
what the page has shown as decided survives a kill and a power cut.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from pipeline.database.sqlite import cause_of
from pipeline.posting import FrontbackError, InputError, OutputError

_SUFFIX = ".sqlite"
#: "FbRv": what marks the file as one of reviews, and as which version of it.
_APPLICATION, _VERSION = 0x46625276, 1
#: How long another program may be writing before this one gives up.
_WAIT_SECONDS = 30
_SCHEMA = (
    """
    CREATE TABLE posting (
        id TEXT PRIMARY KEY,        -- the number of its words, as tables hold it
        title TEXT NOT NULL,
        text TEXT NOT NULL,
        office TEXT NOT NULL,       -- this and what follows: the model's tag
        p_front REAL,
        share INTEGER,
        language TEXT NOT NULL,
        language_confidence REAL NOT NULL,
        mixed INTEGER NOT NULL,
        reason TEXT NOT NULL,
        model TEXT NOT NULL,
        turn INTEGER                -- from 0; null for what is no longer in the sheet
    )
    """,
    """
    CREATE TABLE place (            -- where the sheet has it, as a spreadsheet counts rows
        row INTEGER PRIMARY KEY,
        posting TEXT NOT NULL REFERENCES posting (id)
    )
    """,
    """
    CREATE TABLE decision (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        posting TEXT NOT NULL REFERENCES posting (id),
        reviewer TEXT NOT NULL,
        decision TEXT NOT NULL CHECK (decision IN ('front', 'back', 'unsure')),
        at TEXT NOT NULL,           -- UTC, ISO 8601
        mark TEXT NOT NULL UNIQUE,  -- by which whoever made it knows it
        undone TEXT                 -- likewise; a decision is never deleted
    )
    """,
    "CREATE INDEX asked ON posting (turn, id, office)",
    "CREATE INDEX decided ON decision (reviewer, posting, undone)",
    "CREATE INDEX placed ON place (posting)",
    f"PRAGMA application_id = {_APPLICATION}",
    f"PRAGMA user_version = {_VERSION}",
)


def is_review_file(path: Path) -> bool:
    """Whether the file's suffix is that of reviews."""
    return path.suffix.lower() == _SUFFIX


class ReviewFile:
    """A file of reviews, open; threads share it, one statement or transaction at a time.

    Attributes:
        path: the file.
    """

    def __init__(self, path: Path, create: bool = True) -> None:
        """Open the file, and make it where there is none.

        Args:
            path: the file.
            create: whether it may be made, and written to.

        Raises:
            InputError: it is no file of reviews, damaged, of a newer version, or not there.
            OutputError: it cannot be made.
        """
        self.path = path
        self._lock = threading.RLock()
        if create:
            self._open()
            try:
                self._prepare()
            except BaseException:
                self.close()
                raise
        elif path.is_file():
            try:
                self._open("?mode=ro")
            except InputError:
                if Path(f"{path}-wal").exists():
                    raise
                # Where the folder may not be written to, the log that all share cannot be begun;
                # nobody writes to it then, so none is needed.
                self._open("?mode=ro&immutable=1")
        else:
            raise InputError(f"{path}: no such file; check the name and the folder.")

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Yield the connection in a transaction that holds wholly or not at all.

        Raises:
            OutputError: the file cannot be written.
        """
        with self._lock, self._explained(OutputError):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):  # a full disk has undone it already
                    self._connection.execute("ROLLBACK")
                raise

    def fetch(self, statement: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        """Return all rows that a statement gives.

        Raises:
            InputError: the file cannot be read.
        """
        with self._lock, self._explained(InputError):
            return self._connection.execute(statement, values).fetchall()

    def close(self) -> None:
        """Let go of the file; the last to do so folds the log into it. Never raises."""
        with self._lock, suppress(sqlite3.Error):
            self._connection.close()

    def _open(self, query: str = "") -> None:
        """Connect; refuse what is no file of reviews, unless it is to become one."""
        with self._explained(InputError if self.path.is_file() else OutputError):
            self._connection = sqlite3.connect(
                self.path.absolute().as_uri() + query,
                uri=True,
                timeout=_WAIT_SECONDS,
                isolation_level=None,
                check_same_thread=False,
            )
            # A file from elsewhere may hold triggers and views: they get only harmless functions.
            self._connection.execute("PRAGMA trusted_schema = OFF")
        try:
            if query or self._tables():
                self._check()
        except BaseException:
            self.close()
            raise

    def _prepare(self) -> None:
        """See that the file can be written, and make its tables where there are none."""
        with self._lock, self._explained(OutputError):
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = FULL")
            self._connection.execute("PRAGMA foreign_keys = ON")
        if not self._tables():
            with self.writing() as connection:
                # Of several that open a new file at once, one makes them.
                for statement in () if self._tables() else _SCHEMA:
                    connection.execute(statement)
        with self._lock, self._explained(OutputError):
            # A file that may only be read shows that at a change alone; this one is taken back.
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                self._connection.execute(f"PRAGMA user_version = {_VERSION}")
            finally:
                self._connection.execute("ROLLBACK")

    def _tables(self) -> int:
        return int(self.fetch("SELECT count(*) FROM sqlite_master")[0][0])

    def _check(self) -> None:
        """Refuse what is no file of reviews, or of a newer version."""
        ((application,),) = self.fetch("PRAGMA application_id")
        ((version,),) = self.fetch("PRAGMA user_version")
        if application != _APPLICATION:
            raise InputError(
                f"{self.path}: a SQLite file, but none of reviews; name one that"
                " 'frontback review' wrote."
            )
        if version > _VERSION:
            raise InputError(
                f"{self.path}: written by a newer frontback; bring this one up to date with"
                " pip install -U frontback."
            )

    @contextmanager
    def _explained(self, failure: type[FrontbackError]) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            what = cause_of(error, "restore the file from a copy, or begin with another name")
            raise failure(f"{self.path}: {what}.") from error
