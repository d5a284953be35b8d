"""How the figures look: one style, few colours, and a background that lets light and dark pages through."""

from collections.abc import Iterable, Mapping
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.patches import Patch

INK = "#768089"
"""Text and axes: read as well on white as on black."""

FAINT = "#76808944"
BLUE, ORANGE, GREEN, RED, VIOLET, GREY = "#3f83c7", "#db8a2f", "#3a9d62", "#d4536a", "#9270c4", "#98a1ab"

AGENTS = {
    "orchestrator": GREY, "planner": VIOLET, "searcher": "#4aa6a6", "reviewer": ORANGE, "coder": BLUE, "fixer": RED,
}  # fmt: skip
"""The team's colours."""

OUTCOMES = {"verified": GREEN, "unverified": ORANGE, "stuck": RED, "budget": VIOLET, "failed": RED, "provider": GREY}

plt.rcParams.update(
    {
        "figure.facecolor": "none", "axes.facecolor": "none", "savefig.facecolor": "none",
        "figure.dpi": 110, "figure.constrained_layout.use": True,
        "font.family": "sans-serif", "font.size": 10, "axes.titlesize": 12, "axes.titleweight": "bold",
        "axes.titlelocation": "left", "axes.titlepad": 12,
        "text.color": INK, "axes.labelcolor": INK, "xtick.color": INK, "ytick.color": INK, "axes.edgecolor": FAINT,
        "axes.spines.top": False, "axes.spines.right": False, "axes.spines.left": False,
        "axes.grid": True, "grid.color": FAINT, "grid.linewidth": 0.6, "axes.axisbelow": True,
        "xtick.major.size": 0, "ytick.major.size": 0,
        "legend.frameon": False, "legend.labelcolor": INK,
    }
)  # fmt: skip


def figure(width: float = 9.0, height: float = 3.6, title: str = "", across: str = "", up: str = "") -> Axes:
    """A figure with one pair of axes."""
    _, axes = plt.subplots(figsize=(width, height))
    axes.set(title=title, xlabel=across, ylabel=up)
    return axes


def legend(axes: Axes, colours: Mapping[str, str], columns: int = 6) -> None:
    """What the colours mean, above the picture and out of its way."""
    handles = [Patch(color=colour, label=name) for name, colour in colours.items()]
    axes.legend(
        handles=handles, loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=columns, fontsize=9,
        handlelength=0.9, handleheight=0.9, columnspacing=1.1, handletextpad=0.5, borderaxespad=0.2,
    )  # fmt: skip


def lanes(axes: Axes, names: Iterable[str]) -> dict[str, int]:
    """One row for each name, the first on top."""
    rows = {name: row for row, name in enumerate(names)}
    axes.set_yticks(list(rows.values()), list(rows))
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.grid(axis="y", visible=False)
    return rows


def bar(axes: Axes, row: float, start: float, seconds: float, colour: str, height: float = 0.62, **more: Any) -> None:
    """One piece of a timeline; what is too short to be seen is drawn a little longer."""
    least = (axes.get_xlim()[1] - axes.get_xlim()[0]) / 250
    axes.barh(row, max(seconds, least), left=start, color=colour, height=height, linewidth=0, **more)


def direct(axes: Axes, x: float, y: float, text: str, colour: str = INK, **more: Any) -> None:
    """A word beside what it is about."""
    axes.annotate(text, (x, y), color=colour, fontsize=9, va="center", annotation_clip=False, **more)
