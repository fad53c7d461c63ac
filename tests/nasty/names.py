"""Good tables under bad names, and things that are no files; where a system allows them."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from tests.nasty.encodings import sheet
from tests.nasty.fault import Fault, kept

_CSV = sheet().encode()


def no_file(path: Path) -> None:
    """A socket, which is neither file nor folder."""
    before = Path.cwd()
    os.chdir(path.parent)  # its address may have 100 characters only
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.chdir(before)


def read_by_none(path: Path) -> None:
    path.write_bytes(_CSV)
    path.chmod(0)


_ANYWHERE = {
    "-leading_dash.csv": kept(3, _CSV),
    ".leading_dot.csv": kept(3, _CSV),
    "white space  and 'quotes'.csv": kept(3, _CSV),
    "100 % {name!r} $HOME `x` ;x&.csv": kept(3, _CSV),
    "[bold red]markup[blink].csv": kept(3, _CSV),
    "emoji_👩‍👩‍👧‍👦_and_ÅÑ.csv": kept(3, _CSV),
    "decomposed_A\u030a.csv": kept(3, _CSV),
    "x" * 200 + ".csv": kept(3, _CSV),
    "two.suffixes.xlsx.csv": kept(3, _CSV),
    "CAPITALS.CSV": kept(3, _CSV),
    "a_folder.csv": Fault(refused="folder", by=Path.mkdir),
}
_POSIX = {
    "terminal\x1b]0;owned\x07 escapes\x9b31m.csv": kept(3, _CSV),
    "new\nline\rand\ttab.csv": kept(3, _CSV),
    "right_to_left_\u202evsc.exe.csv": kept(3, _CSV),
    'what?_is*<this>|:".csv': kept(3, _CSV),
    "back\\slash.csv": kept(3, _CSV),
    "å" * 125 + ".csv": kept(3, _CSV),
    "link_to_nothing.csv": Fault(
        refused="no such file", by=lambda path: path.symlink_to("gone.csv")
    ),
    "link_to_itself.csv": Fault(
        refused="cannot be read", by=lambda path: path.symlink_to(path.name)
    ),
    "link_to_a_device.csv": Fault(
        refused="ordinary file", by=lambda path: path.symlink_to("/dev/zero")
    ),
    "pipe.csv": Fault(refused="ordinary file", by=os.mkfifo),
    "pipe.xlsx": Fault(refused="ordinary file", by=os.mkfifo),
    "socket.csv": Fault(refused="ordinary file", by=no_file),
}

FAULTS: dict[str, Fault] = _ANYWHERE
DOCUMENTS: dict[str, Fault] = {}
if os.name == "posix":
    FAULTS |= _POSIX
    if os.geteuid():  # root may read everything
        FAULTS["no_permission.csv"] = Fault(refused="you may not read this file", by=read_by_none)
    DOCUMENTS["pipe.txt"] = Fault(refused="ordinary file", by=os.mkfifo)
