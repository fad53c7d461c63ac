"""The pickle of a model file, read without an unpickler.

`joblib.dump` of dictionaries, texts, numbers and arrays uses 28 instructions of the pickle language
and three names from outside it. This reads those and refuses all others. It never looks a name up,
calls nothing and builds no object: what it returns are dictionaries, lists, tuples, texts, numbers,
and for an array where its bytes lie. joblib writes the bytes of an array into the midst of the
pickle, so whatever looks for instructions in the whole file (`pickletools.genops` and the scanners
built on it) loses its way at the first array; this one steps over them.

https://github.com/python/cpython/blob/main/Lib/pickletools.py says what each instruction does.
"""

from __future__ import annotations

import enum
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from pipeline.posting import ModelError

#: A model has some 600 instructions, and no deeper dictionary than ``features.word``.
MAX_INSTRUCTIONS, MAX_DEPTH = 20_000, 8
#: Tuples and lists hold a few numbers: the longest is the state of a dtype.
MAX_ITEMS = 8
#: What an array of a model may hold, and how many bytes one number takes.
SIZES: Final = {"f4": 4, "f8": 8, "i4": 4, "i8": 8}

_ALIGNMENT = 16
#: By its text, which tells 3 from 3.0 and from True.
_DTYPE_STATES = {repr((3, order, None, None, None, -1, -1, 0)): order for order in "<>"}
_WRAPPER_KEYS = {
    "subclass", "shape", "order", "dtype", "allow_mmap", "numpy_array_alignment_bytes",
}  # fmt: skip


class _Name(enum.Enum):
    WRAPPER = ("joblib.numpy_pickle", "NumpyArrayWrapper")
    NDARRAY = ("numpy", "ndarray")
    DTYPE = ("numpy", "dtype")


class _Wrapper:
    """An array wrapper that has not been told yet what it wraps."""


@dataclass
class _Dtype:
    code: str
    order: str = ""


@dataclass(frozen=True)
class Stored:
    """An array of one dimension, as it lies in the file.

    Attributes:
        dtype: what `numpy.dtype` takes, such as ``<f4``.
        length: how many numbers there are.
        start: where its first byte is.
    """

    dtype: str
    length: int
    start: int


def shown(text: str) -> str:
    """Return a text of a file that nobody vouches for as it may be shown: short, on one line."""
    return ascii(text[:60])[1:-1]


def parse(content: bytes) -> dict[str, Any]:
    """Return what the bytes of a model file hold, each array as `Stored`.

    Raises:
        ModelError: why they are refused, half a sentence.
    """
    if content[:2] not in (b"\x80\x04", b"\x80\x05"):
        refuse("it does not begin as an uncompressed joblib file does")
    return _Machine(content).run()


def refuse(reason: str) -> NoReturn:
    """Raise `ModelError` with a reason, half a sentence."""
    raise ModelError(reason)


def _called(code: bytes) -> str:
    import pickletools  # for a message alone

    names = {opcode.code: opcode.name for opcode in pickletools.opcodes}
    return names.get(code.decode("latin-1"), f"the unknown instruction {code.hex()}")


