"""A plot of shares with intervals over a model's chance, as SVG that can be read on light and on dark pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from bench.plot import SHAPES, STYLE, mark
from bench.study.figures import Share

PANEL, HEIGHT, LEFT, TOP, GAP = 420, 260, 50, 90, 60
FIRST, LAST = 0.4, 1.0


@dataclass(frozen=True)
class Curve:
    """One way of working: its share at each chance."""

    name: str
    points: Sequence[tuple[float, Share]]


@dataclass(frozen=True)
class Panel:
    """One kind of model."""

    title: str
    curves: Sequence[Curve]


def svg(title: str, panels: Sequence[Panel]) -> str:
    """The whole picture. Raises ValueError where there is nothing to draw."""
    if not any(curve.points for panel in panels for curve in panel.curves):
        raise ValueError("nothing was measured, so there is nothing to draw")
    width = LEFT + len(panels) * (PANEL + GAP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {TOP + HEIGHT + 40}" role="img">',
        f"<title>{escape(title)}</title><style>{STYLE}</style>",
        f'<text class="title" x="10" y="24">{escape(title)}</text>',
        *_legend([curve.name for curve in panels[0].curves]),
        *(part for number, panel in enumerate(panels) for part in _panel(panel, LEFT + number * (PANEL + GAP))),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _legend(names: Sequence[str]) -> list[str]:
    parts, x = [], 16.0
    for number, name in enumerate(names):
        parts += [mark(x, 46, SHAPES[number]), f'<text x="{x + 10:g}" y="50">{escape(name)}</text>']
        x += 40 + 7.2 * len(name)
    return parts


def _panel(panel: Panel, left: int) -> list[str]:
    parts = [f'<text x="{left}" y="{TOP - 14}">{escape(panel.title)}</text>']
    for tenth in range(0, 11, 2):
        y = _y(tenth / 10)
        parts.append(f'<line class="grid" x1="{left}" x2="{left + PANEL}" y1="{y:g}" y2="{y:g}"/>')
        parts.append(f'<text class="axis" x="{left - 8}" y="{y + 4:g}" text-anchor="end">{tenth / 10:g}</text>')
    chances = sorted({p for curve in panel.curves for p, _ in curve.points})
    for p in chances:
        label = f'<text class="axis" x="{_x(p, left):g}" y="{TOP + HEIGHT + 20}" text-anchor="middle">p = {p:g}</text>'
        parts.append(label)
    for number, curve in enumerate(panel.curves):
        parts += _curve(curve, left + 7 * (number - 1), SHAPES[number])
    return parts


def _curve(curve: Curve, left: float, shape: tuple[str, str]) -> list[str]:
    """Whiskers, line and marks; curves are set off a little, so that their whiskers stand side by side."""
    places = [(_x(p, left), _y(share.value), share) for p, share in curve.points]
    line = " ".join(f"{x:g},{y:g}" for x, y, _ in places)
    parts = [f'<polyline fill="none" stroke="{shape[0]}" stroke-opacity=".6" points="{line}"/>']
    for x, y, share in places:
        low, high = (_y(end) for end in share.interval)
        said = f"{curve.name}: {share.value:.2f} ({share.hits} of {share.of})"
        whisker = f'<line stroke="{shape[0]}" x1="{x:g}" x2="{x:g}" y1="{low:g}" y2="{high:g}"/>'
        parts.append(f"<g><title>{escape(said)}</title>{whisker}{mark(x, y, shape)}</g>")
    return parts


def _x(p: float, left: float) -> float:
    return round(left + (p - FIRST) / (LAST - FIRST) * PANEL, 1)


def _y(share: float) -> float:
    return round(TOP + (1 - share) * HEIGHT, 1)
