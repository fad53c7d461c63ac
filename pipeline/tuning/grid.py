"""Which parameters are tried: each value of one with each value of the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from types import MappingProxyType
from typing import Any

from pipeline.classifier import OfficeClassifier
from pipeline.parameters import missed
from pipeline.posting import InputError
from pipeline.settings import parse

#: Parameters of `OfficeClassifier` that differ from candidate to candidate.
Candidate = dict[str, Any]
Grid = Mapping[str, Sequence[Any]]

#: What can be searched for. Not ``precision``: the less is asked for, the more is decided.
KEYS = ("estimator", "C", "min_df", "grey")
#: What is searched where nothing is said: see docs/tuning.md.
DEFAULT: Grid = MappingProxyType(
    {"estimator": ("logistic", "svm", "nb", "sgd"), "C": (1.0, 3.0, 10.0), "min_df": (2,)}
)
_PAIR = ":"


def parse_grid(written: Sequence[str]) -> Grid:
    """Return the usual grid with what is written in the place of what it has of each key.

    Args:
        written: ``KEY=V1,V2``, each key once; a pair as ``10:66``.

    Raises:
        InputError: there is no such key, or a value is none that it can have.
    """
    own: dict[str, list[Any]] = {}
    for each in written:
        key, sign, values = (part.strip() for part in each.partition("="))
        if not sign or key not in KEYS:
            raise InputError(
                f"--grid {each}: there is nothing to search by that name; write one of"
                f" {', '.join(KEYS)} as in C=1,3,10."
            )
        if key in own:
            raise InputError(f"--grid {each}: {key} is given twice; write all its values in one.")
        own[key] = [_value(key, value.strip(), each) for value in values.split(",")]
        if len(set(own[key])) < len(own[key]):
            raise InputError(f"--grid {each}: a value stands there twice; leave one out.")
    return {**DEFAULT, **own}


def _value(key: str, written: str, where: str) -> Any:
    try:
        value = written if key == "estimator" else parse(f"{key}={written.replace(_PAIR, ',')}")[1]
    except InputError:
        value = None
    if wanted := missed(key, value):
        example = f", as in grey=10{_PAIR}66" if key == "grey" else ""
        raise InputError(f"--grid {where}: {key} must be {wanted}{example}; {written!r} is not.")
    return value


def usual() -> Candidate:
    """Return what the parameters of a candidate are where nothing is said."""
    given = OfficeClassifier().get_params()
    return {key: given[key] for key in KEYS}


def candidates(grid: Grid) -> list[Candidate]:
    """Return the usual parameters, which all are compared with, and then each of the grid."""
    found = [usual()]
    for values in product(*grid.values()):
        candidate = usual() | dict(zip(grid, values, strict=True))
        if candidate not in found:
            found.append(candidate)
    return found


def settings_shown(candidate: Candidate) -> dict[str, str]:
    """Return the parameters as a command wants them, only those that are not the usual ones."""
    return {
        key: ",".join(map(_shown, value)) if isinstance(value, tuple) else _shown(value)
        for key, value in candidate.items()
        if value != usual()[key]
    }


def named(candidate: Candidate) -> str:
    """Return what people call a candidate: ``svm, C 1, min_df 3``."""
    shown = {"estimator": candidate["estimator"], "C": f"{candidate['C']:g}"}
    shown |= settings_shown(candidate)
    return ", ".join(v if k == "estimator" else f"{k} {v}" for k, v in shown.items())


def _shown(value: Any) -> str:
    """Return 3 for 3.0, and any other value in full."""
    return str(int(value) if isinstance(value, float) and value.is_integer() else value)
