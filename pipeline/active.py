"""Which model is active: a small file that says so, and a history of what was active when.

models/
  active     the id of the active model
  history    a line for each change: when, how (use, rollback), id

The file `active` is what counts. A change writes its line of history first and the id after it, so
what a process leaves that is killed between the two can be told: a last line that names another
model than the active one, which the line before it names. Such a line never came true; it is not
read, and the next change leaves it out.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, NamedTuple

from pipeline.model_files import is_id, read_plain
from pipeline.model_folder import write_whole
from pipeline.posting import ModelError

#: The file, and the word for the active model where an id is asked for: no model can have it.
ACTIVE = "active"
_HISTORY = "history"
_MOST_BYTES = {ACTIVE: 1_000, _HISTORY: 1 << 24}
_USE = "'frontback models use ID' or 'frontback train' writes it anew"

How = Literal["use", "rollback"]


class Change(NamedTuple):
    """That a model became the active one.

    Attributes:
        when: ISO 8601, UTC, to the second.
        how: ``use`` where it was chosen or newly trained; ``rollback`` where another was undone.
        model: its id.
    """

    when: str
    how: str
    model: str


def active_id(folder: Path) -> str | None:
    """Return the id of the active model, or None where no model was stored yet.

    Raises:
        ModelError: the file that says so cannot be read.
    """
    file = folder / ACTIVE
    if not os.path.lexists(file):
        return None
    try:
        return read_plain(file, _MOST_BYTES[ACTIVE]).decode().strip() or None
    except UnicodeDecodeError as error:
        raise ModelError(f"{file}: cannot be read (it is no text); {_USE}.") from error
    except ModelError as error:
        raise ModelError(f"{file}: cannot be read; {_USE}.") from error


def history(folder: Path) -> list[Change]:
    """Return what was active when, the oldest first and the active model last.

    Raises:
        ModelError: one of the two files cannot be read.
    """
    return _came_true(folder, active_id(folder))


def before(changes: list[Change]) -> list[str]:
    """Return the models that a rollback may go to, the nearest first: each was active before.

    What was rolled back is not among them: rolling back twice goes further back.
    """
    stack: list[str] = []
    for change in changes:
        if change.how == "rollback" and change.model in stack[:-1]:
            stack.pop()
            while stack[-1] != change.model:
                stack.pop()
        else:
            stack.append(change.model)
    return list(dict.fromkeys(model for model in stack[-2::-1] if model != stack[-1]))


def make_active(folder: Path, model: str, how: How = "use") -> None:
    """Make a stored model the active one, in one step; to be called in `changing`."""
    try:
        active = active_id(folder)
    except ModelError:
        active = ""  # a file that cannot be read is mended by this
    if model == active:
        return
    changes = [*_came_true(folder, active), Change(_told(datetime.now(UTC)), how, model)]
    write_whole(folder, _HISTORY, "".join(f"{' '.join(change)}\n" for change in changes))
    write_whole(folder, ACTIVE, f"{model}\n")


def _came_true(folder: Path, active: str | None) -> list[Change]:
    """Return the history, without a change that was never made, with one it does not know of."""
    changes = _read(folder / _HISTORY)
    known = [None, None, *(change.model for change in changes)]
    if known[-1] != active and known[-2] == active:
        return changes[:-1]
    if active and known[-1] != active:
        # Written by hand, or by a frontback that kept no history.
        since = datetime.fromtimestamp((folder / ACTIVE).stat().st_mtime, UTC)
        changes.append(Change(_told(since), "use", active))
    return changes


def _read(file: Path) -> list[Change]:
    """Return the changes in a file of history; a line that is none is passed over."""
    if not os.path.lexists(file):
        return []
    content = read_plain(file, _MOST_BYTES[_HISTORY], "move it away, and a new one is begun")
    lines = content.decode(errors="replace").splitlines()
    split = [line.split(" ") for line in lines]
    return [
        Change(*words)
        for words in split
        if len(words) == 3 and words[1] in ("use", "rollback") and is_id(words[2])
    ]


def _told(when: datetime) -> str:
    return when.isoformat(timespec="seconds")
