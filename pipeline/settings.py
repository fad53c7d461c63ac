"""Parameters of `OfficeClassifier` as people write them: ``C=3``, ``grey=10,66``."""

from __future__ import annotations

from typing import Any

from pipeline.classifier import OfficeClassifier
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
        InputError: there is no such parameter, or the value is of another kind.
    """
    name, sign, written = (part.strip() for part in setting.partition("="))
    if not sign or name not in usual():
        raise InputError(
            f"{setting!r} sets no parameter; write one of {', '.join(usual())} as in C=3."
        )
    return name, value_of(name, written)


def value_of(name: str, written: str) -> Any:
    """Return the value of a parameter as it is written.

    Raises:
        InputError: it is of another kind.
    """
    default = usual()[name]
    try:
        if isinstance(default, tuple):
            found: Any = tuple(int(part) for part in written.split(","))
            if len(found) != len(default):
                raise ValueError
            return found
        return type(default)(written)
    except ValueError:
        shown = ",".join(map(str, default)) if isinstance(default, tuple) else default
        raise InputError(
            f"{name}={written} is no value for {name}; write it as in {name}={shown}."
        ) from None
