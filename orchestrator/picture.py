"""A finished run as an SVG: the same summary that a terminal shows, drawn by rich from the run's events."""

import io
import re
from collections.abc import Sequence
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

from orchestrator.errors import UsageError
from orchestrator.fold import Event, fold
from orchestrator.lines import line_of
from orchestrator.summary import summary
from orchestrator.view import RunView
from orchestrator.words import clean

WIDTH = 100
"""Columns of the picture."""

TOLD = {
    "model.chosen",
    "baseline.checked",
    "plan.made",
    "acceptance.set",
    "edit.refused",
    "read.refused",
    "verdict",
    "merge.conflict",
    "decision",
    "question.asked",
    "approval",
    "task.finished",
    "apply.refused",
}
"""The events that tell the story of a run; the summary below them says the rest."""

MOST_LINES = 24
"""Most lines above the summary; the middle of a longer story is left out and said so."""


def write_picture(events: Sequence[Event], path: Path) -> None:
    """Draw a run into a file; raises UsageError where the file cannot be written."""
    write_drawing(path, picture(events))


def write_drawing(path: Path, text: str) -> None:
    """Write a picture or a recording; raises UsageError where the file cannot be written."""
    try:
        path.write_text(text, encoding="utf-8", errors="replace")
    except OSError as fault:
        raise UsageError(
            f"{path} cannot be written ({fault.strerror}).", fix="Name a file in a folder of yours."
        ) from None


def picture(events: Sequence[Event]) -> str:
    """The SVG of a run: how it was called, what happened, how it ended. Same events, same bytes."""
    console = Console(
        record=True,
        width=WIDTH,
        file=io.StringIO(),
        force_terminal=True,
        color_system="truecolor",
        legacy_windows=False,
    )
    view = RunView()
    lines = []
    for event in events:
        fold(view, event)
        if event.get("type") in TOLD and (text := line_of(view, event)):
            lines.append(text)
    console.print(Text.assemble(("$ ", "green"), ("orchestrator auto ", "bold"), f'"{clean(view.request)}"'))
    for text in shortened(lines):
        console.print(Text(text, "dim"), no_wrap=True, overflow="ellipsis", crop=True)
    console.print()
    console.print(summary(view))
    return console.export_svg(title="orchestrator", code_format=offline_format(), unique_id="run")


def shortened(lines: list[str]) -> list[str]:
    """The lines, or their beginning and end."""
    if len(lines) <= MOST_LINES:
        return lines
    half = MOST_LINES // 2
    return [*lines[:half], f"{'':>6}  … {len(lines) - 2 * half} lines", *lines[-half:]]


def offline_format() -> str:
    """Rich's drawing without its fonts from the network: the viewer's own monospaced font serves."""
    without = re.sub(r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
    return without.replace("font-family: Fira Code, monospace", "font-family: ui-monospace, Menlo, Consolas, monospace")
