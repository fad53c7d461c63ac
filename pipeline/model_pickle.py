"""The pickle of a model file, read without an unpickler.

`joblib.dump` of dictionaries, texts, numbers and arrays uses 31 instructions of the pickle language
and three names from outside it. This reads those and refuses all others. It never looks a name up,
calls nothing and builds no object: what it returns are dictionaries, lists, tuples, texts, numbers,
and for an array where its bytes lie. joblib writes the bytes of an array into the midst of the
pickle, so whatever looks for instructions in the whole file (`pickletools.genops` and the scanners
built on it) loses its way at the first array; this one steps over them.

https://github.com/python/cpython/blob/main/Lib/pickletools.py says what each instruction does.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any, Final

from pipeline.model_parts import (
    Dtype,
    Name,
    Wrapper,
    called,
    finish,
    made,
    name_of,
    refuse,
    shown,
    stored,
)
from pipeline.posting import ModelError

#: A model has some 600 instructions, and no deeper dictionary than ``features.word``.
MAX_INSTRUCTIONS, MAX_DEPTH = 20_000, 8
#: Tuples and lists hold a few numbers: the longest is the state of a dtype.
MAX_ITEMS = 8


def parse(content: bytes) -> dict[str, Any]:
    """Return what the bytes of a model file hold, each array as `StoredArray`.

    Raises:
        ModelError: why they are refused, half a sentence.
    """
    if content[:2] not in (b"\x80\x04", b"\x80\x05"):
        refuse("it does not begin as an uncompressed joblib file does")
    return _Machine(content).run()


def _instruction(code: bytes) -> str:
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
                refuse(f"it uses {_instruction(code)} at byte {begin:,}, which no model file needs")
            step(self)
            if begin < self.frame_end < self.at and code != b"b":
                refuse(f"the frame that ends at byte {self.frame_end:,} cuts an instruction in two")
        raise ModelError(f"it has more than {MAX_INSTRUCTIONS:,} instructions")

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
        if not isinstance(found, str | tuple | Name | Dtype):
            refuse("it uses one dictionary, list or array twice")
        self.stack.append(found)

    def name(self) -> None:
        name, module = self.pop(), self.pop()
        self.stack.append(name_of(module, name))

    def new(self) -> None:
        arguments, named = self.pop(), self.pop()
        self.stack.append(made(named, arguments))

    def reduce(self) -> None:
        arguments, named = self.pop(), self.pop()
        self.stack.append(called(named, arguments))

    def build(self) -> None:
        state, built = self.pop(), self.pop()
        if isinstance(built, Dtype):
            finish(built, state)
            self.stack.append(built)
        elif isinstance(built, Wrapper):
            if self.at < self.frame_end:
                refuse("an array in it begins inside a frame")
            array = stored(state, self.content, self.at)
            self.at = array.end
            self.stack.append(array)
        else:
            refuse("it changes what no model file changes")


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
