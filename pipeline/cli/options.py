"""Options and arguments that several commands share."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from pipeline.posting import InputError

Command = TypeVar("Command", bound=Callable[..., Any])

FILE = click.Path(path_type=Path)

models = click.option(
    "--models",
    type=FILE,
    help="Models folder; see 'frontback models path'.",
)
model = click.option("--model", metavar="ID", help="Model to use instead of the active one.")
encoding = click.option("--encoding", help="Encoding of a CSV, if what is found is wrong.")
sheet = click.option("--sheet", metavar="NAME", help="Sheet of a workbook, if not the one found.")
overwrite = click.option("--overwrite", is_flag=True, help="Replace an existing output.")
text_column = click.option("--text-column", metavar="NAME", help="Column of the posting's text.")
detector = click.option(
    "--detector",
    type=click.Choice(["frontback", "langdetect"]),
    default="frontback",
    help="What tells the languages apart: frontback's own profiles, or langdetect.",
)
as_json = click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")


def read_source(argument: str) -> str:
    """Return the text that an argument stands for: "-" for standard input, a file, or itself.

    Raises:
        InputError: it names a file that is missing or cannot be read, or standard input is
            empty or no text.
    """
    from pipeline.documents import read_document
    from pipeline.encoding import decode

    if argument == "-":
        content = sys.stdin.buffer.read() if sys.stdin is not None else b""
        if not content:
            raise InputError("standard input: there is nothing in it; pipe a text in.")
        return decode(content, "standard input")
    if is_path(argument):
        return read_document(Path(argument))
    return argument


def is_path(argument: str) -> bool:
    """Whether an argument means a file: it exists, or is one word that looks like its name."""
    if len(argument) > 1_000 or "\n" in argument or "\0" in argument:
        return False
    if not argument.strip():
        return False
    path = Path(argument)
    try:
        exists = path.exists()
    except OSError:
        return False
    looks_like_one = bool(path.suffix[1:].isalnum()) or "/" in argument or "\\" in argument
    if not exists and looks_like_one and " " not in argument:
        raise InputError(
            f"{argument}: no such file; check the name and the folder (a text of one word goes"
            " in by '-')."
        )
    return exists
