"""The output folder: parts that appear one by one, and a manifest that says that all are there.

DIR/
  part-00000.parquet   some rows of the input, in its order; the next part has the next ones
  _manifest.json       written last: model, versions, and each part's rows, bytes and sha256
  _unfinished/         until then: what is being done, and what has been
    plan.json          with the id of the run that has the folder now
    part-00000.json    written when the part is there
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from pyarrow import fs

from pipeline.cluster.files import inside, is_inside, located, read_json, write_json
from pipeline.cluster.plan import VERSION
from pipeline.output import cause
from pipeline.posting import OutputError, ResumeError

MANIFEST = "_manifest.json"
_UNFINISHED = "_unfinished"
_PARTS = re.compile(r"part-\d{5,}\.parquet")
_RUN = "the run"
_OURS = re.compile(rf"{_PARTS.pattern}|\.{MANIFEST}\..*|\.part-.*|{MANIFEST}|{_UNFINISHED}")

Done = dict[str, Any]


def done_place(folder: str, name: str) -> str:
    """Return where it is noted that a part is there."""
    return inside(folder, f"{_UNFINISHED}/{name.removesuffix('.parquet')}.json")


def _plan_place(folder: str) -> str:
    return inside(folder, f"{_UNFINISHED}/plan.json")


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
    if not overwrite and any(map(_PARTS.fullmatch, names)) and _plan(folder) is None:
        raise OutputError(
            f"{folder}: holds parts but not the plan of the run that wrote them; choose another"
            " folder, or replace them with --overwrite."
        )


def begin(
    folder: str, settings: dict[str, Any], run: str, overwrite: bool, resume: bool
) -> list[Done]:
    """Make the folder this run's, and return what has been done of it before.

    What is unfinished is gone on with where ``resume`` is asked, whether ``overwrite`` is too or
    not: so a scheduler can give both, and start the same command until it is done.

    Raises:
        InputError: the plan cannot be read, so that nothing can be said of the parts.
        OutputError: as `check_folder`, which may have been long ago.
        ResumeError: what is there is of a run that depended on something else.
    """
    check_folder(folder, [], overwrite, resume)
    with writing(folder):
        names = _names(folder)
        was = _plan(folder) if resume and MANIFEST not in names else None
        if was is None:
            _clear(folder, names)
            system, path = located(inside(folder, _UNFINISHED))
            system.create_dir(path, recursive=True)
            write_json(_plan_place(folder), {**settings, _RUN: run})
            return []
        for name in settings:
            if was.get(name) != settings[name]:
                raise ResumeError(
                    f"{folder}: the run cannot go on, {name} is another than it was; begin anew"
                    " with --overwrite and without --resume."
                )
        write_json(_plan_place(folder), {**settings, _RUN: run})
        noted = set(_names(inside(folder, _UNFINISHED)))
        done = [
            read_json(done_place(folder, name))
            for name in names
            if name.startswith("part-") and f"{name.removesuffix('.parquet')}.json" in noted
        ]
        return [each for each in done if each is not None]


def check_ours(folder: str, run: str) -> None:
    """Raise `OutputError` where another run has taken the folder since this one began."""
    plan = _plan(folder)
    if plan is None or plan.get(_RUN) != run:
        raise OutputError(
            f"{folder}: another run has taken this folder meanwhile; let that one finish, or choose"
            " another folder."
        )


def commit(folder: str, settings: dict[str, Any], run: str, done: Sequence[Done]) -> None:
    """Write the manifest, by which the folder is complete, and tidy up.

    Raises:
        OutputError: the folder is another run's now, or cannot be written.
    """
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
    check_ours(folder, run)
    with writing(folder):
        write_json(inside(folder, MANIFEST), content)
        _clear(folder, [name for name in _names(folder) if name == _UNFINISHED or name[0] == "."])


def _plan(folder: str) -> dict[str, Any] | None:
    plan = read_json(_plan_place(folder))
    return plan if isinstance(plan, dict) else None


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
        with suppress(FileNotFoundError):  # another run may have cleared it, or given it its name
            if name == _UNFINISHED:
                system.delete_dir(path)
            else:
                system.delete_file(path)
