"""Parquet files and output folders: on this machine, on S3 and the like, or what fsspec reaches.

A place is a string: an absolute path, or a URL (``s3://bucket/folder``). Each process opens it by
itself, with the credentials that it has; no credentials travel.
"""

from __future__ import annotations

import glob
import json
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pyarrow as pa
from pyarrow import fs

from pipeline.posting import ClusterError, InputError


def place_of(name: str) -> str:
    """Return a path or URL in the form that is the same in every process.

    Raises:
        InputError: it is a URL with a password, which would be written to messages and manifest.
    """
    if "://" not in name:
        return str(Path(name).expanduser().resolve())
    if urlsplit(name).password:
        scheme = name.partition("://")[0]
        raise InputError(
            f"{scheme}://…: there is a password in this name; give it to all machines in their"
            " environment instead."
        )
    return name


def located(place: str) -> tuple[fs.FileSystem, str]:
    """Return the file system of a place, and its path there."""
    if "://" not in place:
        return fs.LocalFileSystem(), Path(place).as_posix()
    try:
        return fs.FileSystem.from_uri(place)
    except pa.ArrowInvalid:
        return _by_fsspec(place)


def _by_fsspec(place: str) -> tuple[fs.FileSystem, str]:
    try:
        import fsspec

        system, path = fsspec.core.url_to_fs(place)
    except (ImportError, ValueError) as error:
        scheme = place.partition("://")[0]
        raise ClusterError(
            f"{place}: {scheme}:// cannot be opened ({error}); use a path, or install what fsspec"
            " needs for it on every machine."
        ) from error
    return fs.PyFileSystem(fs.FSSpecHandler(system)), path


def inside(folder: str, name: str) -> str:
    """Return the place of a name inside a folder."""
    head, mark, query = _divided(folder)
    return f"{head.rstrip('/')}/{name}{mark}{query}"


def is_inside(place: str, folder: str) -> bool:
    """Whether a place is in a folder."""
    return _divided(place)[0].startswith(_divided(folder)[0].rstrip("/") + "/")


def _divided(place: str) -> tuple[str, str, str]:
    """Return a place without and with the query that a URL may have, which is for its system."""
    return place.partition("?") if "://" in place else (place, "", "")


def parquet_files(inputs: Sequence[str]) -> list[str]:
    """Return the places of all Parquet files that paths, folders and patterns name, sorted.

    Raises:
        InputError: one names none.
    """
    found: set[str] = set()
    for each in inputs:
        try:
            matching = _remote(each) if "://" in each else _local(each)
        except OSError as error:
            raise InputError(f"{each}: cannot be listed ({error}); check the name.") from error
        if not matching:
            raise InputError(
                f"{each}: no Parquet file there; name a file, a folder, or a pattern in quotes"
                " ('folder/*.parquet')."
            )
        found.update(matching)
    return sorted(found)


def _local(name: str) -> list[str]:
    path = Path(name).expanduser()
    if path.is_file():
        return [place_of(name)]
    if path.is_dir():
        return [place_of(str(p)) for p in path.rglob("*.parquet") if _shown(p.relative_to(path))]
    paths = map(Path, glob.glob(str(path), recursive=True))  # noqa: PTH207 - any pattern, any root
    return [place_of(str(path)) for path in paths if path.is_file()]


def _shown(path: Path) -> bool:
    # As Spark, Dask and Arrow do: what begins so is nobody's data.
    return not any(part.startswith(("_", ".")) for part in path.parts)


def _remote(url: str) -> list[str]:
    head, mark, query = _divided(place_of(url))
    base = head.split("*")[0].rpartition("/")[0] if "*" in head else head.rstrip("/")
    system, path = located(base + mark + query)
    if "*" not in head and system.get_file_info(path).type == fs.FileType.File:
        return [url]
    pattern = head[len(base) :] if "*" in head else "/**/*.parquet"
    wanted = re.compile(_expression(pattern))
    listed = system.get_file_info(fs.FileSelector(path, recursive=True))
    ends = [i.path[len(path) :] for i in listed if i.type == fs.FileType.File]
    return [base + end + mark + query for end in ends if wanted.fullmatch(end)]


def _expression(pattern: str) -> str:
    """Return a pattern as a regular expression: ``*`` ends at a slash, ``/**/`` does not."""
    parts = re.split(r"(/\*\*/|\*)", pattern)
    meaning = {"/**/": "/(?:[^_.][^/]*/)*", "*": "[^/]*"}
    return "".join(meaning.get(part, re.escape(part)) for part in parts)


def state_of(place: str) -> tuple[int, int]:
    """Return size and time of change of a file; `InputError` where there is none."""
    system, path = located(place)
    info = system.get_file_info(path)
    if info.type != fs.FileType.File:
        raise InputError(
            f"{place}: no such file where it is to be read; all workers need to see the same files."
        )
    return info.size, info.mtime_ns or 0


def temporary(place: str) -> str:
    """Return a hidden place beside one, which no other attempt at the same has."""
    head, _, name = place.rpartition("/")
    return f"{head}/.{name}.{uuid4().hex[:12]}"


def settle(system: fs.FileSystem, path: str, place: str) -> None:
    """Give a file that was written its name; on this machine only when the disk has it."""
    if isinstance(system, fs.LocalFileSystem):
        with Path(path).open("rb+") as file:
            os.fsync(file.fileno())
    system.move(path, place)


def write_json(place: str, content: Any) -> None:
    """Write a JSON file that appears whole; the same content gives the same bytes."""
    system, path = located(place)
    beside = temporary(path)
    with system.open_output_stream(beside) as file:
        text = json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False)
        file.write(text.encode() + b"\n")
    settle(system, beside, path)


def read_json(place: str) -> Any:
    """Return what a JSON file holds, None where there is no file or what it holds is torn.

    Raises:
        InputError: it cannot be read now, which says nothing of whether it is there.
    """
    system, path = located(place)
    try:
        with system.open_input_stream(path) as file:
            content = file.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InputError(
            f"{place}: cannot be read ({error}); try again when the storage answers."
        ) from error
    try:
        return json.loads(content)
    except ValueError:
        return None
