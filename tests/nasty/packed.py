"""Tables packed with gzip and zstd: torn, swollen, packed twice, or called what they are not."""

from __future__ import annotations

import gzip as gzip_module

import pyarrow as pa

from tests.nasty.encodings import sheet
from tests.nasty.fault import Fault, kept, refused
from tests.nasty.json_files import lines
from tests.nasty.parquet_files import plain
from tests.nasty.spreadsheet import PLAIN, book

_BLOCK = 64_000_000  # bytes


def gzip(content: bytes) -> bytes:
    return gzip_module.compress(content, mtime=0)


def zstd(content: bytes) -> bytes:
    return pa.Codec("zstd").compress(content, asbytes=True)


_CSV = sheet().encode()


def bomb(pack: object) -> bytes:
    """Over three gigabytes of one row again and again, as parts that are packed one by one."""
    row = b"uno,dos\n"
    return pack(_CSV) + pack(row * (_BLOCK // len(row))) * 50  # type: ignore[operator]


def _both() -> dict[str, Fault]:
    found = {}
    for suffix, pack in (("gz", gzip), ("zst", zstd)):
        found |= {
            f"packed.csv.{suffix}": kept(3, lambda pack=pack: pack(_CSV)),
            f"packed.jsonl.{suffix}": kept(3, lambda pack=pack: pack(lines())),
            f"packed_in_parts.csv.{suffix}": kept(
                3, lambda pack=pack: pack(_CSV[:99]) + pack(b"") + pack(_CSV[99:])
            ),
            f"torn.csv.{suffix}": refused("not a readable", lambda pack=pack: pack(_CSV)[:-20]),
            f"torn_in_the_head.csv.{suffix}": refused(
                "not a readable", lambda pack=pack: pack(_CSV)[:3]
            ),
            f"garbage_behind.csv.{suffix}": refused(
                "not a readable", lambda pack=pack: pack(_CSV) + b"garbage"
            ),
            f"damaged.csv.{suffix}": refused(
                "not a readable", lambda pack=pack: pack(_CSV)[:20] + b"\xff" * 8 + pack(_CSV)[28:]
            ),
            f"blank.csv.{suffix}": refused("the file is empty", b""),
            f"blank_inside.csv.{suffix}": refused("empty", lambda pack=pack: pack(b"")),
            f"bomb.csv.{suffix}": refused("unpacks to more than", lambda pack=pack: bomb(pack)),
            f"packed_twice.csv.{suffix}": refused("packed", lambda pack=pack: pack(pack(_CSV))),
            f"not_packed.csv.{suffix}": refused("not a readable", _CSV),
            f"without_inner_suffix.{suffix}": kept(
                3, lambda pack=pack: pack(_CSV), not_copied="cannot be written"
            ),
            f"archive.tar.{suffix}": refused(
                ".tar", lambda pack=pack: pack(b"a.csv" + b"\0" * 2_000)
            ),
        }
    return found


FAULTS = _both() | {
    "packed.parquet.gz": kept(3, lambda: gzip(plain())),
    "packed.xlsx.gz": kept(3, lambda: gzip(book(PLAIN))),
    "really_gzip.csv.zst": refused("not a readable", lambda: gzip(_CSV)),
}
