"""The output folder: parts that appear one by one, and a manifest that says that all are there.

DIR/
  part-00000.parquet   some rows of the input, in its order; the next part has the next ones
  _manifest.json       written last: model, versions, and each part's rows, bytes and sha256
  _unfinished/         until then: what is being done, and what has been
    plan.json
    part-00000.json    written when the part is there
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from pyarrow import fs

from pipeline.cluster.files import inside, is_inside, located, read_json, write_json
from pipeline.cluster.plan import VERSION
from pipeline.output import cause
from pipeline.posting import OutputError, ResumeError

MANIFEST = "_manifest.json"
_UNFINISHED = "_unfinished"
_OURS = re.compile(rf"part-\d{{5,}}\.parquet|\.{MANIFEST}\..*|\.part-.*|{MANIFEST}|{_UNFINISHED}")

Done = dict[str, Any]


def done_place(folder: str, name: str) -> str:
    """Return where it is noted that a part is there."""
    return inside(folder, f"{_UNFINISHED}/{name.removesuffix('.parquet')}.json")


@contextmanager
def writing(folder: str) -> Iterator[None]:
    """Turn what the system says of writing into an `OutputError`."""
    try:
        yield
    except OSError as error:
        raise OutputError(f"{folder}: not written, {cause(error)}.") from error


def check_folder(folder: str, sources: Sequence[str], overwrite: bool, resume: bool) -> None:
    """Raise `OutputError` where writing would destroy something, or cannot succeed."""
    with writing(folder):
        names = _names(folder)
    strange = [name for name in names if not _OURS.fullmatch(name)]
    if any(is_inside(source, folder) for source in sources):
        raise OutputError(f"{folder}: the input lies in it; choose another output folder.")
    if strange:
        raise OutputError(
            f"{folder}: there are other files in it ({strange[0]}); choose a new folder."
        )
    if MANIFEST in names and not overwrite:
        raise OutputError(
            f"{folder}: is complete already; choose another folder, or replace it with --overwrite."
        )
    if names and not (overwrite or resume):
        raise OutputError(
            f"{folder}: holds the parts of a run that was stopped; go on with --resume, or begin"
            " anew with --overwrite."
        )


def begin(folder: str, settings: dict[str, Any], overwrite: bool) -> list[Done]:
    """Make the folder ready, and return what has been done of it before.

    Raises:
        ResumeError: what is there is of a run that depended on something else.
    """
    plan = inside(folder, f"{_UNFINISHED}/plan.json")
    with writing(folder):
        names = _names(folder)
        was = None if overwrite else read_json(plan)
        if was is None:
            _clear(folder, names)
            system, path = located(inside(folder, _UNFINISHED))
            system.create_dir(path, recursive=True)
            write_json(plan, settings)
            return []
        for name in settings:
            if was.get(name) != settings[name]:
                raise ResumeError(
                    f"{folder}: the run cannot go on, {name} is another than it was; begin anew"
                    " with --overwrite."
                )
        noted = set(_names(inside(folder, _UNFINISHED)))
        done = [
            read_json(done_place(folder, name))
            for name in names
            if name.startswith("part-") and f"{name.removesuffix('.parquet')}.json" in noted
        ]
        return [each for each in done if each is not None]


def commit(folder: str, settings: dict[str, Any], done: Sequence[Done]) -> None:
    """Write the manifest, by which the folder is complete, and tidy up."""
    parts = sorted(done, key=lambda each: str(each["name"]))
    keys = ("name", "source", "row_groups", "rows", "bytes", "sha256")
    content = {
        "model": settings["the model"],
        "detector": settings["the detector"],
        "versions": {
            name.removeprefix(VERSION): number
            for name, number in settings.items()
            if name.startswith(VERSION)
        },
        "rows": sum(each["rows"] for each in parts),
        "parts": [{key: each[key] for key in keys} for each in parts],
    }
    with writing(folder):
        write_json(inside(folder, MANIFEST), content)
        _clear(folder, [name for name in _names(folder) if name == _UNFINISHED or name[0] == "."])


def _names(folder: str) -> list[str]:
    system, path = located(folder)
    if system.get_file_info(path).type == fs.FileType.File:
        raise OutputError(f"{folder}: this is a file; name a folder.")
    listed = system.get_file_info(fs.FileSelector(path, allow_not_found=True))
    return sorted(info.base_name for info in listed)


def _clear(folder: str, names: Sequence[str]) -> None:
    """Remove these, the manifest first: without its parts it would not be true."""
    for name in sorted(names, key=lambda name: name != MANIFEST):
        system, path = located(inside(folder, name))
        if name == _UNFINISHED:
            system.delete_dir(path)
        else:
            system.delete_file(path)
