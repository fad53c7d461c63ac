"""The lines of a corpus folder's files, each with the file and line it stands in."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

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
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0")
        digest.update(path.read_bytes().replace(b"\r\n", b"\n") + b"\0")
    return digest.hexdigest()


def read_jsonl(paths: Iterable[Path]) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield each JSON object and where it stands; `CorpusError` for a line that is none."""
    for path, number, line in _lines(paths):
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise CorpusError(f"{path}:{number}: not JSON ({error}).") from None
        if not isinstance(row, dict):
            raise CorpusError(f"{path}:{number}: not a JSON object.")
        yield row, f"{path}:{number}"


def read_tsv(paths: Iterable[Path]) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield each row by its header and where it stands; ``language`` is else the file's name."""
    header: list[str] = []
    for path, number, line in _lines(paths):
        cells = line.split("\t")
        if number == 1:
            header = cells
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
            raise CorpusError(f"{path}: not UTF-8; save it as UTF-8.") from None
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield path, number, line.rstrip("\r")
