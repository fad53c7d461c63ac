"""Parquet files: damaged, or with columns of types and names that are rarely tried."""

from __future__ import annotations

import io
import struct
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq

from tests.nasty.fault import POSTINGS, kept, refused

_TITLES, _TEXTS = (list(column) for column in zip(*POSTINGS, strict=True))


def parquet(columns: dict[str, object] | pa.Table, **how: object) -> bytes:
    table = columns if isinstance(columns, pa.Table) else pa.table(columns)
    out = io.BytesIO()
    pq.write_table(table, out, **how)
    return out.getvalue()


def plain(**more: object) -> bytes:
    return parquet({"title": _TITLES, "description": _TEXTS} | more)


def described(description: object) -> bytes:
    return parquet({"title": _TITLES, "description": description})


def not_utf8() -> bytes:
    texts = pa.array([_TEXTS[0].encode("cp1252"), b"\xff\xfe", _TEXTS[2].encode()]).view(
        pa.string()
    )
    lists = pa.ListArray.from_arrays(pa.array([0, 1, 1, 3], pa.int32()), texts)
    return parquet({"description": texts, "few": texts.dictionary_encode(), "many": lists})


def damaged() -> bytes:
    """A file whose footer is whole and whose pages are not."""
    content = bytearray(plain())
    content[4:200] = bytes(196)
    return bytes(content)


def odd_types() -> bytes:
    return plain(
        decimal=pa.array([Decimal("1.10"), None, Decimal("-0.01")]),
        unsigned=pa.array([2**64 - 1, 0, None], pa.uint64()),
        half=pa.array([1.5, None, float("nan")], pa.float16()),
        struct=[{"a": [1, None]}, None, {"a": []}],
        map=pa.array([[("k", 1)], [], None], pa.map_(pa.string(), pa.int8())),
        fixed=pa.array([b"ab", None, b"\xff\0"], pa.binary(2)),
        nothing=pa.nulls(3),
        list=pa.array([["a"], None, [None]], pa.large_list(pa.large_string())),
        truth=[True, None, False],
    )


def odd_times() -> bytes:
    return plain(
        far=pa.array([5_000_000, None, -5_000_000], pa.date32()),
        before=pa.array([-(2**62), None, 2**62], pa.timestamp("us")),
        zone=pa.array([1, 2, None], pa.timestamp("ms", "Mars/Base")),
        fine=pa.array([1, 10**18, None], pa.timestamp("ns", "Europe/Oslo")),
        time=pa.array([86_399_999_999_999, None, 0], pa.time64("ns")),
        span=pa.array([2**62, None, -1], pa.duration("us")),
    )


def tagged() -> bytes:
    old = {"office": ["back"] * 3, "p_front": [0.5] * 3, "share": [1] * 3, "language": ["xx"] * 3}
    tags = old | {"reason": ["old"] * 3, "model": ["old"] * 3}
    return parquet({"title": _TITLES} | tags | {"description": _TEXTS})


def twins() -> bytes:
    columns = [pa.array([1, 2, 3]), pa.array(["a", "b", None]), pa.array(_TEXTS), pa.nulls(3)]
    return parquet(pa.Table.from_arrays(columns, ["id", "id", "description", ""]))


def empty_groups() -> bytes:
    """A file with row groups of no rows before, between and behind the others."""
    whole = pa.table({"title": _TITLES, "description": _TEXTS})
    out = io.BytesIO()
    with pq.ParquetWriter(out, whole.schema) as writer:
        for part in (whole[:0], whole[:1], whole[:0], whole[1:], whole[:0]):
            writer.write_table(part)
    return out.getvalue()


def with_metadata() -> bytes:
    table = pa.table({"description": _TEXTS})
    return parquet(table.replace_schema_metadata({b"pandas": b"{not json", b"\xff": b"\0\xff"}))


FAULTS = {
    "blank.parquet": refused("the file is empty", b""),
    "torn.parquet": refused("not a readable Parquet file", lambda: plain()[:-200]),
    "only_the_magic.parquet": refused("not a readable Parquet file", b"PAR1"),
    "footer_length_that_lies.parquet": refused(
        "not a readable Parquet file", lambda: plain()[:-8] + struct.pack("<I", 2**31) + b"PAR1"
    ),
    "pages_are_damaged.parquet": refused("damaged", damaged),
    "really_csv.parquet": refused("not a readable Parquet file", b"title,description\na,b\n"),
    "encrypted.parquet": refused("not a readable Parquet file", b"PARE" + b"\1" * 99 + b"PARE"),
    "no_rows.parquet": refused(
        "no row below the header", lambda: parquet({"description": pa.array([], pa.string())})
    ),
    "no_columns.parquet": refused("no row below the header", lambda: parquet({})),
    "no_column_of_text.parquet": refused(
        "no column looks like", lambda: parquet({"a": [1], "b": [2]})
    ),
    "texts_are_not_utf-8.parquet": kept(3, not_utf8),
    "texts_are_lists.parquet": kept(3, lambda: described([["uno", "dos"], None, [None, "tres"]])),
    "texts_are_structs.parquet": kept(
        3, lambda: described([{"html": "<b>uno</b>"}, None, {"html": None}])
    ),
    "texts_are_dictionary_encoded.parquet": kept(
        3, lambda: described(pa.array(["uno", None, "uno"]).dictionary_encode())
    ),
    "texts_are_binary.parquet": kept(3, lambda: described([_TEXTS[0].encode(), b"\xff\0", None])),
    "texts_are_large_strings.parquet": kept(
        3, lambda: described(pa.array(_TEXTS, pa.large_string()))
    ),
    "texts_are_string_views.parquet": kept(
        3, lambda: described(pa.array(_TEXTS, pa.string_view()))
    ),
    "texts_are_numbers.parquet": kept(3, lambda: described([1, None, 3])),
    "texts_are_all_missing.parquet": kept(3, lambda: described(pa.nulls(3))),
    "texts_have_nul_and_escapes.parquet": kept(
        3, lambda: described(["a\0b", "\x1b[2J\x9b", "\r\n"])
    ),
    "formula_texts.parquet": kept(3, lambda: described(["=cmd|' /C calc'!A0", "'=1", "@x"])),
    "odd_types.parquet": kept(3, odd_types),
    "year_15000_and_other_times.parquet": kept(3, odd_times),
    "duplicate_and_blank_names.parquet": kept(3, twins),
    "names_with_escapes.parquet": kept(
        3, lambda: plain(**{"a\x1b[2J\nb": [1, 2, 3], "=1+1": [1, 2, 3]})
    ),
    "many_row_groups.parquet": kept(
        500, lambda: parquet({"description": [f"uno {n}" for n in range(500)]}, row_group_size=1)
    ),
    "empty_row_groups.parquet": kept(3, empty_groups),
    "2_000_columns.parquet": kept(
        3, lambda: plain(**{f"c{n}": [n, None, n] for n in range(2_000)})
    ),
    "metadata_that_is_not_text.parquet": kept(3, with_metadata),
    "tagged_before.parquet": kept(3, tagged),
}