class _Machine:
    def __init__(self, content: bytes) -> None:
        self.content = content
        self.at = 2
        self.frame_end = 0
        self.stack: list[Any] = []
        self.marks: list[int] = []
        self.memo: list[Any] = []

    def run(self) -> dict[str, Any]:
        for _ in range(MAX_INSTRUCTIONS):
            begin = self.at
            code = self.take(1)
            if code == b".":
                return self.result()
            step = _STEPS.get(code)
            if step is None:
                refuse(f"it uses {_called(code)} at byte {begin:,}, which no model file needs")
            step(self)
            if begin < self.frame_end < self.at and code != b"b":
                refuse(f"the frame that ends at byte {self.frame_end:,} cuts an instruction in two")
        refuse(f"it has more than {MAX_INSTRUCTIONS:,} instructions")

    def result(self) -> dict[str, Any]:
        if self.at != len(self.content):
            refuse(f"{len(self.content) - self.at:,} bytes follow after its end")
        if self.at < self.frame_end or self.marks or len(self.stack) != 1:
            refuse("it ends in the middle")
        (found,) = self.stack
        if not isinstance(found, dict):
            refuse("it holds no dictionary")
        return found

    def take(self, count: int) -> bytes:
        """Return the next bytes of the file."""
        taken = self.content[self.at : self.at + count]
        if len(taken) < count:
            refuse("it ends too early")
        self.at += count
        return taken

    def number(self, layout: str) -> Any:
        """Return the number that comes next in the file."""
        return struct.unpack(layout, self.take(struct.calcsize(layout)))[0]

    def top(self) -> Any:
        if len(self.stack) <= (self.marks[-1] if self.marks else 0):
            refuse("an instruction lacks a value")
        return self.stack[-1]

    def pop(self) -> Any:
        self.top()
        return self.stack.pop()

    def pop_to_mark(self) -> list[Any]:
        if not self.marks:
            refuse("an instruction lacks a mark")
        mark = self.marks.pop()
        items = self.stack[mark:]
        del self.stack[mark:]
        return items

    def frame(self) -> None:
        # Frames tell a reader how much to fetch. Here they only have to be true: where two readers
        # could see two files, neither is the one that was checked.
        begin, length = self.at - 1, self.number("<Q")
        if begin < self.frame_end or length > len(self.content) - self.at:
            refuse(f"the frame at byte {begin:,} reaches too far")
        self.frame_end = self.at + length

    def text(self) -> None:
        try:
            self.stack.append(self.take(self.number("<B")).decode("utf-8"))
        except UnicodeDecodeError:
            refuse("a text in it is not UTF-8")

    def long(self) -> None:
        length = self.number("<B")
        if length > 8:
            refuse(f"a number in it has {length} bytes")
        self.stack.append(int.from_bytes(self.take(length), "little", signed=True))

    def items(self, kind: type[tuple[Any, ...]] | type[list[Any]], items: list[Any]) -> None:
        # Tuples and lists hold no others, so nothing grows by being used again and again.
        if len(items) > MAX_ITEMS:
            refuse(f"a {kind.__name__} in it has {len(items):,} items")
        if any(not isinstance(item, str | int | float | None) for item in items):
            refuse(f"a {kind.__name__} in it holds more than texts and numbers")
        self.stack.append(kind(items))

    def tuple_of(self, count: int) -> None:
        self.items(tuple, [self.pop() for _ in range(count)][::-1])

    def append(self, items: list[Any]) -> None:
        found = self.pop()
        if type(found) is not list:
            refuse("something is appended to what is no list")
        # A new list: the old one may be in the memo, which is not to change.
        self.items(list, found + items)

    def set_items(self, items: list[Any]) -> None:
        found = self.top()
        if type(found) is not dict:
            refuse("items are set on what is no dictionary")
        if len(items) % 2:
            refuse("a key of a dictionary lacks its value")
        for key, value in zip(items[::2], items[1::2], strict=True):
            if type(key) is not str:
                refuse("a key of a dictionary is no text")
            if key in found:
                refuse(f"the key '{shown(key)}' comes twice")
            found[key] = value

    def set_item(self) -> None:
        value, key = self.pop(), self.pop()
        self.set_items([key, value])

    def memoize(self) -> None:
        self.memo.append(self.top())

    def get(self, place: int) -> None:
        if place >= len(self.memo):
            refuse("it asks for a value that it has not stored")
        found = self.memo[place]
        # A dictionary, list or array stands in one place: no cycles, and nothing that doubles.
        if not isinstance(found, str | tuple | _Name | _Dtype):
            refuse("it uses one dictionary, list or array twice")
        self.stack.append(found)

    def name(self) -> None:
        name, module = self.pop(), self.pop()
        if type(name) is not str or type(module) is not str:
            refuse("it names something by what is no text")
        try:
            self.stack.append(_Name((module, name)))
        except ValueError:
            refuse(f"it names {shown(module)}.{shown(name)}, which no model file needs")

    def new(self) -> None:
        arguments, named = self.pop(), self.pop()
        if named is not _Name.WRAPPER or arguments != ():
            refuse("it makes an object that no model file needs")
        self.stack.append(_Wrapper())

    def reduce(self) -> None:
        arguments, named = self.pop(), self.pop()
        if named is not _Name.DTYPE or type(arguments) is not tuple or len(arguments) != 3:
            refuse("it calls something that no model file needs")
        code, align, copy = arguments
        if code not in SIZES or align is not False or copy is not True:
            refuse(f"it has an array of dtype {shown(str(code))}; models have {', '.join(SIZES)}")
        self.stack.append(_Dtype(code))

    def build(self) -> None:
        state, built = self.pop(), self.pop()
        if isinstance(built, _Dtype):
            if built.order or type(state) is not tuple or repr(state) not in _DTYPE_STATES:
                refuse("a dtype in it is not described as numpy does")
            built.order = _DTYPE_STATES[repr(state)]
            self.stack.append(built)
        elif isinstance(built, _Wrapper):
            self.stack.append(self.array(state))
        else:
            refuse("it changes what no model file changes")

    def array(self, state: Any) -> Stored:
        if type(state) is not dict or set(state) != _WRAPPER_KEYS:
            refuse("an array in it is not described as joblib does")
        shape, dtype = state["shape"], state["dtype"]
        if (
            state["subclass"] is not _Name.NDARRAY
            or state["order"] != "C"
            or type(state["allow_mmap"]) is not bool
            or state["numpy_array_alignment_bytes"] != _ALIGNMENT
            or not isinstance(dtype, _Dtype)
            or not dtype.order
        ):
            refuse("an array in it is not described as joblib does")
        if type(shape) is not tuple or len(shape) != 1 or type(shape[0]) is not int:
            refuse("an array in it has not one dimension")
        if self.at < self.frame_end:
            refuse("an array in it begins inside a frame")
        padding = _ALIGNMENT - (self.at + 1) % _ALIGNMENT
        if self.take(padding + 1) != bytes([padding]) + b"\xff" * padding:
            refuse("an array in it is not aligned as joblib does")
        (length,), start = shape, self.at
        if not 0 <= length <= (len(self.content) - start) // SIZES[dtype.code]:
            refuse(f"an array in it says {length:,} numbers, more than the file holds")
        self.at += length * SIZES[dtype.code]
        return Stored(dtype.order + dtype.code, length, start)


