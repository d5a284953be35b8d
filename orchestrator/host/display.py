"""What a host is shown while a run goes on."""

import time

from orchestrator.fold import Event
from orchestrator.host.progress import progress
from orchestrator.host.wire import Wire
from orchestrator.view import RunView
from orchestrator.words import number, one_line

INTERVAL = 0.5
"""Least seconds between two pictures: a host keeps each of them."""


class HostDisplay:
    """Tells a host the progress as text, a stage's change as a short notice, and every event where it wants them."""

    def __init__(self, wire: Wire, *, events: bool = False) -> None:
        self.view = RunView()
        self._wire = wire
        self._events = events
        self._told = ""
        self._when = 0.0

    def event(self, view: RunView, event: Event) -> None:
        """Tell what happened, where that is wanted or worth a notice."""
        self.view = view
        if self._events:
            self._wire.send("event", event=dict(event))
        if text := notice(view, event):
            self._wire.send("notice", text=text)

    def tick(self, view: RunView) -> None:
        """Tell how things stand, when that has changed."""
        self.view = view
        text = progress(view)
        if text != self._told and time.monotonic() - self._when >= INTERVAL:
            self._told, self._when = text, time.monotonic()
            self._wire.send("progress", text=text)

    def pause(self) -> None:
        """A host's user is asked through the host: nothing has to make room."""

    def close(self) -> None:
        """The result says the rest."""


def notice(view: RunView, event: Event) -> str:
    """The few words for a change of stage, empty for everything else."""
    match event.get("type"):
        case "plan.made":
            return f"Plan: {number(len(view.tasks), 'task')}"
        case "task.finished":
            task = view.tasks.get(str(event.get("task")))
            return f"{event.get('task')} {event.get('outcome')}: {one_line(task.title, 80)}" if task else ""
        case "run.finished":
            return f"{str(event.get('outcome')).capitalize()}: {one_line(view.request, 80)}"
    return ""
