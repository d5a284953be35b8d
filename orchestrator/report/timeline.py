"""When each lane did what: bars on one scale, in which the time between two processes of a run takes no room."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from orchestrator.fold import Event, seconds_between
from orchestrator.report.story import CANDIDATE
from orchestrator.words import command_text

TICKS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400)
"""Seconds between two marks of the scale."""

MOST_TICKS = 6

THINNEST = 0.3
"""Per cent of the width that the shortest bar has: what took no time is still to be seen."""


@dataclass(frozen=True)
class Bar:
    """One thing that took time; `start` and `width` are per cent of the run."""

    kind: str
    """agent, call or check."""
    name: str
    about: str
    state: str
    """Of a check: red or green. Of an agent: its name."""
    seconds: float
    begins: float
    start: float
    width: float


@dataclass
class Row:
    """One lane."""

    lane: str
    bars: list[Bar] = field(default_factory=list)

    def of(self, kind: str) -> list[Bar]:
        """The bars of one kind."""
        return [bar for bar in self.bars if bar.kind == kind]


@dataclass
class Timeline:
    """All lanes, and the scale that they share."""

    rows: list[Row]
    ticks: list[tuple[float, float]]
    """Per cent of the width, and the seconds that it stands for."""
    pauses: list[float]
    """Where the run had been interrupted, per cent."""
    seconds: float


@dataclass(frozen=True)
class _Span:
    lane: str
    kind: str
    name: str
    about: str
    state: str
    begins: float
    ends: float


def timeline(events: Sequence[Event]) -> Timeline:
    """Lay out a run; what had not ended when the run did, or is not over yet, ends with its last event."""
    clock = _Clock()
    for event in events:
        with suppress(KeyError, TypeError, ValueError):
            clock.take(event)
    clock.close_all()
    whole = max(clock.now, 0.001)
    rows: dict[str, Row] = {}
    for span in sorted(clock.spans, key=lambda span: (span.begins, -span.ends)):
        start, width = 100 * span.begins / whole, 100 * (span.ends - span.begins) / whole
        width = max(width, THINNEST)
        start = min(start, 100 - width)
        bar = Bar(
            span.kind, span.name, span.about, span.state, span.ends - span.begins, span.begins, max(start, 0.0), width
        )
        rows.setdefault(span.lane, Row(span.lane)).bars.append(bar)
    return Timeline(list(rows.values()), _ticks(whole), [100 * pause / whole for pause in clock.pauses], whole)


def _ticks(whole: float) -> list[tuple[float, float]]:
    step = next((tick for tick in TICKS if whole / tick <= MOST_TICKS), TICKS[-1])
    return [(100 * step * n / whole, float(step * n)) for n in range(int(whole // step) + 1)]


class _Clock:
    """Follows the events; its time stands still between two processes of a run."""

    def __init__(self) -> None:
        self.now = 0.0
        self.spans: list[_Span] = []
        self.pauses: list[float] = []
        self._last = ""
        self._open: dict[tuple[str, str, str, int], list[tuple[float, str]]] = {}
        self._lanes: set[str] = set()

    def take(self, event: Event) -> None:
        time = str(event["time"])
        if event["type"] == "run.resumed":
            self.close_all()
            self.pauses.append(self.now)
        elif self._last:
            self.now += max(0.0, seconds_between(self._last, time))
        self._last = time
        match event["type"]:
            case "agent.started" | "call.started":
                self._lanes.add(event["lane"])
                self._open.setdefault(self._key(event), []).append((self.now, event.get("model", "")))
            case "agent.finished" | "call.finished" | "call.failed":
                self._close(event)
            case "check.finished":
                begins = max(0.0, self.now - float(event.get("seconds", 0.0)))
                state = "green" if event["passed"] else "red"
                about = f"{event['when']}: {command_text(event['command'], 120)}"
                self.spans.append(_Span(self._lane(event), "check", "check", about, state, begins, self.now))
            case "run.finished" | "run.interrupted":
                self.close_all()

    def close_all(self) -> None:
        """End all that is open now."""
        for key, starts in self._open.items():
            for begins, model in starts:
                self._add(key, begins, model, "not ended")
        self._open.clear()

    def _close(self, event: Event) -> None:
        key = self._key(event)
        if starts := self._open.get(key):
            begins, model = starts.pop(0)
            self._add(key, begins, model, "failed" if event["type"] == "call.failed" else "")

    def _add(self, key: tuple[str, str, str, int], begins: float, model: str, end: str) -> None:
        lane, kind, agent, attempt = key
        about = ", ".join(part for part in (f"attempt {attempt}" if attempt else "", model, end) if part)
        self.spans.append(_Span(lane, kind, agent, about, agent, begins, self.now))

    def _key(self, event: Event) -> tuple[str, str, str, int]:
        return self._lane(event), event["type"].partition(".")[0], str(event["agent"]), int(event.get("attempt", 0))

    def _lane(self, event: Event) -> str:
        lane = str(event["lane"])
        found = CANDIDATE.fullmatch(lane)
        return found[1] if found and lane not in self._lanes and found[1] in self._lanes else lane


def begins_first(rows: Iterable[Row]) -> list[Row]:
    """The run's own row first, then the lanes as they began."""
    return sorted(rows, key=lambda row: row.lane != "run")
