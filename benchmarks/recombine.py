"""Postings in any number, made from those of the corpus by recombination.

    python -m benchmarks.recombine postings.parquet --rows 100000
    python -m benchmarks.recombine a_corpus_folder --rows 10000

A posting is the beginning of one posting of the corpus, which also gives title and label, and
pieces of two others of its language, cut where lines, sentences and paragraphs end; postings with
markup are mixed among themselves. Its length is that of one drawn from the corpus, and three in a
hundred are very short. It ends with a reference number, so that no two are alike. The same seed
gives the same postings, and more rows begin with the same ones.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import accumulate, islice
from pathlib import Path
from random import Random
from typing import NamedTuple

import click
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.labelled import Labelled, read_corpus
from pipeline.places import corpus_folder

#: Rows of a row group: what most writers of large files keep to, and what stays in memory.
_GROUP_ROWS = 10_000
_SHORT, _SHORT_CHARS = 0.03, 80
#: How much of a posting is of the one that it has its label from, at least.
_OWN = 0.5
_ENDS = re.compile(r"(?<=\n)|(?<=[.!?] )|(?<=</p>)|(?<=</li>)")
_PLACES = ("Bergen", "Bilbao", "Bogotá", "Brisbane", "Leeds", "Lima", "Pune", "Tromsø")
#: The columns after ``title`` and ``text`` are nothing to a tagger; they have to come out as is.
_SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("title", pa.string()),
        ("text", pa.string()),
        ("place", pa.string()),
        ("employer", pa.int32()),
        ("hours", pa.float64()),
    ]
)


class Source(NamedTuple):
    """A posting of the corpus, and the pieces that its text can be cut into."""

    labelled: Labelled
    pieces: list[str]


def read_sources() -> list[list[Source]]:
    """Return the plain postings of the corpus in groups that may be mixed with each other."""
    groups: dict[tuple[str, bool], list[Source]] = defaultdict(list)
    for each in read_corpus(corpus_folder()).postings:
        if each.kind == "plain":
            text = each.posting.text + "\n"
            groups[each.language, "</" in text].append(Source(each, _ENDS.split(text)))
    return list(groups.values())


def recombined(rows: int, seed: int = 0) -> Iterator[tuple[Labelled, str]]:
    """Yield the posting that title and label are from, and the new text."""
    random, groups = Random(seed), read_sources()
    sizes = [len(group) for group in groups]
    for row in range(rows):
        (group,) = random.choices(groups, sizes)
        first, second, third, alike = random.choices(group, k=4)
        if random.random() < _SHORT:
            text = first.pieces[0][:_SHORT_CHARS].rpartition(" ")[0] + " "
        else:
            length = len(alike.labelled.posting.text)
            own = _part(first.pieces, _OWN * length) or first.pieces[:1]
            others = [*first.pieces[len(own) :], *second.pieces, *third.pieces]
            random.shuffle(others)
            text = "".join(own + _part(others, length - sum(map(len, own))))
        yield first.labelled, f"{text}Ref. {row:07d}"


def _part(pieces: list[str], length: float) -> list[str]:
    """Return as many of the first pieces as come nearest to a length in characters."""
    ends = accumulate(map(len, pieces))
    return [p for p, end in zip(pieces, ends, strict=True) if end - len(p) / 2 <= length]


def write_postings(path: Path, rows: int, seed: int = 0) -> int:
    """Write a Parquet file of recombined postings, a row group in memory at a time.

    Returns:
        The bytes (UTF-8) of all texts.
    """
    text_bytes = 0
    postings = enumerate(recombined(rows, seed))
    with pq.ParquetWriter(path, _SCHEMA) as writer:
        while part := list(islice(postings, _GROUP_ROWS)):
            cells = [
                (f"p{row:07d}", labelled.posting.title, text, _PLACES[row % len(_PLACES)],
                 row * 7919 % 3001, None if row % 5 == 0 else 7.5 * (row % 6))
                for row, (labelled, text) in part
            ]  # fmt: skip
            columns = zip(*cells, strict=True)
            arrays = [pa.array(c, field.type) for c, field in zip(columns, _SCHEMA, strict=True)]
            text_bytes += pc.sum(pc.binary_length(arrays[2])).as_py()
            writer.write_table(pa.Table.from_arrays(arrays, schema=_SCHEMA))
    return text_bytes


def write_corpus(folder: Path, rows: int, seed: int = 0) -> int:
    """Write a corpus folder of recombined postings: see `pipeline.labelled`.

    Returns:
        The bytes (UTF-8) of all texts.
    """
    text_bytes = 0
    (folder / "postings").mkdir(parents=True, exist_ok=True)
    with (folder / "postings" / "recombined.jsonl").open("w", encoding="utf-8") as file:
        for row, (each, text) in enumerate(recombined(rows, seed)):
            fields = {"id": f"p{row:07d}", "language": each.language, "isco08": each.isco,
                      "title": each.posting.title, "text": text, "label": each.label,
                      "share": each.share, "kind": "plain"}  # fmt: skip
            file.write(json.dumps(fields, ensure_ascii=False) + "\n")
            text_bytes += len(text.encode())
    return text_bytes


@click.command()
@click.argument("output", type=click.Path(path_type=Path))
@click.option("--rows", type=click.IntRange(1), default=100_000, show_default=True)
@click.option("--seed", type=int, default=0, show_default=True)
def main(output: Path, rows: int, seed: int) -> None:
    """Write recombined postings into OUTPUT: a file .parquet, or else a corpus folder."""
    write = write_postings if output.suffix == ".parquet" else write_corpus
    text_bytes = write(output, rows, seed)
    mean = text_bytes / rows
    click.echo(f"{rows:,} postings, {text_bytes / 1e6:,.1f} MB of text, {mean:,.0f} bytes each")


if __name__ == "__main__":
    main()
