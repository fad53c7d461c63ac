"""What people do with the models there are: use one, go back, delete one."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from pipeline.active import active_id, before, history, make_active
from pipeline.model_changes import changing
from pipeline.model_files import check_id, no_model
from pipeline.model_folder import remove
from pipeline.posting import ModelError
from pipeline.store import is_version
from pipeline.verification import verify_stored


class RolledBack(NamedTuple):
    """What a rollback did.

    Attributes:
        undone: the model that was active.
        model: the one that is active now.
        passed: those between that cannot be used any more.
    """

    undone: str
    model: str
    passed: list[str]


def use_model(folder: Path, model: str) -> None:
    """Make a stored model the active one, if it can be tagged with.

    Raises:
        ModelError: no such model, or it is damaged or of another format.
        OutputError: the folder cannot be written.
    """
    _check_there(folder, model)
    with changing(folder):
        verify_stored(folder, model)
        make_active(folder, model)


def rollback(folder: Path) -> RolledBack:
    """Make the model active that was so before the active one; once more goes further back.

    Raises:
        ModelError: there is none that is still there and whole.
        OutputError: the folder cannot be written.
    """
    if active_id(folder) is None:
        raise ModelError(f"{folder}: no model is active; train one with 'frontback train'.")
    with changing(folder):
        changes = history(folder)
        passed: list[str] = []
        for model in before(changes):
            try:
                verify_stored(folder, model)
            except ModelError:
                passed.append(model)
                continue
            make_active(folder, model, "rollback")
            return RolledBack(changes[-1].model, model, passed)
    gone = f" that can still be used (not {', '.join(passed)})" if passed else ""
    raise ModelError(
        f"{folder}: no model was active before {changes[-1].model}{gone}; choose one of"
        " 'frontback models list' with 'frontback models use ID'."
    )


def delete_model(folder: Path, model: str) -> None:
    """Remove a stored model, which may be damaged.

    Raises:
        ModelError: no such model, or it is the active one.
        OutputError: the folder cannot be written.
    """
    _check_is_model(folder, model)
    with changing(folder):
        if model == active_id(folder):
            raise ModelError(
                f"{model}: it is the active model; choose another first with"
                " 'frontback models use ID' or 'frontback models rollback'."
            )
        _check_is_model(folder, model)
        remove(folder / model)


def _check_there(folder: Path, model: str) -> None:
    check_id(model)
    if not os.path.lexists(folder / model):
        raise no_model(folder, model)


def _check_is_model(folder: Path, model: str) -> None:
    """Raise `ModelError` for all else that lies in the folder, as the history of the models."""
    check_id(model)
    if not (os.path.lexists(folder / model) and is_version(folder, model)):
        raise no_model(folder, model)
