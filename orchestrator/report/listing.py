"""The list of runs as a page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from orchestrator.report.page import Filter, Live, framed
from orchestrator.words import one_line


@dataclass(frozen=True)
class Row:
    """One run."""

    id: str
    created: str
    started: str
    request: str
    root: str
    outcome: str
    running: bool
    tasks: int
    verified: int
    calls: int
    seconds: float

    def at(self, seconds: float) -> "Row":
        """The same run so many seconds after its beginning."""
        return replace(self, seconds=seconds)


def listing(rows: Sequence[Row], total: int, unreadable: Sequence[str], live: Live) -> str:
    """The HTML of the list; what is given holds no secret any more."""
    filters: Mapping[str, Filter] = {"line": lambda text, width: one_line(str(text), width)}
    return framed("runs.html.j2", filters, live, rows=rows, total=total, unreadable=unreadable)
