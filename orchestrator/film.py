"""A run as a film: its events again, in their order and at their pace, on a terminal or in a recording of one."""

import io
import json
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console, RenderableType
from rich.segment import Segment
from rich.text import Text

from orchestrator.fold import Event, fold, seconds_between
from orchestrator.lines import line_of
from orchestrator.screen import draw
from orchestrator.summary import summary
from orchestrator.view import RunView
from orchestrator.watch import MOST_RECENT, REFRESH, Display
from orchestrator.words import clean

LONGEST = 1.5
"""Seconds that a pause of the run lasts at most in its film: nobody waits for a model twice."""

WIDTH, HEIGHT = 100, 30
"""Columns and lines of a recording."""

TYPED, LAST = 1.0, 4.0
"""Seconds in which a recording shows the command before, and the end after what happens."""

BETWEEN = 0.1
"""Seconds between two frames of a recording at least."""


def paced(events: Sequence[Event], speed: float) -> Iterator[tuple[float, float, Event]]:
    """Each event with the seconds of the run since the one before, and how long the film waits for it."""
    before = str(events[0].get("time", "")) if events else ""
    for event in events:
        now = str(event.get("time", ""))
        gap = max(0.0, seconds_between(before, now))
        before = now
        yield gap, min(gap, LONGEST) / speed, event


class Clock:
    """The time of the run that the film has reached, in seconds."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self, view: RunView) -> float:
        """What the picture shows as elapsed."""
        return self.now


def play(
    events: Sequence[Event], display: Display, clock: Clock, speed: float, wait: Callable[[float], None] = time.sleep
) -> RunView:
    """Show a run again as it was shown when it happened; returns how it ended."""
    view = RunView()
    try:
        for gap, pause, event in paced(events, speed):
            begun, left = clock.now, pause
            while left > 0:
                step = min(REFRESH, left)
                wait(step)
                left -= step
                clock.now = begun + gap * (1 - left / pause)
                display.tick(view)
            clock.now = begun + gap
            fold(view, event)
            display.event(view, event)
    finally:
        display.close()
    return view


@dataclass(frozen=True)
class Frame:
    """What stands on the terminal from a second of the film on."""

    at: float
    lines: list[list[Segment]]


def frames(events: Sequence[Event], speed: float = 1.0) -> Iterator[Frame]:
    """The film, frame by frame: the command, what happened, the end. Same events, same frames."""
    console = screen()
    view, clock, recent = RunView(), 0.0, deque[str](maxlen=MOST_RECENT)
    request = next((str(e.get("request", "")) for e in events if e.get("type") == "run.started"), "")
    command = Text.assemble(("$ ", "green"), ("orchestrator auto ", "bold"), f'"{clean(request)}"')
    yield Frame(0.0, drawn(console, command))
    now, shown = TYPED, 0.0
    for gap, pause, event in paced(events, speed):
        if pause and now - shown >= BETWEEN and view.started:
            yield Frame(shown := now, drawn(console, draw(view, console, seconds=clock, recent=list(recent))))
        now, clock = now + pause, clock + gap
        fold(view, event)
        if text := line_of(view, event):
            recent.append(text)
    yield Frame(now, drawn(console, summary(view)))
    yield Frame(now + LAST, drawn(console, summary(view)))


def screen() -> Console:
    """A terminal that is always the same one."""
    return Console(
        width=WIDTH,
        height=HEIGHT,
        file=io.StringIO(),
        force_terminal=True,
        color_system="truecolor",
        legacy_windows=False,
        _environ={},
    )


def drawn(console: Console, what: RenderableType) -> list[list[Segment]]:
    """The lines of a frame, as many as fit."""
    return console.render_lines(what, pad=False)[:HEIGHT]


def cast(events: Sequence[Event], speed: float = 1.0) -> str:
    """The film as a recording of asciinema (version 2): a header, and for each frame what a terminal is sent."""
    console = screen()
    header = {"version": 2, "width": WIDTH, "height": HEIGHT, "env": {"TERM": "xterm-256color"}}
    records: list[object] = [{**header, "title": "orchestrator"}]
    for frame in frames(events, speed):
        lines = [coloured(console, line) for line in frame.lines]
        sent = "\x1b[?25l\x1b[H" + "\r\n".join(f"{line}\x1b[K" for line in lines) + "\x1b[J"
        records.append([round(frame.at, 3), "o", sent])
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


def coloured(console: Console, line: list[Segment]) -> str:
    """A line as a terminal is sent it."""
    said = ""
    for text, style, control in line:
        if not control:
            said += style.render(text, color_system=console._color_system) if style else text
    return said
