"""The run's event stream: one line an event, numbered, for the terminal, editors, the report and the notebooks."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

from workspace.errors import EventsLost
from workspace.records import JsonLines
from workspace.versions import VERSION, damaged, refuse_newer

Event: TypeAlias = dict[str, Any]
"""``{"v": 1, "seq": int, "time": ISO 8601 in UTC, "run": id, "type": str, …}``."""


class EventLog:
    """Appends events and tells those who listen; the numbers go on where an earlier process stopped."""

    def __init__(self, path: Path, run: str) -> None:
        self._lines = JsonLines(path)
        self._run = run
        self._lock = threading.RLock()
        self._listeners: list[Callable[[Event], None]] = []
        self._next: int | None = None
        self.hide: Callable[[Any], Any] | None = None
        """Takes secrets out of what is written; nothing is taken out where it is None."""

    def emit(self, type: str, /, **fields: Any) -> Event:
        """Write one event and hand it to every listener, in this thread."""
        with self._lock:
            if self._next is None:
                self._next = max((e.get("seq", 0) for e in self._lines.read()), default=0) + 1
            time = datetime.now(UTC).isoformat(timespec="milliseconds")
            fields = self.hide(fields) if self.hide is not None else fields
            event: Event = {"v": VERSION, "seq": self._next, "time": time, "run": self._run, "type": type, **fields}
            self._lines.append(event)
            self._next += 1
            for listener in list(self._listeners):
                listener(event)
        return event

    def subscribe(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        """Hear every later event; call the result to stop."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def read(self) -> Iterator[Event]:
        """Every event so far, oldest first; raises RunNewer, and EventsLost where some are missing."""
        last, torn = 0, False
        for event in self._lines.lines():
            if event is None:
                if torn:  # a kill tears one line, the last one
                    raise EventsLost(damaged(self._lines.path, f"what followed event {last} is garbage"))
                torn = True
                continue
            torn = False
            refuse_newer(event, self._lines.path)
            number = event.get("seq")
            if not isinstance(number, int) or number > last + 1:
                raise EventsLost(damaged(self._lines.path, f"what followed event {last} is lost"))
            last = max(last, number)
            yield event
