"""Whether the contents of a model file are a model: known keys, shapes that agree, sound numbers.

A file can be read safely and still be nonsense. What is checked here is what `pipeline.scoring`
relies on, so that a wrong file is one sentence when it is loaded, not a wrong tag later.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pipeline.model_parts import refuse, shown
from pipeline.ngrams import BUCKETS, MAX_LETTERS
from pipeline.parameters import NAMES, missed
from pipeline.posting import ModelError

_KEYS = {
    "parameters", "ngrams", "features", "coef", "intercept", "scale", "band", "share_logits",
    "shares", "sieves",
}  # fmt: skip
#: In the order of their columns; a model may lack one.
_BLOCKS = ("word", "char", "title")
_SIEVES = {"no_posting", "several_roles"}
#: Beyond these no training gets; a whole number of `pipeline.scoring` holds a thousandfold of the
#: largest product.
_MOST = {"idf": 50.0, "length": 10.0, "coef": 1e4}
#: Beyond this a logit is certainty.
_FAR = 1e6
#: Isotonic regression takes means, which may lie outside by a rounding.
_ROUNDING = 1e-6


def check_model(state: dict[str, Any], source: object) -> None:
    """Raise `ModelError` unless this is what `OfficeClassifier.get_state` returns.

    Args:
        state: what `pipeline.safeload.load_arrays` returned.
        source: what the file or the model is called in messages.
    """
    try:
        _check(state)
    except ModelError as error:
        raise ModelError(
            f"{source}: the file lacks what a model needs ({error});"
            " train one with 'frontback train'."
        ) from None


def _check(state: dict[str, Any]) -> None:
    _keys(state, _KEYS, "the model")
    _parameters(state["parameters"])
    _ngrams(state["ngrams"])
    widths = _features(state["features"])
    _weights(state["coef"], sum(widths.values()), "coef")
    _number(state["intercept"], -_FAR, _FAR, "intercept")
    _number(state["scale"], -_FAR, _FAR, "scale")
    _number(state["band"], 0.0, 0.5, "band")
    _share_map(state["share_logits"], state["shares"])
    _keys(state["sieves"], _SIEVES, "sieves")
    for kind, sieve in state["sieves"].items():
        _keys(sieve, {"coef", "intercept"}, f"sieves.{kind}")
        _weights(sieve["coef"], widths.get("word", 0), f"sieves.{kind}.coef")
        _number(sieve["intercept"], -_FAR, _FAR, f"sieves.{kind}.intercept")


def _keys(found: Any, wanted: set[str], name: str) -> None:
    if not isinstance(found, dict):
        refuse(f"{name} is no dictionary")
    if missing := wanted - found.keys():
        refuse(f"{name} has no {', '.join(sorted(missing))}")
    if unknown := found.keys() - wanted:
        refuse(f"{name} has a key that no model has, '{shown(min(unknown))}'")


def _parameters(found: Any) -> None:
    """Check the parameters of the estimator; those that are not there have their defaults."""
    if not isinstance(found, dict):
        refuse("parameters is no dictionary")
    if unknown := found.keys() - NAMES:
        refuse(f"parameters has a key that no model has, '{shown(min(unknown))}'")
    for name, value in found.items():
        if wanted := missed(name, value):
            refuse(f"parameters.{name} is not {wanted}")


def _ngrams(found: Any) -> None:
    _keys(found, {"word_ngrams", "char_ngrams", "title_ngrams", "word_length"}, "ngrams")
    if type(found["word_ngrams"]) is not int or found["word_ngrams"] not in (1, 2):
        refuse("ngrams.word_ngrams is neither 1 nor 2")
    for name in ("char_ngrams", "title_ngrams"):
        lengths = found[name]
        if (
            not isinstance(lengths, tuple | list)
            or len(lengths) != 2
            or any(type(length) is not int for length in lengths)
            or not 1 <= lengths[0] <= lengths[1] <= MAX_LETTERS
        ):
            refuse(f"ngrams.{name} is not the shortest and the longest length")
    _number(found["word_length"], 0.0, _MOST["length"], "ngrams.word_length")


def _features(found: Any) -> dict[str, int]:
    """Return how many n-grams each block knows."""
    if not isinstance(found, dict) or not found:
        refuse("features is no dictionary of blocks")
    if list(found) != [name for name in _BLOCKS if name in found]:
        refuse(f"features has other blocks than {', '.join(_BLOCKS)}, or another order")
    for name, block in found.items():
        _keys(block, {"buckets", "idf", "length"}, f"features.{name}")
        buckets = _array(block["buckets"], "i4", f"features.{name}.buckets")
        idf = _array(block["idf"], "f4", f"features.{name}.idf")
        if len(buckets) != len(idf):
            refuse(f"features.{name} has {len(buckets):,} buckets and {len(idf):,} idf")
        if len(buckets) and (buckets[0] < 0 or buckets[-1] >= BUCKETS):
            refuse(f"features.{name}.buckets reaches outside the {BUCKETS:,} there are")
        if not (buckets[1:] > buckets[:-1]).all():
            refuse(f"features.{name}.buckets is not ascending")
        if not _within(idf, 0.0, _MOST["idf"]):
            refuse(f"features.{name}.idf is not finite, or not from 0 to {_MOST['idf']:g}")
        _number(block["length"], 0.0, _MOST["length"], f"features.{name}.length")
    return {name: len(block["buckets"]) for name, block in found.items()}


def _weights(found: Any, width: int, name: str) -> None:
    if len(_array(found, "f4", name)) != width:
        refuse(f"{name} has {len(found):,} coefficients for {width:,} n-grams")
    if not _within(found, -_MOST["coef"], _MOST["coef"]):
        refuse(f"{name} is not finite, or beyond {_MOST['coef']:g}")


def _share_map(logits: Any, shares: Any) -> None:
    for name, found in (("share_logits", logits), ("shares", shares)):
        if not (np.diff(_array(found, "f8", name)) >= 0).all():
            refuse(f"{name} is not ascending")
    if len(logits) != len(shares):
        refuse(f"share_logits has {len(logits):,} knots and shares {len(shares):,}")
    if not _within(logits, -_FAR, _FAR):
        refuse("share_logits is not finite")
    if not _within(shares, -_ROUNDING, 100 + _ROUNDING):
        refuse("shares is not from 0 to 100")


def _array(found: Any, dtype: str, name: str) -> np.ndarray:
    if not isinstance(found, np.ndarray) or found.ndim != 1 or found.dtype != dtype:
        refuse(f"{name} is no row of {dtype}")
    return found


def _number(found: Any, least: float, most: float, name: str) -> None:
    if type(found) not in (int, float) or not least <= found <= most:
        refuse(f"{name} is no number from {least:g} to {most:g}")


def _within(found: np.ndarray, least: float, most: float) -> bool:
    # NaN is in no minimum and maximum that a comparison holds for.
    return not len(found) or bool(least <= found.min() and found.max() <= most)
