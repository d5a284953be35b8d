"""Watching a run: its event file followed, folded into a view, and shown as a live picture or as lines."""

import json
import sys
from collections import deque
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, TextIO

from orchestrator.fold import Event, fold, seconds_between
from orchestrator.lines import details_of, line_of
from orchestrator.result import line_of as json_line
from orchestrator.view import RunView

if TYPE_CHECKING:
    from rich.console import Console

REFRESH = 0.125
"""Seconds between two looks at the events, and two pictures."""

MOST_RECENT = 40
"""Lines of what has happened that a tall picture may show."""


class Display(Protocol):
    """One way to show a run that goes on."""

    def event(self, view: RunView, event: Event) -> None:
        """Show an event that the view has taken in."""

    def tick(self, view: RunView) -> None:
        """Bring what depends on the clock up to date."""

    def pause(self) -> None:
        """Leave the terminal to a question."""

    def close(self) -> None:
        """Leave the terminal as it was found."""


class Lines:
    """Plain lines."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def event(self, view: RunView, event: Event) -> None:
        """Print the event's line, if it has one."""
        if text := line_of(view, event):
            print(text, file=self._out, flush=True)

    def tick(self, view: RunView) -> None:
        """Nothing on a line depends on the clock."""

    def pause(self) -> None:
        """Nothing to take away."""

    def close(self) -> None:
        """Nothing to restore."""


class Details(Lines):
    """Plain lines, and below each all that its event says."""

    def event(self, view: RunView, event: Event) -> None:
        """Print everything."""
        for text in details_of(view, event):
            print(text, file=self._out, flush=True)


class Silence:
    """Nothing until the end."""

    def event(self, view: RunView, event: Event) -> None:
        """The end says what matters."""

    def tick(self, view: RunView) -> None:
        """Nothing to draw."""

    def pause(self) -> None:
        """Nothing to take away."""

    def close(self) -> None:
        """Nothing to restore."""


def elapsed(view: RunView) -> float:
    """Seconds since a run began that goes on now."""
    from datetime import UTC, datetime

    return max(view.seconds, seconds_between(view.started, datetime.now(UTC).isoformat()))


class Picture:
    """The live picture of a terminal, redrawn a few times a second; `clock` tells the seconds since the run began."""

    def __init__(self, console: "Console", clock: Callable[[RunView], float] = elapsed) -> None:
        from rich.live import Live

        self._clock = clock
        self._recent: deque[str] = deque(maxlen=MOST_RECENT)
        self._console = console
        self._live = Live(console=console, auto_refresh=False, transient=True, vertical_overflow="crop")
        self._shown = False

    def event(self, view: RunView, event: Event) -> None:
        """Warnings stay above the picture; everything else is in it."""
        text = line_of(view, event)
        if text:
            self._recent.append(text)
        if text and event["type"] in ("warning", "call.retried"):
            from rich.text import Text

            self._console.print(Text(text, "yellow"))

    def tick(self, view: RunView) -> None:
        """Draw."""
        from orchestrator.screen import draw

        if not self._shown:
            self._live.start()
            self._shown = True
        drawn = draw(view, self._console, seconds=self._clock(view), recent=list(self._recent))
        self._live.update(drawn, refresh=True)

    def pause(self) -> None:
        """Take the picture away; the next tick brings it back."""
        if self._shown:
            self._live.stop()
            self._shown = False

    def close(self) -> None:
        """Take the picture away for good."""
        self.pause()


class Watch:
    """Follows a run by its event file, as any other process could, and shows what comes.

    What the file holds already is taken into the view at once, without being shown.
    """

    def __init__(self, events: Path, display: Display, sink: TextIO | None) -> None:
        self.view = RunView()
        self.display = display
        self._tail = Tail(events)
        self._sink = sink
        for event in self._tail.read():
            fold(self.view, event)

    def look(self) -> None:
        """Show every event since the last look."""
        for event in self._tail.read():
            fold(self.view, event)
            if self._sink is not None:
                print(json_line(event), file=self._sink, flush=True)
            self.display.event(self.view, event)

    def tick(self) -> None:
        """Show every new event, and what the clock changes."""
        self.look()
        self.display.tick(self.view)

    def __enter__(self) -> "Watch":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.look()
        self.display.close()


class Tail:
    """Reads a growing file of JSON lines piece by piece; a line that is not complete yet is left for the next time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._place = 0

    def read(self) -> list[dict[str, Any]]:
        """Every whole record since the last reading; a damaged line is passed over."""
        try:
            with self._path.open("rb") as file:
                file.seek(self._place)
                text = file.read()
        except FileNotFoundError:
            return []
        whole = text[: text.rfind(b"\n") + 1]
        self._place += len(whole)
        records = []
        for line in whole.splitlines():
            try:
                record = json.loads(line)
            except ValueError:
                continue  # torn by a crash of the process that wrote it
            if isinstance(record, dict):
                records.append(record)
        return records


def console_on(out: TextIO) -> "Console":
    """A console for a stream; colours and width follow the terminal, and NO_COLOR is obeyed."""
    from rich.console import Console

    return Console(file=out, highlight=False, soft_wrap=False)


def display_for(
    out: TextIO, *, headless: bool, manner: str = "", clock: Callable[[RunView], float] = elapsed
) -> Display:
    """The live picture where a person looks at a terminal that can draw, else plain lines; quiet or verbose on wish."""
    if manner:
        return Silence() if manner == "quiet" else Details(out)
    if headless or not out.isatty() or sys.platform == "win32":
        return Lines(out)
    console = console_on(out)
    return Lines(out) if console.is_dumb_terminal else Picture(console, clock)
