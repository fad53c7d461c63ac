"""The lines of a corpus folder's files, each with the file and line it stands in."""

from __future__ import annotations

import hashlib
import json
import os
from array import array
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, nullcontext
from pathlib import Path
from typing import Any, BinaryIO

from pipeline.posting import CorpusError

_PARTS = ("postings/*.jsonl", "challenge/*.jsonl", "lines/*.tsv", "titles/*.tsv")
_SINGLE = (
    "other_languages.jsonl",
    "no_postings.jsonl",
    "several_roles.jsonl",
    "dropped.tsv",
)


def corpus_files(folder: Path) -> list[Path]:
    """Return the files of a corpus folder that count as corpus, sorted."""
    found = [path for pattern in (*_PARTS, *_SINGLE) for path in folder.glob(pattern)]
    return sorted(path for path in found if path.is_file())


def corpus_hash(folder: Path) -> str:
    """Return the sha256 (hex) over names and contents of the files, whatever the line endings."""
    digest = hashlib.sha256()
    for path in corpus_files(folder):
        digest.update(os.fsencode(path.relative_to(folder).as_posix()) + b"\0")
        with path.open("rb") as file:
            for line in file:
                digest.update(line.replace(b"\r\n", b"\n"))
        digest.update(b"\0")
    return digest.hexdigest()


def read_jsonl(paths: Iterable[Path]) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield each JSON object and where it stands; `CorpusError` for a line that is none."""
    for path, number, line in _lines(paths):
        at = f"{path}:{number}"
        yield _json_object(line, at), at


class JsonLines:
    """The lines of JSONL files by number, in any order: where each begins is held, not its text.

    Args:
        files: paths, or open files that have none; lines are numbered from 0 through all of them,
            blank lines left out.
    """

    def __init__(self, files: Iterable[Path | BinaryIO]) -> None:
        self._files = [each for each in files if not isinstance(each, Path) or each.is_file()]
        places, begins, numbers = array("i"), array("q"), array("q")
        for place, each in enumerate(self._files):
            begin = 0
            with _opened(each) as file:
                file.seek(0)
                for number, line in enumerate(file, 1):
                    if line.strip():
                        places.append(place)
                        begins.append(begin)
                        numbers.append(number)
                    begin += len(line)
        self._at = places, begins, numbers

    def __len__(self) -> int:
        return len(self._at[0])

    def read(self, order: Iterable[int]) -> Iterator[tuple[dict[str, Any], str]]:
        """Yield the lines of these numbers; see `read_jsonl`."""
        with ExitStack() as stack:
            files = [stack.enter_context(_opened(each)) for each in self._files]
            for place, begin, number in (tuple(part[n] for part in self._at) for n in order):
                files[place].seek(begin)
                try:
                    line = files[place].readline().decode("utf-8-sig")
                except UnicodeDecodeError:
                    raise _not_utf8(self._files[place]) from None
                at = f"{self._files[place]}:{number}"
                yield _json_object(line, at), at


def _opened(file: Path | BinaryIO) -> AbstractContextManager[BinaryIO]:
    """Return a file to read from; one that was open stays so."""
    return file.open("rb") if isinstance(file, Path) else nullcontext(file)


def _json_object(line: str, at: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:  # a number of 5,000 digits, 100,000 brackets
        raise CorpusError(
            f"{at}: not JSON ({error}); write one object a line, or take the line out."
        ) from None
    if not isinstance(row, dict):
        raise CorpusError(f"{at}: not a JSON object.")
    return row


def _not_utf8(path: Path | BinaryIO) -> CorpusError:
    return CorpusError(f"{path}: not UTF-8; save it as UTF-8.")


def read_tsv(paths: Iterable[Path]) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield each row by its header and where it stands; ``language`` is else the file's name."""
    header: list[str] = []
    headed: Path | None = None
    for path, number, line in _lines(paths):
        cells = line.split("\t")
        if path != headed:  # blank lines may stand above
            header, headed = cells, path
        elif len(cells) != len(header):
            raise CorpusError(
                f"{path}:{number}: {len(cells)} cells where the header has {len(header)}."
            )
        else:
            row = dict(zip(header, cells, strict=True))
            yield {"language": path.stem} | row, f"{path}:{number}"


def _lines(paths: Iterable[Path]) -> Iterator[tuple[Path, int, str]]:
    for path in sorted(paths):
        if not path.is_file():
            continue
        try:
            lines = path.read_text(encoding="utf-8-sig").split("\n")
        except UnicodeDecodeError:
            raise _not_utf8(path) from None
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield path, number, line.rstrip("\r")
