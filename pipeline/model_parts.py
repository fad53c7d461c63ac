"""The parts of a model file that are neither text nor number: names, dtypes, arrays.

Each is described in the pickle as joblib and numpy do it, by names, calls and states. Here the
descriptions are compared with the ones there can be, and become plain records.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from pipeline.posting import ModelError

#: What an array of a model may hold, and how many bytes one number takes.
SIZES: Final = {"f4": 4, "f8": 8, "i4": 4, "i8": 8}

_ALIGNMENT = 16
#: By its text, which tells 3 from 3.0 and from True.
_DTYPE_STATES = {repr((3, order, None, None, None, -1, -1, 0)): order for order in "<>"}
_WRAPPER_KEYS = {
    "subclass", "shape", "order", "dtype", "allow_mmap", "numpy_array_alignment_bytes",
}  # fmt: skip


class Name(enum.Enum):
    """What a model file names, never looked up."""

    WRAPPER = ("joblib.numpy_pickle", "NumpyArrayWrapper")
    NDARRAY = ("numpy", "ndarray")
    DTYPE = ("numpy", "dtype")


class Wrapper:
    """An array wrapper that has not been told yet what it wraps."""


@dataclass
class Dtype:
    """A dtype by its code, such as ``f4``, and its byte order, empty until that is known."""

    code: str
    order: str = ""


@dataclass(frozen=True)
class StoredArray:
    """An array of one dimension, as it lies in the file.

    Attributes:
        dtype: what `numpy.dtype` takes, such as ``<f4``.
        length: how many numbers there are.
        start: where its first byte is.
    """

    dtype: str
    length: int
    start: int

    @property
    def end(self) -> int:
        """Where the first byte after it is."""
        return self.start + self.length * SIZES[self.dtype[1:]]


def refuse(reason: str) -> NoReturn:
    """Raise `ModelError` with a reason, half a sentence."""
    raise ModelError(reason)


def shown(text: str) -> str:
    """Return a text of a file that nobody vouches for as it may be shown: short, on one line."""
    return ascii(text[:60])[1:-1]


def name_of(module: Any, name: Any) -> Name:
    """Return what two texts name."""
    if type(name) is not str or type(module) is not str:
        refuse("it names something by what is no text")
    try:
        return Name((module, name))
    except ValueError:
        refuse(f"it names {shown(module)}.{shown(name)}, which no model file needs")


def made(named: Any, arguments: Any) -> Wrapper:
    """Return what a class makes without being called."""
    if named is not Name.WRAPPER or arguments != ():
        refuse("it makes an object that no model file needs")
    return Wrapper()


def called(named: Any, arguments: Any) -> Dtype:
    """Return what a call returns."""
    if named is not Name.DTYPE or type(arguments) is not tuple or len(arguments) != 3:
        refuse("it calls something that no model file needs")
    code, align, copy = arguments
    if code not in SIZES or align is not False or copy is not True:
        refuse(f"it has an array of dtype {shown(str(code))}; models have {', '.join(SIZES)}")
    return Dtype(code)


def finish(dtype: Dtype, state: Any) -> None:
    """Give a dtype its byte order, once."""
    if dtype.order or type(state) is not tuple or repr(state) not in _DTYPE_STATES:
        refuse("a dtype in it is not described as numpy does")
    dtype.order = _DTYPE_STATES[repr(state)]


def stored(state: Any, content: bytes, at: int) -> StoredArray:
    """Return the array that a wrapper is told of, whose padding begins at a byte of the file."""
    if type(state) is not dict or set(state) != _WRAPPER_KEYS:
        refuse("an array in it is not described as joblib does")
    shape, dtype = state["shape"], state["dtype"]
    if (
        state["subclass"] is not Name.NDARRAY
        or state["order"] != "C"
        or type(state["allow_mmap"]) is not bool
        or state["numpy_array_alignment_bytes"] != _ALIGNMENT
        or not isinstance(dtype, Dtype)
        or not dtype.order
    ):
        refuse("an array in it is not described as joblib does")
    if type(shape) is not tuple or len(shape) != 1 or type(shape[0]) is not int:
        refuse("an array in it has not one dimension")
    padding = _ALIGNMENT - (at + 1) % _ALIGNMENT
    start = at + 1 + padding
    if content[at:start] != bytes([padding]) + b"\xff" * padding:
        refuse("an array in it is not aligned as joblib does")
    (length,) = shape
    if not 0 <= length <= (len(content) - start) // SIZES[dtype.code]:
        refuse(f"an array in it says {length:,} numbers, more than the file holds")
    return StoredArray(dtype.order + dtype.code, length, start)