def _push(make: Callable[[_Machine], Any]) -> Callable[[_Machine], None]:
    return lambda machine: machine.stack.append(make(machine))


#: Each instruction that a model file uses, by its byte.
_STEPS: Final[dict[bytes, Callable[[_Machine], None]]] = {
    b"\x95": _Machine.frame,
    b"(": lambda machine: machine.marks.append(len(machine.stack)),
    b"N": _push(lambda machine: None),
    b"\x88": _push(lambda machine: True),
    b"\x89": _push(lambda machine: False),
    b"K": _push(lambda machine: machine.number("<B")),
    b"M": _push(lambda machine: machine.number("<H")),
    b"J": _push(lambda machine: machine.number("<i")),
    b"G": _push(lambda machine: machine.number(">d")),
    b"\x8a": _Machine.long,
    b"\x8c": _Machine.text,
    b"}": _push(lambda machine: {}),
    b"s": _Machine.set_item,
    b"u": lambda machine: machine.set_items(machine.pop_to_mark()),
    b"]": _push(lambda machine: []),
    b"a": lambda machine: machine.append([machine.pop()]),
    b"e": lambda machine: machine.append(machine.pop_to_mark()),
    b")": lambda machine: machine.tuple_of(0),
    b"\x85": lambda machine: machine.tuple_of(1),
    b"\x86": lambda machine: machine.tuple_of(2),
    b"\x87": lambda machine: machine.tuple_of(3),
    b"t": lambda machine: machine.items(tuple, machine.pop_to_mark()),
    b"\x94": _Machine.memoize,
    b"h": lambda machine: machine.get(machine.number("<B")),
    b"j": lambda machine: machine.get(machine.number("<I")),
    b"\x93": _Machine.name,
    b"\x81": _Machine.new,
    b"R": _Machine.reduce,
    b"b": _Machine.build,
}
