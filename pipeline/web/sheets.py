"""Sheets that people brought to the page, each in a folder of its own.

    sheets/
      ID/              a sheet; ID is random, and all that an address ever says of it
        known.json     what is known of it
        sheet.xlsx     the file as it came; of `frontback review` it stays where it lies
        tagged/        the same with tags, and the journal while it is made
        reviews.sqlite what people decided; of `frontback review` it lies beside the user's file
      .ID.part/        one that is on its way in or out

The files are what counts, so that a server that is started again, and another one beside it, know
the same. Whatever else lies there is passed over, and so are links.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Final

from filelock import FileLock, Timeout

from pipeline.model_folder import write_whole
from pipeline.output import cause, check_output, real
from pipeline.posting import InputError, OutputError
from pipeline.tables import PACKED, check_kind, kind_of
from pipeline.web.sheet import RECORD, Sheet, read_sheet, reviews_beside

_ID: Final = re.compile(r"[A-Za-z0-9_-]{22}")
_PART: Final = re.compile(r"\.[A-Za-z0-9_-]{22}\.part")
#: Nothing that is on its way goes for so long without a byte; see `pipeline.web.limits`.
_FORGOTTEN_SECONDS: Final = 600.0
_MOST_LETTERS: Final = 200


class Sheets:
    """The folder of all sheets.

    Args:
        folder: made where it is not there, for its user alone.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        #: Rows, and rows done, of what is tagged now.
        self.progress: dict[str, tuple[int, int]] = {}
        #: What came of sheets and could not be written: the disk may be full.
        self.unkept: dict[str, Sheet] = {}

    def get(self, id_: str) -> Sheet | None:
        """Return a sheet, None where there is none of this id."""
        home = self.folder / id_
        if not _ID.fullmatch(id_) or home.is_symlink():
            return None
        sheet = read_sheet(home)
        # Asked once: the thread that tags takes them away meanwhile.
        unkept, progress = self.unkept.get(id_), self.progress.get(id_)
        if sheet and unkept:
            return replace(unkept)
        if sheet and progress:
            sheet.state = "tagging"
            sheet.rows, sheet.done = progress
        return sheet

    def all(self) -> list[Sheet]:
        """Return the sheets, those that came last first."""
        try:
            names = os.listdir(self.folder)  # noqa: PTH208 (a name is all that is asked)
        except OSError:
            return []
        found = [sheet for name in names if (sheet := self.get(name))]
        return sorted(found, key=lambda sheet: (sheet.added, sheet.id), reverse=True)

    def save(self, sheet: Sheet) -> None:
        """Keep what is known of a sheet.

        Raises:
            OutputError: the system refuses.
        """
        known = asdict(sheet)
        del known["home"]
        try:
            # In ASCII: a path may have bytes that are no text.
            write_whole(sheet.home, RECORD, json.dumps(known))
        except OSError as error:
            raise OutputError(f"{sheet.name}: not kept, {cause(error)}.") from error
        self.unkept.pop(sheet.id, None)

    @contextmanager
    def arriving(self, name: str) -> Iterator[Sheet]:
        """Yield a sheet whose file is to be written; it is there afterwards, whole or not at all.

        Args:
            name: what its user calls it.

        Raises:
            InputError: no table has such a suffix.
            OutputError: the system refuses.
        """
        shown = _shown(name)
        check_kind(Path(shown))
        suffix = _suffix_of(shown)
        with self._made(Sheet(_new_id(), shown, suffix, _now())) as sheet:
            yield sheet

    def beside(self, path: Path) -> Sheet:
        """Return the sheet of a user's own file, which is to be tagged again.

        Raises:
            InputError: there is no such file, or it is no table.
            OutputError: what is decided cannot be kept beside it.
        """
        if not path.exists():
            raise InputError(f"{path}: no such file; check the name and the folder.")
        if not path.is_dir():
            check_kind(path)
        own = real(path)
        check_output(reviews_beside(own), own, overwrite=True)
        for sheet in self.all():
            if sheet.beside == str(own):
                sheet.state, sheet.error = "waiting", ""
                self.save(sheet)
                return sheet
        suffix = ".csv" if path.is_dir() else _suffix_of(path.name)
        with self._made(Sheet(_new_id(), _shown(path.name), suffix, _now(), str(own))) as sheet:
            pass
        return sheet

    def remove(self, sheet: Sheet) -> None:
        """Remove a sheet with all that was made of it; a user's own file stays, and its reviews.

        Raises:
            OutputError: another frontback is at it, or the system refuses.
        """
        try:
            with self.claimed(sheet):
                pass
            gone = self.folder / f".{sheet.id}.part"
            sheet.home.rename(gone)
        except Timeout:
            raise OutputError(
                f"{sheet.name}: another frontback is tagging it; remove it when it is done."
            ) from None
        except OSError as error:
            raise OutputError(f"{sheet.name}: not removed, {cause(error)}.") from error
        shutil.rmtree(gone, ignore_errors=True)

    def claimed(self, sheet: Sheet) -> FileLock:
        """Return what keeps other servers from a sheet; it raises `filelock.Timeout` at once."""
        return FileLock(sheet.home / "lock", timeout=0)

    def sweep(self) -> None:
        """Remove what was on its way in or out when a server was killed."""
        with suppress(OSError):
            for each in self.folder.iterdir():
                if _PART.fullmatch(each.name) and not each.is_symlink() and _is_forgotten(each):
                    shutil.rmtree(each, ignore_errors=True)

    @contextmanager
    def _made(self, sheet: Sheet) -> Iterator[Sheet]:
        """Yield a sheet in a folder that gets its name when all went well, and is gone if not."""
        part, home = self.folder / f".{sheet.id}.part", self.folder / sheet.id
        sheet.home = part
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            part.mkdir(mode=0o700)
            (part / "tagged").mkdir(mode=0o700)
            yield sheet
            self.save(sheet)
            part.rename(home)
            sheet.home = home
        except BaseException as error:
            shutil.rmtree(part, ignore_errors=True)
            if isinstance(error, OSError):
                raise OutputError(f"{sheet.name}: not kept, {cause(error)}.") from error
            raise


def _shown(name: str) -> str:
    """Return a name without folders and without letters that show nothing or turn a line round."""
    last = name.replace("\\", "/").rpartition("/")[2]
    shown = "".join(letter for letter in last if letter.isprintable()).strip()
    if len(shown) <= _MOST_LETTERS:
        return shown
    suffix = PurePosixPath(shown).suffix[:20]
    return shown[: _MOST_LETTERS - len(suffix)] + suffix


def _suffix_of(name: str) -> str:
    path = PurePosixPath(name)
    last = path.suffix.lower()
    return kind_of(Path(name)) + last if last in PACKED else last


def _is_forgotten(part: Path) -> bool:
    newest = max(each.stat().st_mtime for each in (part, *part.iterdir()))
    return time.time() - newest > _FORGOTTEN_SECONDS


def _new_id() -> str:
    return secrets.token_urlsafe(16)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")
