"""Which rows are one part of the output."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from pipeline.cluster.columns import Layout, layout, tag_names
from pipeline.cluster.model import Packed
from pipeline.posting import InputError
from pipeline.tables.columns import find_columns

#: Bytes of a part, unpacked: some 15 s of a core, so that cores which end early wait little, and
#: what a worker that dies takes with it is soon done again.
PART_BYTES = 200_000_000


#: What the names of versions begin with among the settings of a run.
VERSION = "the version of "


@dataclass(frozen=True)
class Look:
    """What a worker found out about a file.

    Attributes:
        place: the file.
        state: size and time of change.
        names: its columns.
        groups: rows and bytes, unpacked, of each row group.
    """

    place: str
    state: tuple[int, int]
    names: tuple[str, ...]
    groups: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Part:
    """Consecutive row groups of a file, which become one file of the output.

    Attributes:
        name: of the file that is written.
        source, state: the file that is read, and its size and time of change.
        first, stop: its row groups, from the first to the one before ``stop``.
        rows: how many rows there are in them.
        layout: what happens to the columns.
    """

    name: str
    source: str
    state: tuple[int, int]
    first: int
    stop: int
    rows: int
    layout: Layout


def parts_of(
    looks: Sequence[Look], title_column: str | None = None, text_column: str | None = None
) -> list[Part]:
    """Return the parts of the output, in the order of the files and of their rows.

    The tags are called the same in all parts. A file without rows is a part without rows.

    Raises:
        InputError: a file has no text column, or none has a row.
    """
    if not any(rows for look in looks for rows, _ in look.groups):
        raise InputError(f"{looks[0].place}: there is no row in it or in the other files.")
    names = tag_names(*(look.names for look in looks))
    parts: list[Part] = []
    for look in looks:
        read = find_columns(look.names, look.place, title_column, text_column)
        to = layout(look.names, read, names)
        for first, stop in _ranges(look.groups):
            rows = sum(rows for rows, _ in look.groups[first:stop])
            name = f"part-{len(parts):05d}.parquet"
            parts.append(Part(name, look.place, look.state, first, stop, rows, to))
    return parts


def _ranges(groups: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield ranges of row groups of about `PART_BYTES`; one where there is no group."""
    first, size = 0, 0
    for at, (_, unpacked) in enumerate(groups):
        if at > first and size + unpacked > PART_BYTES:
            yield first, at
            first, size = at, 0
        size += unpacked
    yield first, len(groups)


def settings_of(packed: Packed, parts: Sequence[Part]) -> dict[str, Any]:
    """Return what the output depends on, by the name that a message gives it, as JSON has it."""
    by_source = {part.source: part for part in parts}
    settings = {
        "the input": {place: part.state for place, part in by_source.items()},
        "the model": packed.manifest["id"],
        "the detector": packed.detector,
        **{f"{VERSION}{name}": number for name, number in packed.versions.items()},
        "the choice of columns": {place: asdict(part.layout) for place, part in by_source.items()},
        "the division into parts": [
            (part.name, part.source, part.first, part.stop, part.rows) for part in parts
        ],
    }
    return dict(json.loads(json.dumps(settings)))
