"""A plot of times on a logarithmic scale, as SVG that can be read on light and on dark pages."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

WIDTH, LEFT, RIGHT, TOP, ROW = 960, 290, 40, 74, 26

STYLE = """
text { font: 13px ui-sans-serif, system-ui, sans-serif; fill: #6e7781 }
.title { font-weight: 600; font-size: 15px }
.axis { font-size: 11px }
.grid { stroke: #8c959f; stroke-opacity: .3 }
.link { stroke: #8c959f; stroke-opacity: .6 }
.target { stroke: #1a7f37; stroke-width: 2 }
@media (prefers-color-scheme: dark) { text { fill: #adbac7 } .target { stroke: #57ab5a } }
"""
"""Colours have enough contrast on white and on near-black alike; text follows the reader's choice if known."""

SHAPES = (
    ("#2f81f7", "circle"),
    ("#db6d28", "square"),
    ("#8957e5", "diamond"),
    ("#bf8700", "triangle"),
    ("#cf5b8f", "cross"),
    ("#2da08a", "square"),
    ("#7d8590", "diamond"),
    ("#a05a2c", "triangle"),
)


_HALF = ((-6, -2), (-2, -2), (-2, -6), (2, -6), (2, -2), (6, -2))
_CROSS = (*_HALF, *((-x, -y) for x, y in _HALF))


@dataclass(frozen=True)
class Line:
    """One row of the plot."""

    title: str
    values: Sequence[tuple[str, float]]
    """Who, and milliseconds; ours first."""
    target: float | None = None
    """The most milliseconds that ours may take."""


def svg(title: str, lines: Sequence[Line]) -> str:
    """The whole picture. Raises ValueError where there is nothing to draw."""
    values = [value for line in lines for _, value in line.values] + [t for line in lines if (t := line.target)]
    if not values:
        raise ValueError("nothing was measured, so there is nothing to draw")
    first, last = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    scale = _Scale(first, max(last, first + 1))
    names = list(dict.fromkeys(name for line in lines for name, _ in line.values))
    marks = {name: SHAPES[place % len(SHAPES)] for place, name in enumerate(names)}
    height = TOP + ROW * len(lines) + 40
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
        f"<title>{escape(title)}</title><style>{STYLE}</style>",
        f'<text class="title" x="10" y="24">{escape(title)}</text>',
        *_legend(marks),
        *_axis(scale, height),
        *(part for place, line in enumerate(lines) for part in _row(line, TOP + ROW * place + 14, scale, marks)),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


@dataclass(frozen=True)
class _Scale:
    first: int
    last: int

    def x(self, value: float) -> float:
        share = (math.log10(value) - self.first) / (self.last - self.first)
        return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)


def _legend(marks: dict[str, tuple[str, str]]) -> list[str]:
    parts, x = [], 16.0
    for name, look in marks.items():
        parts += [mark(x, 48, look), f'<text x="{x + 10:g}" y="52">{escape(name)}</text>']
        x += 34 + 7.2 * len(name)
    parts += [
        f'<line class="target" x1="{x:g}" x2="{x:g}" y1="41" y2="55"/>',
        f'<text x="{x + 8:g}" y="52">target</text>',
    ]
    return parts


def _axis(scale: _Scale, height: int) -> list[str]:
    parts = []
    for power in range(scale.first, scale.last + 1):
        x = scale.x(10.0**power)
        label = f"{10**power:,} ms" if power >= 0 else f"{10.0**power:.{-power}f} ms"
        parts.append(f'<line class="grid" x1="{x}" x2="{x}" y1="{TOP - 8}" y2="{height - 30}"/>')
        parts.append(f'<text class="axis" x="{x}" y="{height - 14}" text-anchor="middle">{label}</text>')
    return parts


def _row(line: Line, y: int, scale: _Scale, marks: dict[str, tuple[str, str]]) -> list[str]:
    xs = [scale.x(value) for _, value in line.values]
    parts = [
        f'<text x="{LEFT - 14}" y="{y + 4}" text-anchor="end">{escape(line.title)}</text>',
        f'<line class="link" x1="{min(xs)}" x2="{max(xs)}" y1="{y}" y2="{y}"/>',
    ]
    if line.target:
        x = scale.x(line.target)
        parts.append(f'<line class="target" x1="{x}" x2="{x}" y1="{y - 9}" y2="{y + 9}"/>')
    # Ours is drawn last, so that no rival hides it.
    for (name, value), x in reversed(list(zip(line.values, xs, strict=True))):
        parts.append(f"<g><title>{escape(name)}: {value:.3g} ms</title>{mark(x, y, marks[name])}</g>")
    return parts


def mark(x: float, y: float, look: tuple[str, str]) -> str:
    """A mark at a place; its look is a colour and a shape, as in SHAPES."""
    colour, shape = look
    if shape == "circle":
        return f'<circle cx="{x:g}" cy="{y:g}" r="6" fill="{colour}"/>'
    points = {
        "square": ((-5, -5), (5, -5), (5, 5), (-5, 5)),
        "diamond": ((0, -7), (7, 0), (0, 7), (-7, 0)),
        "triangle": ((0, -7), (6, 5), (-6, 5)),
        "cross": _CROSS,
    }[shape]
    return f'<polygon points="{" ".join(f"{x + dx:g},{y + dy:g}" for dx, dy in points)}" fill="{colour}"/>'
