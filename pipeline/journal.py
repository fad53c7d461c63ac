"""What a batch has answered so far, on disk, so that a run that was stopped can go on.

A file of lines beside the output, ``NAME.journal``: the first says what the answers depend on, as
JSON; each further line holds the answers for some consecutive rows: their number, a CRC-32 of
titles and texts, the answers as a compressed Arrow stream in Base64, and a CRC-32 of all that. No
text of a posting is in it. Only whole lines count: what a power cut leaves of the last one is cut
off. Lines reach the system at once (a killed process loses none) and the disk every second.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import time
import zlib
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Self

import pyarrow as pa

from pipeline.output import real
from pipeline.posting import OutputError, ResumeError
from pipeline.tables.folder import documents_in

_SYNC_SECONDS = 1.0
_COMPRESSED = pa.ipc.IpcWriteOptions(compression="zstd")
_COMMITTED = b"committed\n"
_MARK = "frontback journal"

#: What the answers depend on, by the name that a message gives it.
Settings = dict[str, str | None]


def journal_path(output: Path) -> Path:
    """Return where the journal of an output lies."""
    target = real(output)
    return target.with_name(f"{target.name}.journal")


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file's content; of a folder, of its documents'."""
    if not path.is_dir():
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    whole = hashlib.sha256()
    for each in documents_in(path):
        whole.update(os.fsencode(each.name) + b"\0")
        # A document that cannot be read is a row that says so; a pipe would be waited for.
        with suppress(OSError):
            if each.is_file():
                whole.update(digest_of(each).encode())
    return whole.hexdigest()


class Journal:
    """The answers of one run, those of an earlier one that it goes on with included.

    Attributes:
        path: the file.
        recalled: rows whose answers were there when it was opened.
        rows: rows that have been answered, recalled ones included.
    """

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self.path = path
        self.recalled = self.rows = 0
        self._file, self._end = file, file.tell()
        self._committed = False
        self._synced = time.monotonic()

    @classmethod
    def begin(cls, path: Path, settings: Settings) -> Self:
        """Start a journal anew, in the place of one that is there.

        Raises:
            OutputError: what is there is no journal.
        """
        if path.is_symlink() or (path.exists() and not _may_be_one(path)):
            raise OutputError(
                f"{path}: the journal is to be there, and this is none; move it out of the way."
            )
        file = path.open("wb+")
        try:
            head = json.dumps({_MARK: 1, **settings}, ensure_ascii=False)
            file.write(head.encode() + b"\n")
            file.flush()
        except OSError:
            file.raw.close()  # closing the file itself would write again
            path.unlink()
            raise
        return cls(path, file)

    @classmethod
    def resume(cls, path: Path, settings: Settings) -> Self:
        """Open a journal to go on with it; where there is none, or not a whole line, begin one.

        Raises:
            ResumeError: its answers depend on something that is another now.
        """
        if not path.exists():
            return cls.begin(path, settings)
        file = path.open("rb+")
        try:
            head = _settings(file.readline())
            if head is None:
                file.close()
                return cls.begin(path, settings)
            _compare(head, settings, path)
            rows, end = 0, file.tell()
            journal = cls(path, file)
            for line in file:
                part = _parse(line)
                if part is None:
                    journal._committed = line == _COMMITTED
                    break
                rows, end = rows + part[0], end + len(line)
        except BaseException:
            file.close()
            raise
        journal.recalled, journal._end = rows, end
        file.truncate(end + len(_COMMITTED) * journal._committed)
        file.seek(0)
        file.readline()
        return journal

    def recall(self, postings: pa.RecordBatch) -> pa.RecordBatch | None:
        """Return the answers for the next rows, None where they have not been given yet.

        Raises:
            ResumeError: the answers that are there are for other rows.
        """
        if self._file.tell() >= self._end:
            return None
        part = _parse(self._file.readline())
        if part is None or part[:2] != (postings.num_rows, _check(postings)):
            raise ResumeError(
                f"{self.path}: its answers are for other rows than the input has now;"
                " begin anew, without --resume."
            )
        self.rows += postings.num_rows
        with pa.ipc.open_stream(part[2]) as stream:
            return stream.read_next_batch()

    def note(self, postings: pa.RecordBatch, answers: pa.RecordBatch) -> None:
        """Write the answers for the next rows, row for row."""
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, answers.schema, options=_COMPRESSED) as stream:
            stream.write_batch(answers)
        answer = base64.b64encode(sink.getvalue())
        line = b"%d %s %s" % (postings.num_rows, _check(postings), answer)
        self._file.write(b"%s %08x\n" % (line, zlib.crc32(line)))
        self._file.flush()
        self.rows += postings.num_rows
        if time.monotonic() - self._synced > _SYNC_SECONDS:
            os.fsync(self._file.fileno())
            self._synced = time.monotonic()

    def commit(self) -> None:
        """Note that the output is whole and is being put into place."""
        self._file.seek(0, os.SEEK_END)
        self._file.write(_COMMITTED)
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Leave the journal for a run that goes on with it; one without answers goes."""
        with suppress(OSError):
            self._file.close()
        if self.rows == self.recalled == 0:
            self.path.unlink(missing_ok=True)

    def remove(self) -> None:
        """Remove the journal: the output is there."""
        with suppress(OSError):
            self._file.close()
        self.path.unlink(missing_ok=True)


def committed(path: Path) -> bool:
    """Whether the journal says that the output may be there already, by the same run."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - len(_COMMITTED)))
            return file.read() == _COMMITTED
    except OSError:
        return False


def _check(postings: pa.RecordBatch) -> bytes:
    # Serialised, a slice and a whole column of the same texts are the same bytes.
    return b"%08x" % zlib.crc32(postings.serialize())


def _parse(line: bytes) -> tuple[int, bytes, bytes] | None:
    """Return rows, their check and answers of a line; None where it is not whole."""
    body, _, check = line.rpartition(b" ")
    if not line.endswith(b"\n") or check.strip() != b"%08x" % zlib.crc32(body):
        return None
    rows, texts, answers = body.split(b" ")
    return int(rows), texts, base64.b64decode(answers)


def _settings(line: bytes) -> Settings | None:
    try:
        head = json.loads(line)
    except ValueError:
        return None
    whole = isinstance(head, dict) and _MARK in head and line.endswith(b"\n")
    return head if whole else None


def _may_be_one(path: Path) -> bool:
    """Whether a file begins as a journal does, as far as it goes; a power cut leaves zeros."""
    begin = json.dumps({_MARK: 1})[:-1].encode()
    with path.open("rb") as file:
        there = file.read(len(begin))
    return begin.startswith(there.rstrip(b"\0"))


def _compare(was: Settings, now: Settings, path: Path) -> None:
    """Raise `ResumeError` that names the first thing that is another now."""
    for name in now:
        if was.get(name) != now[name]:
            raise ResumeError(
                f"{path.name}: the run cannot go on, {name} is {now[name] or 'none'} now and was"
                f" {was.get(name) or 'none'}; begin anew, without --resume."
            )
