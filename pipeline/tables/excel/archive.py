"""The zip that a workbook is, read: nothing in it is believed before it has been checked."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from xml.parsers import expat

from pipeline.posting import InputError

_MOST_ENTRIES = 10_000
#: Text of sheets is packed 5 to 50 times smaller; deflate can do 1,000 with nothing but zeros.
_MOST_TIMES = 200
_ALWAYS_FINE = 64 * 2**20
_MOST_BYTES = 16 * 2**30
_CHUNK = 2**18
_LOCAL_HEADER = struct.Struct("<4s5H3I2H")


class Archive:
    """A zip whose every entry was unpacked once, and found to be what the zip says it is.

    Attributes:
        path: the file.
        entries: what is in it by name, in the file's order.
        comment: the zip's own.

    Raises:
        InputError: the zip is damaged, a bomb, encrypted, or has names that lead out of it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with zipfile.ZipFile(path) as opened:
                infos, self.comment = opened.infolist(), opened.comment
        except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error) as error:
            raise self._damaged() from error
        self.entries = {info.filename: info for info in infos}
        self._refuse_odd(infos)
        self._refuse_bombs(infos)
        self._state = _state(path)
        for info in infos:
            _Prolog(path, info.filename).check(self.content(info.filename))

    def __contains__(self, name: str) -> bool:
        return name in self.entries

    def content(self, name: str) -> Iterator[bytes]:
        """Yield an entry's content, unpacked, never more of it than was announced."""
        info = self.entries[name]
        unpack = zlib.decompressobj(-15) if info.compress_type == zipfile.ZIP_DEFLATED else None
        size = crc = 0
        try:
            for packed in self.packed(name):
                while packed:
                    part = unpack.decompress(packed, _CHUNK) if unpack else packed
                    packed = unpack.unconsumed_tail if unpack else b""
                    size += len(part)
                    if size > info.file_size:
                        raise self._bomb(name)
                    crc = zlib.crc32(part, crc)
                    yield part
            if unpack:
                part = unpack.flush()
                size += len(part)
                crc = zlib.crc32(part, crc)
                yield part
        except zlib.error as error:
            raise self._damaged() from error
        if size != info.file_size or crc != info.CRC or (unpack and not unpack.eof):
            raise self._damaged()

    def read(self, name: str) -> bytes:
        """Return an entry's content; for parts that are small."""
        return b"".join(self.content(name))

    def packed(self, name: str) -> Iterator[bytes]:
        """Yield an entry's content as it lies in the file."""
        info = self.entries[name]
        if _state(self.path) != self._state:
            raise InputError(f"{self.path}: changed or disappeared while it was read; try again.")
        with self.path.open("rb") as file:
            file.seek(info.header_offset)
            header = file.read(_LOCAL_HEADER.size)
            if len(header) < _LOCAL_HEADER.size or header[:4] != b"PK\x03\x04":
                raise self._damaged()
            *_, name_length, extra_length = _LOCAL_HEADER.unpack(header)
            file.seek(name_length + extra_length, 1)
            left = info.compress_size
            while left:
                part = file.read(min(_CHUNK, left))
                if not part:
                    raise self._damaged()
                left -= len(part)
                yield part

    def _refuse_odd(self, infos: list[zipfile.ZipInfo]) -> None:
        if len(infos) > _MOST_ENTRIES:
            raise InputError(
                f"{self.path}: the file holds {len(infos):,} parts, as no workbook does; open it"
                " in Excel and save it again."
            )
        if any(info.flag_bits & 1 for info in infos):
            raise InputError(
                f"{self.path}: the file is password-protected; save a copy without a password."
            )
        for info in infos:
            name = info.filename
            steps = name.replace("\\", "/").split("/")
            if not steps[0] or ":" in steps[0] or ".." in steps:
                raise InputError(
                    f"{self.path}: a part is called {name!r}, which leads out of the file; do not"
                    " trust it, ask the sender for another."
                )
        folded = {info.filename.casefold() for info in infos}
        methods = {info.compress_type for info in infos} <= {0, zipfile.ZIP_DEFLATED}
        if len(folded) < len(infos) or not methods:
            raise self._damaged()

    def _refuse_bombs(self, infos: list[zipfile.ZipInfo]) -> None:
        for info in infos:
            if info.file_size > max(_ALWAYS_FINE, _MOST_TIMES * info.compress_size):
                raise self._bomb(info.filename)
        if sum(info.file_size for info in infos) > _MOST_BYTES:
            raise self._bomb("the whole")
        # Entries that share their bytes make a bomb of many modest ones.
        end = 0
        for info in sorted(infos, key=lambda info: info.header_offset):
            if info.header_offset < end:
                raise self._bomb(info.filename)
            end = info.header_offset + _LOCAL_HEADER.size + info.compress_size

    def _bomb(self, name: str) -> InputError:
        return InputError(
            f"{self.path}: a zip bomb ({name} unpacks to far more than it should); do not trust"
            " it, ask the sender for another."
        )

    def _damaged(self) -> InputError:
        return InputError(
            f"{self.path}: not a readable {self.path.suffix.lower() or 'workbook'}; open it in"
            " Excel and save it again."
        )


def _state(path: Path) -> tuple[int, int]:
    """Return what changes when a file does."""
    try:
        status = path.stat()
    except OSError:
        return 0, 0
    return status.st_size, status.st_mtime_ns


class _Prolog:
    """Refuses XML that declares a document type, which workbooks never do and attacks need."""

    def __init__(self, path: Path, name: str) -> None:
        self._path, self._name = path, name
        self._parser = expat.ParserCreate()
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._parser.StartElementHandler = self._begun
        self._looking = True

    def check(self, content: Iterator[bytes]) -> None:
        """Unpack all of it, and look at it up to its first element."""
        first = True
        for part in content:
            if first and part:
                # What is no XML at all is a picture or the like.
                self._looking = part.lstrip()[:1] == b"<" or part[:2] in (b"\xff\xfe", b"\xfe\xff")
                self._looking |= part[:3] == b"\xef\xbb\xbf"
                first = False
            if self._looking:
                try:
                    self._parser.Parse(part, False)
                except expat.ExpatError:
                    self._looking = False

    def _begun(self, name: str, attributes: dict[str, str]) -> None:
        self._looking = False

    def _refuse(self, *_: object) -> None:
        raise InputError(
            f"{self._path}: {self._name} declares a document type, as attacks do and Excel never"
            " does; open it in Excel and save it again."
        )
