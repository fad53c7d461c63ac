"""Options and arguments that several commands share."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar, cast

import click

from pipeline.cli.console import printable
from pipeline.layout import Layout
from pipeline.places import corpus_folder
from pipeline.posting import InputError
from pipeline.wording import UI_LANGUAGES, choose

Command = TypeVar("Command", bound=Callable[..., Any])

FILE = click.Path(path_type=Path)


def _choose(context: click.Context, option: click.Parameter, language: str | None) -> None:
    # What came before in this process chose for itself; above a command stands the group's choice.
    if language or context.parent is None:
        choose(language or "")


models = click.option(
    "--models",
    type=FILE,
    help="Models folder; see 'frontback models path'.",
)
model = click.option("--model", metavar="ID", help="Model to use instead of the active one.")
encoding = click.option("--encoding", help="Encoding of a CSV, if what is found is wrong.")
delimiter = click.option(
    "--delimiter", metavar="CHAR", help="Delimiter of a CSV, if what is found is wrong; or 'tab'."
)
sheet = click.option("--sheet", metavar="NAME", help="Sheet of a workbook, if not the one found.")
overwrite = click.option("--overwrite", is_flag=True, help="Replace an existing output.")
text_column = click.option("--text-column", metavar="NAME", help="Column of the posting's text.")
detector = click.option(
    "--detector",
    type=click.Choice(["frontback", "langdetect"]),
    default="frontback",
    help="What tells the languages apart: frontback's own profiles, or langdetect.",
)
title_column = click.option("--title-column", metavar="NAME", help="Column of the job title.")
label_column = click.option("--label-column", metavar="NAME", help="Column of front or back.")
front_names = click.option(
    "--front", metavar="NAME", multiple=True, help="What the table calls front; may be repeated."
)
back_names = click.option(
    "--back", metavar="NAME", multiple=True, help="What the table calls back; may be repeated."
)
quiet = click.option("-q", "--quiet", is_flag=True, help="Say nothing but what goes wrong.")
workers = click.option(
    "--workers", type=click.IntRange(1), metavar="N", help="Cores to use, instead of all."
)
as_json = click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
ui_language = click.option(
    "--ui-language",
    type=click.Choice(list(UI_LANGUAGES)),
    expose_value=False,
    is_eager=True,
    callback=_choose,
    help="Language of what you read: English, Spanish, Norwegian; or set FRONTBACK_UI_LANGUAGE.",
)


def serving(command: Command) -> Command:
    """Add the options that say where a server listens."""
    for option in (
        click.option("--no-browser", "browse", flag_value=False, default=True, help="Open none."),
        click.option(
            "--port",
            type=click.IntRange(0, 65535),
            default=8000,
            show_default=True,
            help="Port to listen at; 0 for a free one.",
        ),
        click.option(
            "--host",
            metavar="ADDRESS",
            default="127.0.0.1",
            show_default=True,
            help="Address to listen at; others than this machine's own need the token.",
        ),
    ):
        command = option(command)
    return command


def layout(command: Command) -> Command:
    """Add all options that say how labelled tables are read, as one parameter ``layout``."""

    @wraps(command)
    def with_layout(
        title_column: str | None,
        text_column: str | None,
        label_column: str | None,
        front: tuple[str, ...],
        back: tuple[str, ...],
        sheet: str | None,
        encoding: str | None,
        delimiter: str | None,
        **others: Any,
    ) -> Any:
        columns = (title_column, text_column, label_column)
        return command(layout=Layout(*columns, sheet, encoding, delimiter, front, back), **others)

    given = (title_column, text_column, label_column, front_names, back_names)
    options = (*given, sheet, encoding, delimiter)
    for option in reversed(options):
        with_layout = option(with_layout)
    return cast("Command", with_layout)


def corpora(command: Command) -> Command:
    """Add the options that say what is trained on, as one parameter ``sources``."""

    @wraps(command)
    def with_sources(corpus: tuple[Path, ...], extra: tuple[Path, ...], **others: Any) -> Any:
        return command(sources=[*(corpus or (corpus_folder(),)), *extra], **others)

    for option in (
        click.option(
            "--extra",
            type=FILE,
            multiple=True,
            metavar="DIR | FILE",
            help="Corpus folder, labelled table or reviews to train on as well; may be repeated.",
        ),
        click.option(
            "--corpus",
            type=FILE,
            multiple=True,
            metavar="DIR | FILE",
            help="Corpus folder or labelled table, instead of the corpus that came with frontback;"
            " may be repeated.",
        ),
    ):
        with_sources = option(with_sources)
    return cast("Command", with_sources)


corrections = click.option(
    "--corrections",
    type=FILE,
    multiple=True,
    metavar="FILE",
    help="Table of suspects whose column 'correct' you have filled; may be repeated.",
)
estimator = click.option(
    "--estimator",
    type=click.Choice(["logistic", "sgd", "svm", "nb"]),
    default="logistic",
    show_default=True,
    help="What learns the weights of the words; see docs/estimators.md.",
)
settings = click.option(
    "--set",
    "settings",
    metavar="KEY=VALUE",
    multiple=True,
    help="Parameter of the model: C, min_df, precision, grey; may be repeated.",
)


class Share(click.FloatRange):
    """A share up to 1; click takes NaN for a number within any range."""

    def __init__(self, least: float) -> None:
        super().__init__(least, 1)

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return the number."""
        share = float(super().convert(value, param, ctx))
        if share != share:
            self.fail(f"{value!r} is no share; write one like 0.95.")
        return share


class _Shard(click.ParamType[tuple[int, int]]):
    name = "i/n"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int]:
        part, _, parts = str(value).partition("/")
        if not (part.isdecimal() and parts.isdecimal() and 1 <= int(part) <= int(parts)):
            self.fail(f"{value!r} is no part of the rows; write 2/8 for the second of eight.")
        return int(part), int(parts)


SHARD = _Shard()


def use_cores(workers: int | None) -> None:
    """Have the kernels use so many cores, all of them for None."""
    if workers is not None:
        from pipeline.reading_compiled import use_cores

        use_cores(workers)


def tell(message: str) -> None:
    """Print what went wrong where the command goes on."""
    click.secho(f"frontback: {printable(message)}", err=True, fg="red")


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
