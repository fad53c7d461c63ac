"""Which tables a batch reads, and where each one's tags go."""

from __future__ import annotations

import glob
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from pipeline.output import cause
from pipeline.posting import InputError, OutputError
from pipeline.tables import is_table, kind_of
from pipeline.tables.streams import received, send

#: Kinds of table that are read only, by the kind that is written instead.
_WRITTEN = {".xls": ".xlsx", ".ods": ".xlsx"}


def pairs(inputs: Sequence[str], output: Path) -> list[tuple[Path, Path]]:
    """Return each table with the file that its tags go to.

    One table goes to the output itself, unless that is a folder; more go into it by their names.

    Args:
        inputs: files, folders, and patterns as shells know them (``*.csv``) that no shell resolved.
        output: a file, or a folder that need not be there yet.

    Raises:
        InputError: there is no such file, a pattern or folder has no table, or two tables have one
            name.
        OutputError: there are several tables, and the output is a file.
    """
    found = [source for each in inputs for source in _tables(each)]
    one_file = len(found) == 1 and found[0] in map(Path, inputs)
    if one_file and not output.is_dir():
        return [(found[0], output)]
    if output.is_file() or is_table(output):
        raise OutputError(
            f"{output}: several tables, and those of a folder, go into a folder; name one with -o."
        )
    ensure_folder(output)
    twice = [
        name
        for name, n in Counter(target_in(output, source).name for source in found).items()
        if n > 1
    ]
    if twice:
        raise InputError(
            f"{twice[0]}: {len(twice)} names stand for more than one input; tag these one by one."
        )
    return [(source, target_in(output, source)) for source in found]


class Piping(NamedTuple):
    """A table that comes from standard input, goes to standard output, or both.

    Attributes:
        table: the files that stand for these.
        names: what messages call input and output; None where the file is the user's.
    """

    table: tuple[Path, Path]
    names: tuple[Path | None, Path | None]


@contextmanager
def piped(inputs: Sequence[str], output: Path) -> Iterator[Piping]:
    """Yield files in place of "-"; what was written goes to standard output at the end.

    Raises:
        InputError: there is nothing in standard input, or there are other inputs beside it.
    """
    if len(inputs) > 1:
        raise InputError("-: a pipe carries one table; leave out the other inputs, or the -.")
    with ExitStack() as stack:
        source = Path(inputs[0])
        if from_pipe := inputs[0] == "-":
            source = stack.enter_context(received(sys.stdin.buffer))
        target = output
        if to_pipe := str(output) == "-":
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="frontback-"))
            target = target_in(Path(folder), source)
        yield Piping(
            (source, target),
            (
                Path("standard input") if from_pipe else None,
                Path("standard output") if to_pipe else None,
            ),
        )
        if to_pipe:
            send(target, sys.stdout.buffer)


def tables_in(folder: Path) -> list[Path]:
    """Return the tables that lie in a folder, by name; hidden ones and Excel's locks left out."""
    return [path for path in sorted(folder.iterdir()) if _is_meant(path)]


def _is_meant(path: Path) -> bool:
    return path.name[0] not in ".~" and is_table(path) and path.is_file()


def _tables(argument: str) -> Iterator[Path]:
    path = Path(argument)
    if path.is_dir() and (tables := tables_in(path)):
        yield from tables
    elif path.exists() or not glob.has_magic(argument):
        yield path
    else:
        tables = [path for path in map(Path, sorted(_matching(argument))) if _is_meant(path)]
        if not tables:
            raise InputError(f"{argument}: no table matches this; check the pattern.")
        yield from tables


def _matching(pattern: str) -> list[str]:
    return glob.glob(pattern, recursive=True)  # noqa: PTH207 - pathlib's takes no absolute one


def target_in(folder: Path, source: Path) -> Path:
    """Return the output of a table in a folder: its own name, in a kind that can be written."""
    if source.is_dir():
        return folder / f"{source.resolve().name}.csv"
    return folder / f"{source.name}{_WRITTEN.get(kind_of(source), '')}"


def ensure_folder(folder: Path) -> None:
    """Make the folder if it is not there.

    Raises:
        OutputError: the system refuses.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{folder}: {cause(error)}.") from error
