"""Parameters of `OfficeClassifier` as people write them: ``C=3``, ``grey=10,66``."""

from __future__ import annotations

from typing import Any

from pipeline.classifier import OfficeClassifier
from pipeline.parameters import missed
from pipeline.posting import InputError

#: What has an option of its own.
_APART = ("estimator", "cv", "seed")


def usual() -> dict[str, Any]:
    """Return the parameters that can be set, with what they usually are."""
    given = OfficeClassifier().get_params()
    return {name: value for name, value in given.items() if name not in _APART}


def parse(setting: str) -> tuple[str, Any]:
    """Return name and value of one setting.

    Raises:
        InputError: there is no such parameter, or it cannot have this value.
    """
    name, sign, written = (part.strip() for part in setting.partition("="))
    if not sign or name not in usual():
        raise InputError(
            f"{setting!r} sets no parameter; write one of {', '.join(usual())} as in C=3."
        )
    try:
        value = _read(written, usual()[name])
        wanted = missed(name, value)
    except ValueError:
        value, wanted = None, missed(name, None)
    if wanted:
        raise InputError(f"{setting!r}: {name} must be {wanted}; write it as in {_example(name)}.")
    return name, value


def _read(written: str, like: Any) -> Any:
    """Return a value of the kind of another one; `ValueError` where it is none."""
    if isinstance(like, tuple):
        return tuple(float(part) for part in written.split(","))
    return type(like)(written)


def _example(name: str) -> str:
    value = usual()[name]
    return f"{name}={','.join(map(str, value)) if isinstance(value, tuple) else value}"
