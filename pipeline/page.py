"""A page of HTML that needs nothing else: no script, no network, pictures inside.

It opens offline, prints, and follows the light or dark that its reader has chosen. Whatever text
goes in is escaped here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

from pipeline.posting import OutputError

# Whatever a posting or a manifest holds, a browser loads and runs nothing for it.
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
_STYLE = """
:root { color-scheme: light dark; --ink: #222; --paper: #fff; --faint: #555; --line: #ddd;
  --right: #e3efdc; --wrong: #f6dcd5; --review: #f2f2f2;
  --dot: #28536b; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e4e4; --paper: #1b1b1b; --faint: #b0b0b0;
  --line: #444; --right: #29402a; --wrong: #57302a; --review: #333; --dot: #7fb4d0; } }
@media print { :root { color-scheme: light; --ink: #000; --paper: #fff; --faint: #444;
  --line: #ccc; --right: #e3efdc; --wrong: #f6dcd5; --review: #f2f2f2;
  --dot: #28536b; } tr, svg, img { break-inside: avoid; }
  h2 { break-after: avoid; } body { margin: 0; } }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 75rem; margin: 2rem auto; padding: 0 1rem;
  color: var(--ink); background: var(--paper); }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; }
p, li { max-width: 50rem; overflow-wrap: anywhere; }
.table { overflow-x: auto; } table { border-collapse: collapse; }
th, td { padding: .3rem .7rem; text-align: left; vertical-align: top; font-weight: normal;
  border-bottom: 1px solid var(--line); unicode-bidi: isolate; overflow-wrap: break-word; }
th { font-weight: bold; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
small { color: var(--faint); display: block; } img, svg { max-width: 100%; height: auto; }
.right { background: var(--right); } .wrong { background: var(--wrong); }
.review { background: var(--review); } .band { fill: var(--review); }
.dot { fill: var(--dot); fill-opacity: .85; }
mark { color: inherit; border-bottom: 2px solid; border-radius: 2px; padding: 0 .1em; }
mark.front { background: rgb(240 130 30 / var(--shade)); border-color: rgb(200 90 0); }
mark.back { background: rgb(60 140 220 / var(--shade)); border-bottom-style: dotted;
  border-color: rgb(60 140 220); }
.s1 { --shade: .13; } .s2 { --shade: .28; } .s3 { --shade: .45; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
"""


def check_page_name(output: Path) -> None:
    """Raise `OutputError` where the name of a report is not that of a page."""
    if output.suffix.lower() not in (".html", ".htm"):
        raise OutputError(f"{output}: the report is a page; name it .html.")


def page(title: str, parts: Iterable[str], language: str = "en", style: str = "") -> str:
    """Return a whole page.

    Args:
        title: as text; it is in the head and is the only heading of the first rank.
        parts: as HTML.
        language: its code, which tells a screen reader how to say the page.
        style: more of CSS, for what this page alone has.
    """
    return (
        f'<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}{style}</style>\n</head>\n<body>\n"
        f"<main>\n<h1>{escape(title)}</h1>\n" + "\n".join(parts) + "\n</main>\n</body>\n</html>\n"
    )


def table(
    head: Sequence[str], rows: Iterable[Sequence[str]], numbers: bool = False, caption: str = ""
) -> str:
    """Return a table.

    Args:
        head: names of the columns, as text.
        rows: cells, as `cell` and `number` make them.
        numbers: whether all columns but the first hold numbers.
        caption: what the table shows, as text; "" where the text above it says so.
    """
    region = f' role="region" aria-label="{escape(caption)}"' if caption else ""
    shown = f"<caption>{escape(caption)}</caption>" if caption else ""
    names = "".join(
        f'<th scope="col"{" class=n" if numbers and place else ""}>{escape(name)}</th>'
        for place, name in enumerate(head)
    )
    body = "\n".join(f"<tr>{''.join(cells)}</tr>" for cells in rows)
    # Wide tables scroll by themselves, for the mouse and for the keyboard.
    return (
        f'<div class="table" tabindex="0"{region}>\n'
        f"<table>{shown}\n<thead><tr>{names}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>\n</div>"
    )


def cell(text: str, small: str = "", tag: str = "td") -> str:
    """Return a cell of text, with small print below; that of a row's name has the tag ``th``."""
    scope = ' scope="row"' if tag == "th" else ""
    return f"<{tag}{scope}>{escape(text)}{_small(small)}</{tag}>"


def number(shown: str, small: str = "", kind: str = "") -> str:
    """Return a cell with a number, with small print below; kind: right, wrong, review or none."""
    return f'<td class="{f"n {kind}".strip()}">{escape(shown)}{_small(small)}</td>'


def _small(text: str) -> str:
    return f"<small>{escape(text)}</small>" if text else ""
