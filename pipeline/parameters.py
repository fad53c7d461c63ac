"""What the parameters of `OfficeClassifier` may be, whether somebody sets them or a file does."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from numbers import Integral, Real
from typing import Any, NamedTuple

#: What can learn front against back: see `pipeline.heads.Head`.
ESTIMATORS = ("logistic", "sgd", "svm", "nb")


class _Rule(NamedTuple):
    """What a parameter may be.

    Attributes:
        holds: whether a value is that.
        wanted: the same in words.
        own: makes Python's own number or text of it.
    """

    holds: Callable[[Any], bool]
    wanted: str
    own: Callable[[Any], Any]


def _number(value: Any, least: float, most: float, kind: Any = Real) -> bool:
    if not isinstance(value, kind) or type(value) is bool:
        return False
    return bool(least <= value <= most)


def _whole(value: Any, least: int, most: float = math.inf) -> bool:
    return _number(value, least, most, Integral)


def _span(value: Any) -> bool:
    return (
        isinstance(value, tuple | list)
        and len(value) == 2
        and all(_number(each, 0, 100) for each in value)
        and bool(value[0] < value[1])
    )


def _pair(value: Any) -> tuple[int | float, ...]:
    return tuple(int(each) if each == int(each) else float(each) for each in value)


_RULES = {
    # So that 1 / C is a number as well.
    "C": _Rule(lambda value: _number(value, 1e-300, 1e300), "a number above 0", float),
    "grey": _Rule(_span, "two numbers from 0 to 100, the lower one first", _pair),
    "precision": _Rule(lambda value: _number(value, 0, 1), "a number from 0 to 1", float),
    "min_df": _Rule(lambda value: _whole(value, 1), "a whole number of at least 1", int),
    "seed": _Rule(
        lambda value: _whole(value, 0, 2**32 - 1), "a whole number from 0 to 4294967295", int
    ),
    "estimator": _Rule(
        lambda value: isinstance(value, str) and value in ESTIMATORS,
        f"{', '.join(ESTIMATORS[:-1])} or {ESTIMATORS[-1]}",
        str,
    ),
    "cv": _Rule(lambda value: _whole(value, 2), "a whole number of at least 2", int),
}
NAMES = frozenset(_RULES)


def missed(name: str, value: Any) -> str:
    """Return what a parameter ought to be, "" where it is that."""
    rule = _RULES[name]
    return "" if rule.holds(value) else rule.wanted


def check_parameters(parameters: Mapping[str, Any]) -> None:
    """Raise `ValueError`, in scikit-learn's words, where a parameter is not what it may be."""
    for name, value in parameters.items():
        if wanted := missed(name, value):
            raise ValueError(
                f"The {name!r} parameter of OfficeClassifier must be {wanted}. Got {value!r}"
                " instead."
            )


def plain(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters as Python's own text, numbers and tuples, the same ones for equal values.

    numpy's numbers, as a search over parameters draws them, are objects in a model file, and
    those are refused when it is read.
    """
    return {name: _RULES[name].own(value) for name, value in parameters.items()}
