"""Record what commands show on a terminal, as a picture: ``python -m docs.recording FILE.svg``.

The commands run one after another in a pseudo-terminal (Linux, macOS), with the active model, so
the picture holds what a person would see, colours included.
"""

from __future__ import annotations

import os
import pty
import re
import shlex
import subprocess
import sys
import termios
from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import CONSOLE_SVG_FORMAT, Console  # type: ignore[attr-defined]
from rich.text import Text

from pipeline import Tagger
from pipeline.places import corpus_folder

COMMANDS = (
    'frontback tag "Buscamos camarero/a para atender mesas y barra en restaurante del centro"',
    'frontback explain --title Medarbeider "Vi søker en medarbeider til legekontoret. '
    'Du tar imot pasienter i skranken. Du fører prøver inn i systemet."',
    'frontback detect "Vi søkjer ein kokk som ikkje er redd for travle dagar"',
    "frontback batch corpus/samples/ofertas.csv -o tagged.csv",
)
WIDTH = 100
_HEIGHT = 60
_ROOT = Path(__file__).resolve().parents[1]
_CONTROL = re.compile(r"(\n|\r|\x1b\[\d*A|\x1b\[2K|\x1b\[\?25[hl])")
# rich's own has a font from the web; where none of these is there, letters are set at its widths.
_FONTS = "ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace"
_FORMAT = re.sub(r"@font-face {{.*?}}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL).replace(
    "Fira Code, monospace", _FONTS
)


def record(commands: Sequence[str]) -> Console:
    """Run the commands, and return a console that has recorded them and what they showed.

    Raises:
        CalledProcessError: a command failed.
    """
    console = Console(record=True, width=WIDTH, file=StringIO(), highlight=False)
    with TemporaryDirectory() as folder:
        Path(folder, "corpus").symlink_to(corpus_folder())
        for number, command in enumerate(commands):
            console.print(Text.assemble("\n" if number else "", ("$ ", "green"), (command, "bold")))
            for line in on_screen(_run(command, folder)):
                console.print(Text.from_ansi(line))
    console.print("\n[green]$ [/]")  # so that the last line is not the picture's edge
    return console


def picture(console: Console) -> str:
    """Return what a console has recorded as an SVG that needs nothing else."""
    svg = console.export_svg(title="frontback", code_format=_FORMAT, unique_id="terminal")
    return re.sub(r"[ \t]*\n\s*", "\n", svg) + "\n"


def on_screen(output: str) -> list[str]:
    """Return the lines that are there when a program has ended, without those that it took back.

    Of what moves the cursor only what rich's progress does is understood: up, erase the line,
    hide and show.
    """
    lines, row = [""], 0
    for piece in _CONTROL.split(output):
        if piece == "\n":
            row += 1
            lines += [""] * (row == len(lines))
        elif piece.endswith("A") and piece.startswith("\x1b["):
            row -= int(piece[2:-1] or 1)
        elif piece == "\x1b[2K":
            lines[row] = ""
        elif not _CONTROL.fullmatch(piece):
            lines[row] += piece
    return lines[:-1] if lines[-1] == "" else lines


def _run(command: str, folder: str) -> str:
    """Return all that a command of frontback writes to a terminal."""
    ours, its = pty.openpty()
    termios.tcsetwinsize(its, (_HEIGHT, WIDTH))
    environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    for name in ("NO_COLOR", "COLUMNS", "LINES"):
        environment.pop(name, None)
    arguments = [sys.executable, "-c", "from pipeline.cli import main; main()"]
    with subprocess.Popen(
        [*arguments, *shlex.split(command)[1:]],
        stdin=its,
        stdout=its,
        stderr=its,
        cwd=folder,
        env={**environment, "PYTHONPATH": str(_ROOT)},
    ) as process:
        os.close(its)
        output = b""
        while part := _read(ours):
            output += part
    os.close(ours)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command, output)
    return output.decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65_536)
    except OSError:  # how Linux says that the other side is gone
        return b""


if __name__ == "__main__":
    Tagger.load()  # which trains one where there is none: no part of the picture
    Path(sys.argv[1]).write_text(picture(record(COMMANDS)), "utf-8")
