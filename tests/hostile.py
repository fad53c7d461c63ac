"""Model files as somebody would write them who means harm, one technique each."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import pickle
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np

#: Instructions of the pickle language, by the names that pickletools gives them.
MARK, STOP, NONE, TRUE, FALSE, DICT, TUPLE0, LIST = (
    b"(",
    b".",
    b"N",
    b"\x88",
    b"\x89",
    b"}",
    b")",
    b"]",
)
NAME, REDUCE, NEWOBJ, BUILD, MEMO, SET = b"\x93", b"R", b"\x81", b"b", b"\x94", b"s"
WORK = 20_000_000


def text(value: str) -> bytes:
    return b"\x8c" + bytes([len(value.encode())]) + value.encode()


def name(module: str, attribute: str) -> bytes:
    return text(module) + text(attribute) + NAME


def call(module: str, attribute: str, *arguments: str) -> bytes:
    return name(module, attribute) + MARK + b"".join(map(text, arguments)) + b"t" + REDUCE


def holding(value: bytes) -> bytes:
    """Return a file of one dictionary, in which something lies."""
    return b"\x80\x04" + DICT + text("key") + value + SET + STOP


DTYPE = name("numpy", "dtype")
ORDERED = MARK + b"K\x03" + text("<") + NONE * 3 + b"J\xff\xff\xff\xff" * 2 + b"K\x00t" + BUILD


def dtype(code: str = "f4", flags: bytes = FALSE + TRUE) -> bytes:
    return DTYPE + text(code) + flags + b"\x87" + REDUCE + ORDERED


def array(
    shape: bytes = b"K\x02\x85",
    of: bytes = dtype(),
    subclass: bytes = name("numpy", "ndarray"),
    order: str = "C",
    before: bytes = b"",
    more: bytes = b"",
    payload: bytes = bytes(8),
    padding: bytes | None = None,
) -> bytes:
    """Return a file with an array, described as joblib does where nothing else is asked for."""
    begin = b"\x80\x04" + DICT + text("key") + name("joblib.numpy_pickle", "NumpyArrayWrapper")
    begin += (
        TUPLE0 + NEWOBJ + before + DICT + MARK + text("subclass") + subclass + text("shape") + shape
    )
    begin += text("order") + text(order) + text("dtype") + of + text("allow_mmap") + TRUE
    begin += text("numpy_array_alignment_bytes") + b"K\x10" + more + b"u" + BUILD
    length = 16 - (len(begin) + 1) % 16
    aligned = bytes([length]) + b"\xff" * length
    return begin + (aligned if padding is None else padding) + payload + SET + STOP


class Runs:
    """Makes a folder where it is unpickled."""

    def __init__(self, flag: Path) -> None:
        self.flag = flag

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.flag),)


def dumped(value: object, compress: Any = 0) -> bytes:
    stream = io.BytesIO()
    joblib.dump(value, stream, compress=compress)
    return stream.getvalue()


def _zip() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as packed:
        packed.writestr("data.pkl", b"cos\nsystem\n.")
    return stream.getvalue()


def _npy() -> bytes:
    stream = io.BytesIO()
    np.save(stream, np.array([{}], dtype=object), allow_pickle=True)
    return stream.getvalue()


def _second() -> bytes:
    return dumped({"key": 1})


#: What runs code in `joblib.load`; the folder that it makes is told to it.
RUNNING: dict[str, tuple[Callable[[str], bytes], str]] = {
    "a call of os.mkdir": (lambda flag: dumped({"key": Runs(Path(flag))}), r"names \w+\.mkdir"),
    "a shell command": (
        lambda flag: holding(call("os", "system", f'mkdir "{flag}"')), r"names os\.system"),
    "the old instruction for a name": (
        lambda flag: b"\x80\x04cos\nmkdir\n" + text(flag) + b"\x85R.", "GLOBAL"),
    "a pickle of protocol 0": (
        lambda flag: pickle.dumps({"key": Runs(Path(flag))}, protocol=0), "does not begin"),
    "the instruction INST": (
        lambda flag: b"\x80\x04(" + text(flag) + b"ios\nmkdir\n.", "INST"),
    "the instruction OBJ": (
        lambda flag: b"\x80\x04(" + name("os", "mkdir") + text(flag) + b"o.", r"names os\.mkdir"),
    "a dotted name through an allowed module": (
        lambda flag: holding(call("joblib.numpy_pickle", "os.mkdir", flag)),
        r"names joblib\.numpy_pickle\.os\.mkdir"),
    "a re-export of numpy": (
        lambda flag: holding(call("numpy.lib._utils_impl", "os.mkdir", flag)),
        r"names numpy\.lib\._utils_impl\.os\.mkdir"),
    "a re-export of scikit-learn": (
        lambda flag: holding(call("sklearn.datasets._base", "os.mkdir", flag)),
        r"names sklearn\.datasets\._base\.os\.mkdir"),
    "eval": (
        lambda flag: holding(call("builtins", "eval", f"__import__('os').mkdir({flag!r})")),
        r"names builtins\.eval"),
    "a call in the state of an allowed object": (
        lambda flag: array(more=text("filename") + call("os", "mkdir", flag)), r"names os\.mkdir"),
    "a call whose answer is dropped": (
        lambda flag: b"\x80\x04" + call("os", "mkdir", flag) + b"0" + DICT + STOP, r"os\.mkdir"),
    "a call in a key": (
        lambda flag: b"\x80\x04" + DICT + call("os", "mkdir", flag) + NONE + SET + STOP,
        r"os\.mkdir"),
    "an object array": (
        lambda flag: dumped({"key": np.array([Runs(Path(flag))], dtype=object)}), "dtype O8"),
    "a compressed object array": (
        lambda flag: dumped({"key": np.array([Runs(Path(flag))], dtype=object)}, 3),
        "does not begin as an uncompressed"),
    "objects in a structured array": (
        lambda flag: dumped({"key": np.array([(Runs(Path(flag)),)], dtype=[("a", "O")])}),
        "dtype V8"),
}  # fmt: skip

#: What harms in other ways, or would with another version of what reads it.
HARMFUL: dict[str, tuple[Callable[[str], bytes], str]] = {
    "a module that does something when it is imported": (
        lambda _: holding(name("antigravity", "geohash")), r"names antigravity\.geohash"),
    "BUILD on an allowed class": (
        lambda _: holding(
            name("joblib.numpy_pickle", "NumpyArrayWrapper")
            + DICT + text("read") + NONE + SET + BUILD),
        "changes what no model file changes"),
    "BUILD on numpy.dtype": (
        lambda _: holding(DTYPE + DICT + text("char") + NONE + SET + BUILD), "changes what"),
    "BUILD on a dictionary": (lambda _: holding(DICT + DICT + BUILD), "changes what"),
    "BUILD on a text": (lambda _: holding(text("a") + DICT + BUILD), "changes what"),
    "a call of ndarray": (
        lambda _: holding(name("numpy", "ndarray") + b"K\x02\x85R"), "calls something that no"),
    "an object of class ndarray": (
        lambda _: holding(name("numpy", "ndarray") + TUPLE0 + NEWOBJ), "makes an object"),
    "numpy's own way to make an array": (
        lambda _: pickle.dumps({"key": np.zeros(2)}, protocol=4), r"_reconstruct"),
    "numpy's own way to make a number": (
        lambda _: dumped({"key": np.float64(1)}), r"multiarray\.scalar"),
    "a dtype with lying flags": (
        lambda _: array(of=dtype().replace(b"K\x00t", b"K\x3ft")), "not described as numpy does"),
    "a dtype with a lying size": (
        lambda _: array(of=dtype().replace(b"J\xff\xff\xff\xff" * 2, b"K\x00K\x01")),
        "not described as numpy does"),
    "a dtype with fields": (
        lambda _: array(of=dtype().replace(NONE * 3, NONE + text("a") + NONE)),
        "not described as numpy does"),
    "a dtype that is changed twice": (
        lambda _: array(of=dtype() + ORDERED), "not described as numpy does"),
    "a dtype that is never finished": (
        lambda _: array(of=dtype().removesuffix(ORDERED)), "not described as joblib does"),
    "a dtype of objects": (lambda _: array(of=dtype("O8")), "dtype O8"),
    "a dtype of no bytes": (lambda _: array(of=dtype("V0")), "dtype V0"),
    "a dtype of empty texts": (lambda _: array(of=dtype("U0")), "dtype U0"),
    "a dtype of huge items": (lambda _: array(of=dtype("S2000000000")), "dtype S2000000000"),
    "a dtype parsed out of a text": (lambda _: array(of=dtype("f4,O")), "dtype f4,O"),
    "a dtype called with other flags": (lambda _: array(of=dtype(flags=TRUE * 2)), "dtype f4"),
    "a huge shape": (
        lambda _: array(shape=b"\x8a\x08" + struct.pack("<q", 10**15) + b"\x85"),
        "says 1,000,000,000,000,000 numbers"),
    "a shape one too long": (lambda _: array(shape=b"K\x05\x85"), "more than the file holds"),
    "a negative shape": (lambda _: array(shape=b"J\xff\xff\xff\xff\x85"), "says -1 numbers"),
    "a shape whose product overflows": (
        lambda _: array(shape=(b"\x8a\x08" + struct.pack("<q", 1 << 62)) * 2 + b"\x86"),
        "not one dimension"),
    "a shape of a fraction": (
        lambda _: array(shape=b"G" + struct.pack(">d", 2.0) + b"\x85"), "not one dimension"),
    "a shape of many dimensions": (
        lambda _: array(shape=MARK + b"K\x01" * 65 + b"t"), "65 items"),
    "a shape of no dimension": (lambda _: array(shape=TUPLE0), "not one dimension"),
    "another class of array": (
        lambda _: array(subclass=name("numpy", "memmap")), r"names numpy\.memmap"),
    "an allowed name in the wrong place": (lambda _: array(subclass=DTYPE), "as joblib does"),
    "another order": (lambda _: array(order="K"), "not described as joblib does"),
    "one more thing told to the wrapper": (
        lambda _: array(more=text("read") + NONE), "not described as joblib does"),
    "a wrapper told nothing": (
        lambda _: holding(name("joblib.numpy_pickle", "NumpyArrayWrapper") + TUPLE0 + NEWOBJ),
        "neither text nor number nor array"),
    "a wrapper called with arguments": (
        lambda _: holding(
            name("joblib.numpy_pickle", "NumpyArrayWrapper") + NONE + b"\x85" + NEWOBJ),
        "makes an object"),
    "a class as a value": (lambda _: holding(DTYPE), "neither text nor number nor array"),
    "a padding that reaches over the end": (
        lambda _: array(padding=b"\xff"), "not aligned as joblib|ends too early"),
    "a padding with something in it": (
        lambda _: array(padding=b"\x04cos\n"), "not aligned as joblib"),
    "joblib's legacy wrapper": (
        lambda _: holding(
            name("joblib.numpy_pickle_compat", "NDArrayWrapper") + TUPLE0 + NEWOBJ
            + DICT + text("filename") + text("/etc/passwd") + SET + BUILD),
        r"numpy_pickle_compat\.NDArrayWrapper"),
    "joblib's legacy compressed wrapper": (
        lambda _: holding(name("joblib.numpy_pickle_compat", "ZNDArrayWrapper") + TUPLE0 + NEWOBJ),
        r"ZNDArrayWrapper"),
    "joblib's legacy container": (
        lambda _: b"ZF" + hex(WORK)[2:].encode().ljust(19) + zlib.compress(bytes(WORK)),
        "does not begin"),
    "a zlib bomb": (lambda _: zlib.compress(bytes(WORK)), "does not begin"),
    "a gzip bomb": (lambda _: gzip.compress(bytes(WORK)), "does not begin"),
    "a bz2 bomb": (lambda _: bz2.compress(bytes(WORK)), "does not begin"),
    "an xz bomb": (lambda _: lzma.compress(bytes(WORK), preset=0), "does not begin"),
    "an lzma bomb": (
        lambda _: lzma.compress(bytes(WORK), lzma.FORMAT_ALONE, preset=0), "does not begin"),
    "an lz4 file": (lambda _: b"\x04\x22\x4d\x18" + bytes(99), "does not begin"),
    "what joblib compresses itself": (lambda _: dumped({"key": 1}, ("xz", 1)), "does not begin"),
    "lists that double": (
        lambda _: b"\x80\x04" + LIST + MEMO
        + b"".join(LIST + MEMO + b"h" + bytes([at]) + b"a" + b"h" + bytes([at]) + b"a"
                   for at in range(100)) + STOP,
        "one dictionary, list or array twice"),
    "tuples that double": (
        lambda _: b"\x80\x04" + TUPLE0 + (MEMO + b"\x85" + MEMO) * 100 + STOP,
        "tuple in it holds more than"),
    "a dictionary that holds itself": (
        lambda _: b"\x80\x04" + DICT + MEMO + text("key") + b"h\x00" + SET + STOP,
        "one dictionary, list or array twice"),
    "an array used twice": (
        lambda _: array(before=MEMO)[:-1] + text("too") + b"h\x00" + SET + STOP,
        "one dictionary, list or array twice"),
    "a place in the memo that wants gigabytes": (
        lambda _: holding(NONE + b"r\xff\xff\xff\xff"), "LONG_BINPUT"),
    "a value that was never stored": (lambda _: holding(b"j\xff\xff\xff\xff"), "not stored"),
    "tuples in tuples": (
        lambda _: b"\x80\x04" + TUPLE0 + b"\x85" * 100_000 + STOP, "tuple in it holds more than"),
    "dictionaries in dictionaries": (
        lambda _: b"\x80\x04" + (DICT + text("k")) * 5_000 + NONE + SET * 5_000 + STOP,
        "more than 8 deep"),
    "marks without end": (lambda _: b"\x80\x04" + MARK * 1_000_000 + STOP, "20,000 instructions"),
    "instructions without end": (
        lambda _: b"\x80\x04" + NONE * 5_000_000 + STOP, "20,000 instructions"),
    "a second pickle": (lambda _: _second() + _second(), "bytes follow after its end"),
    "a blank after the end": (lambda _: _second() + b"\n", "1 bytes follow after its end"),
    "a persistent id": (lambda _: holding(text("id") + b"Q"), "BINPERSID"),
    "a persistent id in a line": (lambda _: holding(b"Pid\n"), "PERSID"),
    "an extension code of one byte": (lambda _: holding(b"\x82\x01"), "EXT1"),
    "an extension code of two bytes": (lambda _: holding(b"\x83\x01\x00"), "EXT2"),
    "an extension code of four bytes": (lambda _: holding(b"\x84\x01\x00\x00\x00"), "EXT4"),
    "keyword arguments": (
        lambda _: holding(DTYPE + TUPLE0 + DICT + b"\x92"), "NEWOBJ_EX"),
    "bytes of a huge length": (
        lambda _: holding(b"\x8e" + struct.pack("<Q", 1 << 62)), "BINBYTES8"),
    "a byte array of a huge length": (
        lambda _: holding(b"\x96" + struct.pack("<Q", 1 << 62)), "BYTEARRAY8"),
    "a text of a huge length": (
        lambda _: holding(b"\x8d" + struct.pack("<Q", 1 << 62)), "BINUNICODE8"),
    "a number of a huge length": (
        lambda _: holding(b"\x8b" + struct.pack("<i", (1 << 31) - 1)), "LONG4"),
    "a number of 255 bytes": (lambda _: holding(b"\x8a\xff" + b"\x7f" * 255), "has 255 bytes"),
    "a number of a million digits": (lambda _: holding(b"L" + b"9" * 1_000_000 + b"L\n"), "LONG"),
    "a buffer from elsewhere": (lambda _: holding(b"\x97"), "NEXT_BUFFER"),
    "a frame that says it is huge": (
        lambda _: b"\x80\x04\x95" + struct.pack("<Q", (1 << 63) - 1) + _second()[2:],
        "reaches too far"),
    "a frame in a frame": (
        lambda _: b"\x80\x04" + (b"\x95" + struct.pack("<Q", 11)) * 2 + DICT + STOP,
        "reaches too far"),
    "a frame that cuts an instruction": (
        lambda _: b"\x80\x04\x95" + struct.pack("<Q", 3) + holding(NONE)[2:], "in two"),
    "a frame that goes on over an array": (
        lambda _: b"\x80\x04\x95" + struct.pack("<Q", len(array()) - 2) + array()[2:],
        "inside a frame"),
    "a key that comes twice": (
        lambda _: b"\x80\x04" + DICT + (text("key") + NONE + SET) * 2 + STOP, "comes twice"),
    "a key that is no text": (lambda _: b"\x80\x04" + DICT + NONE * 2 + SET + STOP, "is no text"),
    "a key that cannot be one": (
        lambda _: b"\x80\x04" + DICT + LIST + NONE + SET + STOP, "is no text"),
    "a key without a value": (
        lambda _: b"\x80\x04" + DICT + MARK + text("key") + b"u" + STOP, "lacks its value"),
    "a set": (lambda _: holding(b"\x8f"), "EMPTY_SET"),
    "items set on a class": (
        lambda _: holding(DTYPE + text("a") + NONE + SET), "what is no dictionary"),
    "items appended to a dictionary": (lambda _: holding(DICT + NONE + b"a"), "what is no list"),
    "a name that is made of numbers": (lambda _: holding(b"K\x01K\x02" + NAME), "what is no text"),
    "a name that would change the screen": (
        lambda _: holding(name("a\x1b[2J\n", "b\r" * 90)),
        r"names a\\x1b\[2J\\n\.b\\r(b\\r)*, which no"),
    "a text that is half a character": (
        lambda _: holding(b"\x8c\x03\xed\xa0\x80"), "not UTF-8"),
    "an instruction that there is not": (lambda _: holding(b"\xfe"), "unknown instruction fe"),
    "a value taken from an empty stack": (lambda _: b"\x80\x04s.", "lacks a value"),
    "a value taken from below a mark": (
        lambda _: b"\x80\x04" + DICT + MARK + NONE + SET + STOP, "lacks a value"),
    "a mark that was not set": (lambda _: b"\x80\x04" + DICT + b"u.", "lacks a mark"),
    "values left over": (lambda _: b"\x80\x04" + DICT + DICT + STOP, "ends in the middle"),
    "no dictionary at all": (lambda _: dumped([1, 2]), "holds no dictionary"),
    "an array alone": (lambda _: dumped(np.zeros(2)), "holds no dictionary"),
    "a list in a list": (lambda _: dumped({"key": [[1]]}), "list in it holds more than"),
    "a pickle of protocol 2": (lambda _: pickle.dumps({}, protocol=2), "does not begin"),
    "a zip archive": (lambda _: _zip(), "does not begin"),
    "a file of numpy with objects": (lambda _: _npy(), "does not begin"),
    "a web page": (lambda _: b"<!doctype html><script>alert(1)</script>", "does not begin"),
    "an empty file": (lambda _: b"", "does not begin"),
}  # fmt: skip
