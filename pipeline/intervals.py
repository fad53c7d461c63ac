"""How sure a figure is: percentile intervals by the bootstrap.

Efron 1979, "Bootstrap methods: another look at the jackknife": postings are drawn again, with
replacement, and the figure taken of each draw; 95 in 100 of these lie in the interval.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

DRAWS = 1_000
_SEED = 0
_LEVEL = (0.025, 0.975)
_AT_ONCE = 2_000_000  # weights in memory: 16 MB, and a few times that for what is made of them


class Estimate(NamedTuple):
    """A figure and its interval; None where there is nothing to say."""

    value: float | None
    low: float | None
    high: float | None

    def shown(self, digits: int) -> tuple[str, str]:
        """Return the figure and its interval for a person, "–" and "" where there is none.

        Args:
            digits: of the interval's bounds.
        """
        if self.value is None or self.low is None or self.high is None:
            return "–", ""
        return f"{self.value:.3f}", f"{_short(self.low, digits)}–{_short(self.high, digits)}"


def _short(bound: float, digits: int) -> str:
    """Return ``.93``, ``0`` or ``1``: eight columns of intervals have to fit into a terminal."""
    bound = round(bound, digits)
    return f"{bound:.{digits}f}".removeprefix("0") if 0 < bound < 1 else f"{bound:.0f}"


def drawn(n: int, draws: int = DRAWS) -> Iterator[np.ndarray]:
    """Yield how often each of n postings was drawn, some draws at a time: float64, (some, n)."""
    rng = np.random.default_rng(_SEED)
    at_once = max(1, _AT_ONCE // n)
    for begin in range(0, draws, at_once):
        some = min(at_once, draws - begin)
        places = rng.integers(0, n, (some, n)) + n * np.arange(some)[:, None]
        yield np.bincount(places.ravel(), minlength=some * n).reshape(some, n).astype(float)


def estimate(figures: Callable[[np.ndarray], dict[str, np.ndarray]], n: int) -> dict[str, Estimate]:
    """Return each figure with its interval, the same in every run.

    Args:
        figures: from weights of shape (sets, n) to values of shape (sets,), NaN for none.
        n: how many postings.
    """
    return {name: summary(values) for name, values in replicates(figures, n).items()}


def replicates(
    figures: Callable[[np.ndarray], dict[str, np.ndarray]], n: int
) -> dict[str, np.ndarray]:
    """Return each figure, and after it those of the draws, the same ones for any figures of n.

    Args:
        figures, n: see `estimate`.

    Returns:
        float64, shape (1 + `DRAWS`,) each.
    """
    parts = [figures(weights) for weights in itertools.chain([np.ones((1, n))], drawn(n))]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def summary(values: np.ndarray) -> Estimate:
    """Return the first of these values, and the interval of the others: see `replicates`."""
    value, draws = float(values[0]), values[1:]
    draws = draws[~np.isnan(draws)]
    if np.isnan(value) or not len(draws):
        return Estimate(None, None, None)
    low, high = np.quantile(draws, _LEVEL)
    return Estimate(*(round(float(figure), 4) for figure in (value, low, high)))
