"""Plots as SVG: bars and curves on logarithmic scales, the same bytes for the same figures.

They have no background and follow the colour scheme of who looks at them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import NamedTuple

WIDTH, LEFT, RIGHT, TOP = 760, 200, 90, 34
COLOURS = ("#2a78d6", "#c2571a", "#1b8a5a", "#8a4fbf", "#a8780c", "#c03a63", "#5b7083", "#3b8ea5")
_STYLE = """<style>
text { font: 13px system-ui, sans-serif; fill: #24292f }
.title { font-weight: 600; font-size: 15px }
.small { font-size: 12px }
.grid { stroke: #8c959f; stroke-opacity: .35 }
.other { fill: #8c959f }
@media (prefers-color-scheme: dark) { text { fill: #d1d7e0 } }
</style>"""


class Bar(NamedTuple):
    """One bar: what it is, its length, what stands behind it, and whether it is one of ours."""

    name: str
    value: float
    told: str
    ours: bool


def bars(title: str, unit: str, rows: Sequence[Bar]) -> str:
    """Horizontal bars on a logarithmic scale."""
    low, high = _decades([row.value for row in rows])
    height = TOP + 26 * len(rows) + 44

    def across(value: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * _share(value, low, high)

    parts = [_text(0, 16, title, "title")]
    bottom = TOP + 26 * len(rows) + 4
    for decade in range(low, high + 1):
        x = across(10.0**decade)
        parts.append(_line(x, TOP - 4, x, bottom))
        parts.append(_text(x, bottom + 16, _number(10.0**decade), "small", "middle"))
    parts.append(_text(LEFT, bottom + 34, unit, "small"))
    for place, row in enumerate(rows):
        y = TOP + 26 * place
        parts.append(_text(LEFT - 8, y + 16, row.name, "", "end"))
        look = f'fill="{COLOURS[0]}"' if row.ours else 'class="other"'
        parts.append(
            f'<rect x="{LEFT}" y="{y + 3}" width="{across(row.value) - LEFT:.1f}" height="18" rx="2" {look}/>'
        )
        parts.append(_text(across(row.value) + 6, y + 16, row.told, "small"))
    return _whole(height, title, parts)


def curves(
    title: str,
    across: str,
    up: str,
    lines: Mapping[str, Sequence[tuple[float, float]]],
    colours: Mapping[str, str],
) -> str:
    """Lines through points, both scales logarithmic; each is named beside its end."""
    left, right, top, bottom = 84, 170, 52, 300
    points = [point for line in lines.values() for point in line]
    x_low, x_high = _decades([x for x, _ in points])
    y_low, y_high = _decades([y for _, y in points])

    def x_of(value: float) -> float:
        return left + (WIDTH - left - right) * _share(value, x_low, x_high)

    def y_of(value: float) -> float:
        return bottom - (bottom - top) * _share(value, y_low, y_high)

    parts = [_text(0, 16, title, "title"), _text(0, 38, up, "small")]
    for decade in range(y_low, y_high + 1):
        y = y_of(10.0**decade)
        parts.append(_line(left, y, WIDTH - right, y))
        parts.append(_text(left - 8, y + 4, _number(10.0**decade), "small", "end"))
    for decade in range(x_low, x_high + 1):
        x = x_of(10.0**decade)
        parts.append(_line(x, top, x, bottom))
        parts.append(_text(x, bottom + 18, _number(10.0**decade), "small", "middle"))
    parts.append(_text(left, bottom + 36, across, "small"))
    ends = _apart({name: y_of(line[-1][1]) for name, line in lines.items()})
    for name, line in lines.items():
        colour = colours[name]
        path = " ".join(f"{x_of(x):.1f},{y_of(y):.1f}" for x, y in line)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x_of(x):.1f}" cy="{y_of(y):.1f}" r="3" fill="{colour}"/>' for x, y in line]
        x, y = WIDTH - right + 14, ends[name]
        parts.append(f'<circle cx="{x}" cy="{y - 4:.1f}" r="4" fill="{colour}"/>')
        parts.append(_text(x + 10, y, name, "small"))
    return _whole(bottom + 46, title, parts)


def _apart(wanted: Mapping[str, float], least: float = 16) -> dict[str, float]:
    """The same heights, moved until no two names stand on each other."""
    found: dict[str, float] = {}
    before = -math.inf
    for name, y in sorted(wanted.items(), key=lambda item: (item[1], item[0])):
        before = found[name] = max(y + 4, before + least)
    return found


def _decades(values: Sequence[float]) -> tuple[int, int]:
    low = math.floor(math.log10(min(values)))
    return low, max(low + 1, math.ceil(math.log10(max(values))))


def _share(value: float, low: int, high: int) -> float:
    return (math.log10(value) - low) / (high - low)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1 else f"{value:g}"


def _text(x: float, y: float, text: str, look: str, anchor: str = "start") -> str:
    style = f' class="{look}"' if look else ""
    return f'<text x="{x:.1f}" y="{y:.1f}"{style} text-anchor="{anchor}">{escape(text)}</text>'


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="grid"/>'


def _whole(height: float, title: str, parts: Sequence[str]) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" '
        f'height="{height:.0f}" role="img" aria-label="{escape(title)}">'
    )
    return "\n".join([head, _STYLE, *parts, "</svg>"]) + "\n"
