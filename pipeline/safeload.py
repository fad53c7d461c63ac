"""Read a model file without running anything that is in it.

A model file is `joblib.dump` of dictionaries, texts, numbers and arrays of numbers. No unpickler
reads it: `pipeline.model_pickle` does, which knows what such a file uses and refuses everything
else before a single array is made. What it holds must still be a model: `pipeline.model_schema`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from pipeline.model_parts import StoredArray, refuse, shown
from pipeline.model_pickle import MAX_DEPTH, parse
from pipeline.posting import ModelError

#: A model of all n-grams there can be has 176 MB: three blocks of `pipeline.ngrams.BUCKETS`, 12
#: bytes each, and two sieves over the words.
MAX_BYTES = 256 << 20


def load_arrays(content: bytes, source: Path | str) -> dict[str, Any]:
    """Return the dictionary that the bytes of a model file hold.

    Args:
        source: what the file is called in messages.

    Raises:
        ModelError: the bytes are no model file, or hold anything that a model does not need.
    """
    tree = _parse(content, source)
    for holder, key, _, value in _leaves(tree):
        if isinstance(value, StoredArray):
            there = np.frombuffer(content, value.dtype, value.length, value.start)
            holder[key] = there.astype(there.dtype.newbyteorder("="))  # a copy, and writable
    return tree


def contents(content: bytes, source: Path | str) -> list[str]:
    """Return what the bytes of a model file hold, a line each, without making any of it.

    Returns:
        ``features.word.idf  <f4  (291319,)``: key, dtype and shape; or key, type and value.

    Raises:
        ModelError: as `load_arrays`.
    """
    return [
        f"{path}  {value.dtype}  ({value.length},)"
        if isinstance(value, StoredArray)
        else f"{path}  {type(value).__name__}  {value!a}"
        for _, _, path, value in _leaves(_parse(content, source))
    ]


def _parse(content: bytes, source: Path | str) -> dict[str, Any]:
    try:
        if len(content) > MAX_BYTES:
            refuse(_too_large(len(content)))
        tree = parse(content)
        for _, _, path, value in _leaves(tree):
            if not isinstance(value, StoredArray | dict | tuple | list | str | int | float | None):
                refuse(f"{path} is neither text nor number nor array")
    except ModelError as error:
        _refuse_file(source, str(error))
    return tree


def _leaves(
    holder: dict[str, Any], path: str = "", depth: int = 0
) -> Iterator[tuple[dict[str, Any], str, str, Any]]:
    """Yield what dictionaries hold in the end: holder, key, path to show, value."""
    if depth > MAX_DEPTH:
        refuse(f"its dictionaries are more than {MAX_DEPTH} deep")
    for key, value in holder.items():
        here = f"{path}{shown(key)}"
        if isinstance(value, dict) and value:
            yield from _leaves(value, f"{here}.", depth + 1)
        else:
            yield holder, key, here, value


def _too_large(size: int) -> str:
    return f"it has {size:,} bytes, and no model has more than {MAX_BYTES:,}"


def _refuse_file(source: Path | str, reason: str) -> NoReturn:
    raise ModelError(f"{source}: refused, {reason}; train a new model.") from None
