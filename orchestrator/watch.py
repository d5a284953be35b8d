"""Watching a run: its events folded into a view, and shown as a live picture or as lines."""

import sys
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, TextIO

from orchestrator.lines import line_of
from orchestrator.result import line_of as json_line
from orchestrator.view import Event, RunView, fold
from workspace.run import Run

if TYPE_CHECKING:
    from rich.console import Console

REFRESH = 0.125
"""Seconds between two looks at the queue, and two pictures."""


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


class Picture:
    """The live picture of a terminal, redrawn a few times a second."""

    def __init__(self, console: "Console") -> None:
        from rich.live import Live

        self._console = console
        self._live = Live(console=console, auto_refresh=False, transient=True, vertical_overflow="crop")
        self._shown = False

    def event(self, view: RunView, event: Event) -> None:
        """Warnings stay above the picture; everything else is in it."""
        if event["type"] in ("warning", "call.retried") and (text := line_of(view, event)):
            from rich.text import Text

            self._console.print(Text(text, "yellow"))

    def tick(self, view: RunView) -> None:
        """Draw."""
        from datetime import UTC, datetime

        from orchestrator.screen import draw
        from orchestrator.view import seconds_between

        if not self._shown:
            self._live.start()
            self._shown = True
        seconds = max(view.seconds, seconds_between(view.started, datetime.now(UTC).isoformat()))
        self._live.update(draw(view, self._console, seconds=seconds), refresh=True)

    def pause(self) -> None:
        """Take the picture away; the next tick brings it back."""
        if self._shown:
            self._live.stop()
            self._shown = False

    def close(self) -> None:
        """Take the picture away for good."""
        self.pause()


class Watch:
    """Takes events from any thread and shows them on the one that calls :meth:`look`."""

    run: Run
    """The run as it was last opened in this process: the one that may write events."""

    def __init__(self, view: RunView, display: Display, sink: TextIO | None) -> None:
        self.view = view
        self.display = display
        self._sink = sink
        self._queue: SimpleQueue[Event] = SimpleQueue()

    def hear(self, run: Run) -> None:
        """Take every event that this opening of the run writes from now on."""
        run.events.subscribe(self._queue.put)
        self.run = run

    def look(self, timeout: float = REFRESH) -> None:
        """Wait up to `timeout` seconds for an event, show all that are there, and redraw."""
        try:
            self._show(self._queue.get(timeout=timeout))
            while True:
                self._show(self._queue.get_nowait())
        except Empty:
            self.display.tick(self.view)

    def drain(self) -> None:
        """Show what is left, without waiting."""
        try:
            while True:
                self._show(self._queue.get_nowait())
        except Empty:
            return

    def _show(self, event: Event) -> None:
        fold(self.view, event)
        if self._sink is not None:
            print(json_line(dict(event)), file=self._sink, flush=True)
        self.display.event(self.view, event)

    def __enter__(self) -> "Watch":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.drain()
        self.display.close()


def console_on(out: TextIO) -> "Console":
    """A console for a stream; colours and width follow the terminal, and NO_COLOR is obeyed."""
    from rich.console import Console

    return Console(file=out, highlight=False, soft_wrap=False)


def display_for(out: TextIO, *, headless: bool) -> Display:
    """The live picture where a person looks at a terminal, else plain lines."""
    if headless or not out.isatty() or sys.platform == "win32":
        return Lines(out)
    return Picture(console_on(out))
