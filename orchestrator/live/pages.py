"""The pages, each made once for each version of what it shows."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from orchestrator.commands.report import secrets_of
from orchestrator.commands.runs import seen
from orchestrator.fold import seconds_between
from orchestrator.live.condition import is_driven, version_of, version_of_all
from orchestrator.report.gather import Diffs, gather
from orchestrator.report.listing import Row, listing
from orchestrator.report.page import Live, page
from workspace.run import Run, list_runs, unreadable

NEWEST = 100
"""Runs that are listed where not all are asked for."""

MOST_PAGES = 6
"""Pages of runs that are kept, up to a few megabytes each."""


@dataclass
class Kept:
    """The page of one run, and what makes the next one quick."""

    making: threading.Lock
    diffs: Diffs
    version: str = ""
    html: bytes = b""
    cost: float = 0.0
    """Seconds that it took to make."""


class Pages:
    """The pages of all runs below a state directory; safe for threads."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self._rows: dict[str, tuple[str, Row]] = {}
        self._lock = threading.Lock()
        self._cost = 0.0

    def of(self, run: Run) -> bytes:
        """The page of a run; raises RunBroken."""
        with self._making(run) as kept:
            version = version_of(run)
            if version != kept.version:
                begun = time.perf_counter()
                hide, driven = secrets_of(run, self._home).hide, is_driven(run)
                report = gather(run, hide, kept.diffs)
                live = Live(version, driven and not report.view.outcome, age(report.view.started))
                kept.html = page(report, hide, live).encode("utf-8", "replace")
                kept.version, kept.cost = version, time.perf_counter() - begun
            return kept.html

    def cost_of(self, run: Run) -> float:
        """Seconds that the page of a run took to make the last time."""
        with self._lock:
            kept = self._kept.get(run.id)
        return kept.cost if kept else 0.0

    def cost_of_list(self) -> float:
        """Seconds that the list took to make the last time."""
        return self._cost

    def list(self, *, every: bool) -> bytes:
        """The page that lists runs, the newest first."""
        begun = time.perf_counter()
        version, runs = version_of_all(self._home), list_runs(self._home)
        rows = [self._row(run) for run in (runs if every else runs[:NEWEST])]
        live = Live(version, any(row.running for row in rows), 0.0)
        html = listing(rows, len(runs), unreadable(self._home), live).encode("utf-8", "replace")
        self._cost = time.perf_counter() - begun
        return html

    def _row(self, run: Run) -> Row:
        version = version_of(run)
        kept, row = self._rows.get(run.id, ("", None))
        if row is None or kept != version:
            row = row_of(run, secrets_of(run, self._home).hide)
            self._rows[run.id] = version, row
        return row.at(age(row.started)) if row.running else row

    @contextmanager
    def _making(self, run: Run) -> Iterator[Kept]:
        with self._lock:
            kept = self._kept.setdefault(run.id, Kept(threading.Lock(), {}))
            self._kept.move_to_end(run.id)
            while len(self._kept) > MOST_PAGES:
                self._kept.popitem(last=False)
        with kept.making:
            yield kept


def row_of(run: Run, hide: Callable[[str], str]) -> Row:
    """A run in one line, without its secrets."""
    view = seen(run)
    running = not view.outcome and is_driven(run)
    return Row(
        id=run.id,
        created=run.created,
        started=view.started,
        request=hide(view.request or run.request),
        root=hide(str(run.root)),
        outcome=hide(view.outcome) or ("in progress" if running else "open"),
        running=running,
        tasks=len(view.tasks),
        verified=view.count("verified"),
        calls=view.calls,
        seconds=view.seconds,
    )


def age(started: str) -> float:
    """Seconds since a time in ISO 8601."""
    return max(0.0, seconds_between(started, datetime.now(UTC).isoformat()))
