"""A film as one SVG that moves without a script: each line of the terminal for as long as it stood there."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from rich.terminal_theme import SVG_EXPORT_THEME

from orchestrator.film import HEIGHT, WIDTH, Frame

CELL, LINE, SIZE = 8.4, 18.0, 14
"""Width and height of a character's place, and the size of its font, in units of the drawing."""

MARGIN, BAR = 14.0, 34.0
"""Room around the text, and of the bar above it."""


@dataclass(frozen=True)
class Standing:
    """A line that stands in one place from one second to another; without an end where it stays."""

    row: int
    content: str
    begins: float
    ends: float | None


def moving_picture(film: Sequence[Frame]) -> str:
    """The SVG; it plays once and rests on the last frame, at once where the viewer wants no motion."""
    width, height = 2 * MARGIN + WIDTH * CELL, BAR + 2 * MARGIN + HEIGHT * LINE
    rows = "\n".join(_row(number, line) for number, line in enumerate(_standing(film)))
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" role="img">
<title>A run of orchestrator on a terminal</title>
<style>
text {{ font: {SIZE}px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; white-space: pre; }}
.b {{ font-weight: 700; }} .d {{ opacity: .65; }}
.g {{ visibility: hidden; }}
@keyframes on {{ from, to {{ visibility: visible; }} }}
@keyframes off {{ from, to {{ visibility: hidden; }} }}
@media (prefers-reduced-motion: reduce) {{ .g, .s {{ animation: none !important; }} }}
</style>
<rect width="{width:g}" height="{height:g}" rx="9" fill="{SVG_EXPORT_THEME.background_color.hex}"/>
<circle cx="20" cy="18" r="6" fill="#ff5f57"/><circle cx="40" cy="18" r="6" fill="#febc2e"/>
<circle cx="60" cy="18" r="6" fill="#28c840"/>
{rows}
</svg>
"""


def _standing(film: Sequence[Frame]) -> Iterator[Standing]:
    """Every line with the time in which it does not change, the earliest first."""
    found: list[Standing] = []
    now: dict[int, tuple[str, float]] = {}
    for frame in film:
        lines = {row: _spans(line) for row, line in enumerate(frame.lines)}
        for row in range(HEIGHT):
            content, before = lines.get(row, ""), now.get(row, ("", 0.0))
            if content != before[0]:
                if before[0]:
                    found.append(Standing(row, before[0], before[1], frame.at))
                now[row] = content, frame.at
    found += [Standing(row, content, begins, None) for row, (content, begins) in now.items() if content]
    return iter(sorted(found, key=lambda line: (line.begins, line.row)))


def _row(number: int, line: Standing) -> str:
    y = BAR + MARGIN + line.row * LINE + SIZE
    if line.ends is None:
        kind, moves = "s", f"off {line.begins:.2f}s"
    else:
        kind, moves = "g", f"on {line.ends - line.begins:.2f}s {line.begins:.2f}s"
    return f'<text class="{kind}" y="{y:g}" style="animation: {moves}">{line.content}</text>'


def _spans(line: Sequence[Segment]) -> str:
    """The pieces of a line, each at its place, so that no font can move another."""
    spans, column = [], 0
    for text, style, control in line:
        if control:
            continue
        if text.strip():
            spans.append(_span(text, style or Style.null(), column))
        column += cell_len(text)
    return "".join(spans)


def _span(text: str, style: Style, column: int) -> str:
    bare = text.lstrip(" ")
    column += len(text) - len(bare)
    bare = bare.rstrip(" ")
    theme = SVG_EXPORT_THEME
    colour = style.color.get_truecolor(theme) if style.color else theme.foreground_color
    classes = " ".join(name for name, on in (("b", style.bold), ("d", style.dim)) if on)
    shape = f' class="{classes}"' if classes else ""
    x, length = MARGIN + column * CELL, cell_len(bare) * CELL
    place = f'x="{x:.1f}" textLength="{length:.1f}" lengthAdjust="spacingAndGlyphs"'
    return f'<tspan{shape} {place} fill="{colour.hex}">{escape(bare)}</tspan>'
