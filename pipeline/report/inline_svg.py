"""A figure of matplotlib as SVG inside a page: its colours are the page's, in light and in dark."""

from __future__ import annotations

import re
import threading
import warnings
from collections.abc import Callable
from html import escape
from io import BytesIO
from typing import Any, Final

from lxml import etree

from pipeline.checking.finding import library

#: Colours of a figure, and the page's own that take their places.
INK, LINE, PAPER = "#010203", "#010204", "#010205"
FRONT, BACK, REVIEW, DOT = "#010206", "#010207", "#010208", "#010209"
_VARIABLES: Final = {
    INK: "var(--ink)",
    LINE: "var(--line)",
    PAPER: "var(--paper)",
    FRONT: "var(--front)",
    BACK: "var(--back)",
    REVIEW: "var(--wait)",
    DOT: "var(--dot)",
}
#: In inches; a picture is as wide as a phone, and stays so on paper.
WIDTH = 5.6
_SETTINGS: Final = {
    "svg.fonttype": "none",  # text stays text: it can be found, and read at any size
    "svg.hashsalt": "frontback",  # the same bytes each time
    "text.parse_math": False,  # what a cell says may have dollars in it
    "font.size": 12,
    "font.family": "DejaVu Sans",
    "text.color": INK,
    "axes.labelcolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.edgecolor": INK,
    "hatch.color": PAPER,
    "hatch.linewidth": 1.2,
}
_SVG = "{http://www.w3.org/2000/svg}"
_LINK = "{http://www.w3.org/1999/xlink}href"
_REFERENCE = re.compile(r"^#(.+)$|url\(#(.+?)\)")
# matplotlib's settings are those of the process.
_DRAWING = threading.Lock()


def check_library() -> None:
    """Raise `CorpusError` where matplotlib is not installed, before any work."""
    library("matplotlib.figure", "report")


def drawn(draw: Callable[[Any], None], height: float, name: str, label: str) -> str:
    """Return a figure as SVG.

    Args:
        draw: draws on the axes it is given.
        height: in inches.
        name: goes before its ids, which are then its own in the page.
        label: what the figure shows, as text.

    Raises:
        CorpusError: matplotlib is not installed.
    """
    figure_module = library("matplotlib.figure", "report")
    context = library("matplotlib", "report").rc_context
    file = BytesIO()
    with _DRAWING, context(_SETTINGS), warnings.catch_warnings():
        # The page's reader has the letters that matplotlib's own font lacks.
        warnings.filterwarnings("ignore", "Glyph .* missing from font", UserWarning)
        figure = figure_module.Figure(figsize=(WIDTH, height), layout="constrained")
        draw(figure.subplots())
        figure.savefig(file, format="svg", transparent=True, metadata={"Date": None})
    return _inline(file.getvalue(), name, label)


def _inline(content: bytes, name: str, label: str) -> str:
    root = etree.fromstring(content)
    for each in list(root.iter(f"{_SVG}metadata", f"{_SVG}style", etree.Comment)):
        parent = each.getparent()
        if parent is not None:
            parent.remove(each)
    values = [str(value) for each in root.iter() for value in each.attrib.values()]
    referred = {found for value in values for pair in _REFERENCE.findall(value) for found in pair}
    for each in root.iter():
        own = {str(key): str(value) for key, value in each.attrib.items()}
        each.attrib.clear()
        for key, value in _of_page(own, referred, f"{name}-").items():
            each.set(key, value)
    box = str(root.get("viewBox", ""))
    inner = "".join(etree.tostring(each, encoding="unicode") for each in root)
    inner = inner.replace(' xmlns="http://www.w3.org/2000/svg"', "").replace(
        ' xmlns:xlink="http://www.w3.org/1999/xlink"', ""
    )
    return (
        f'<svg role="img" aria-label="{escape(label)}" viewBox="{box}"'
        f' style="stroke-linejoin: round">{inner}</svg>'
    )


def _of_page(own: dict[str, str], referred: set[str], prefix: str) -> dict[str, str]:
    """Return the attributes of an element with the page's colours and with ids of its own."""
    found = {}
    for key, value in own.items():
        if key == "id":
            if value in referred:
                found[key] = prefix + value
        elif key == "fill" and value in _VARIABLES:  # attributes know no variables, styles do
            found["style"] = f"fill: {_VARIABLES[value]}"
        else:
            value = _coloured(value)  # before references: a colour begins as they do
            value = _REFERENCE.sub(lambda match: match[0].replace("#", f"#{prefix}"), value)
            found["href" if key == _LINK else key] = value
    return found


def _coloured(value: str) -> str:
    for colour, variable in _VARIABLES.items():
        value = value.replace(colour, variable)
    return value
