"""A reliability diagram drawn from its bins alone, as SVG: no library, the same everywhere."""

from __future__ import annotations

import math
from html import escape

from pipeline.card_blocks import Bin, Diagram

_SPREAD = 1.96  # standard errors: 95 %
_SIDE, _LEFT, _TOP, _BELOW, _RIGHT = 200, 42, 28, 40, 10
_TICKS = (0, 0.5, 1)


def draw(diagram: Diagram) -> str:
    """Return a picture for each part, in one line where there is room."""
    return "\n".join(
        _picture(name, bins, diagram.band) for name, bins in diagram.parts.items()
    )  # fmt: skip


def _picture(name: str, bins: list[Bin], band: float | None) -> str:
    n = sum(each.postings for each in bins)
    told = "; ".join(f"said {b.said:.2f}, front {b.seen:.2f}" for b in bins)
    width, height = _LEFT + _SIDE + _RIGHT, _TOP + _SIDE + _BELOW
    end = _TOP + _SIDE
    parts = [
        f'<svg role="img" width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
        f' aria-label="{escape(f"Reliability, {name}: {told}")}" font-size="12"'
        ' fill="currentColor">',
        f'<text x="{_LEFT + _SIDE / 2:g}" y="16" text-anchor="middle" font-weight="bold">'
        f"{escape(name)}: {n:,}</text>",
        _review(band),
        f'<rect x="{_LEFT}" y="{_TOP}" width="{_SIDE}" height="{_SIDE}" fill="none"'
        ' stroke="currentColor" stroke-opacity=".4"/>',
        _line(0, 0, 1, 1, 'stroke="currentColor" stroke-opacity=".5"'),
    ]
    for tick in _TICKS:
        parts.append(
            f'<text x="{_x(tick):g}" y="{end + 15}" text-anchor="middle">{tick:g}</text>'
            f'<text x="{_LEFT - 6}" y="{_y(tick) + 4:g}" text-anchor="end">{tick:g}</text>'
        )
    parts.append(
        f'<text x="{_x(0.5):g}" y="{end + 32}" text-anchor="middle">p_front</text>'
        f'<text transform="translate(12 {_y(0.5):g}) rotate(-90)" text-anchor="middle">'
        "share that is front</text>"
    )
    for each in bins:
        # How far chance alone would take the share from what was said.
        chance = _SPREAD * math.sqrt(each.said * (1 - each.said) / each.postings)
        low, high = max(each.said - chance, 0), min(each.said + chance, 1)
        style = 'stroke="currentColor" stroke-opacity=".35" stroke-width="5"'
        parts.append(_line(each.said, low, each.said, high, style))
    for each in bins:
        radius = 2.5 + 5 * math.sqrt(each.postings / n)
        parts.append(
            f'<circle cx="{_x(each.said):.1f}" cy="{_y(each.seen):.1f}" r="{radius:.1f}"'
            ' class="dot"/>'
        )
    return "".join([*parts, "</svg>"])


def _review(band: float | None) -> str:
    """Return the shade over what goes to review."""
    if not band or band > 0.5:
        return ""
    return (
        f'<rect class="band" x="{_x(0.5 - band):.1f}" y="{_TOP}" width="{2 * band * _SIDE:.1f}"'
        f' height="{_SIDE}"/>'
    )


def _line(x: float, y: float, to_x: float, to_y: float, style: str) -> str:
    return (
        f'<line x1="{_x(x):.1f}" y1="{_y(y):.1f}" x2="{_x(to_x):.1f}" y2="{_y(to_y):.1f}" {style}/>'
    )


def _x(p_front: float) -> float:
    return _LEFT + p_front * _SIDE


def _y(share: float) -> float:
    return _TOP + (1 - share) * _SIDE
