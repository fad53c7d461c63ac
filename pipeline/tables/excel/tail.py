"""Widths, filter and colours of a sheet, as XML, and where in a sheet they must stand."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.tables.excel.parts import elements, start_tag, with_attribute
from pipeline.tables.excel.places import Area

#: The order that the format prescribes; Excel calls a sheet damaged that has another.
_ORDER = (
    "sheetPr dimension sheetViews sheetFormatPr cols sheetData sheetCalcPr sheetProtection"
    " protectedRanges scenarios autoFilter sortState dataConsolidate customSheetViews mergeCells"
    " phoneticPr conditionalFormatting dataValidations hyperlinks printOptions pageMargins"
    " pageSetup headerFooter rowBreaks colBreaks customProperties cellWatches ignoredErrors"
    " smartTags drawing legacyDrawing legacyDrawingHF drawingHF picture oleObjects controls"
    " webPublishItems tableParts extLst"
).split()
RANK = {name: rank for rank, name in enumerate(_ORDER)}

#: Text and ground of a tag's cell: readable on white, and in black and white.
COLOURS = {
    "front": ("FF006100", "FFC6EFCE"),
    "back": ("FF1F4E78", "FFDDEBF7"),
    "review": ("FF7F6000", "FFFFEB9C"),
}


def is_office(name: str) -> bool:
    """Whether a column of this name holds offices; the prefix is for sheets that have one too."""
    return name.split("frontback_")[-1] == "office"


def formats(prefix: str = "") -> str:
    """Return the formats of `COLOURS` as styles hold them."""
    return "".join(
        f'<{prefix}dxf><{prefix}font><{prefix}color rgb="{text}"/></{prefix}font><{prefix}fill>'
        f'<{prefix}patternFill patternType="solid"><{prefix}fgColor rgb="{ground}"/>'
        f'<{prefix}bgColor rgb="{ground}"/></{prefix}patternFill></{prefix}fill></{prefix}dxf>'
        for text, ground in COLOURS.values()
    )


def colouring(covered: Area, format_: int, priority: int, prefix: str = "") -> str:
    """Return the rules that colour an area by what its cells say.

    Args:
        covered: the cells.
        format_: number of the first of `formats` in the styles.
        priority: of the first rule; each rule of a sheet has its own.
    """
    rules = "".join(
        f'<{prefix}cfRule type="cellIs" dxfId="{format_ + number}" priority="{priority + number}"'
        f' operator="equal"><{prefix}formula>"{word}"</{prefix}formula></{prefix}cfRule>'
        for number, word in enumerate(COLOURS)
    )
    name = f"{prefix}conditionalFormatting"
    return f'<{name} sqref="{covered}">{rules}</{name}>'


def columns(widths: Mapping[int, float], prefix: str = "") -> str:
    """Return elements that say how wide columns are."""
    return "".join(_column(number, widths[number], prefix) for number in sorted(widths))


def widened(part: bytes, widths: Mapping[int, float], prefix: str = "") -> bytes:
    """Return a sheet's ``<cols>`` with the widths of some columns set.

    Two elements that speak of one column make a sheet damaged, so one that speaks of several is
    split around a column that is set. Columns keep their style, and are hidden no more.
    """
    root, *old = elements(part)
    pieces: list[tuple[int, bytes]] = []
    unset = set(widths)
    for each in old:
        tag = start_tag(part, each.start).rstrip(b"/>") + b"/>"
        first, last = int(each.attributes["min"]), int(each.attributes["max"])
        begin = first
        for number in sorted(number for number in widths if first <= number <= last):
            if begin < number:
                pieces.append((begin, _between(tag, begin, number - 1)))
            new = _column(number, widths[number], prefix, each.attributes.get("style"))
            pieces.append((number, new.encode()))
            unset.discard(number)
            begin = number + 1
        if begin <= last:
            pieces.append((begin, tag if begin == first else _between(tag, begin, last)))
    pieces += [(number, _column(number, widths[number], prefix).encode()) for number in unset]
    inner = b"".join(piece for _, piece in sorted(pieces))
    opened = start_tag(part, root.start)
    if opened.endswith(b"/>"):
        opened = opened[:-2] + b">"
    return opened + inner + f"</{prefix}cols>".encode()


def _between(tag: bytes, first: int, last: int) -> bytes:
    return with_attribute(with_attribute(tag, "min", str(first)), "max", str(last))


def _column(number: int, width: float, prefix: str, style: str | None = None) -> str:
    styled = f' style="{style}"' if style else ""
    return f'<{prefix}col min="{number}" max="{number}" width="{width}"{styled} customWidth="1"/>'
