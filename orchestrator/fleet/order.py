"""An order: what a worker tells the process that carries out one run, and what that process says when it is over."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

OVER: Final = "over"
"""The run has ended, and its end is in the database."""
PROVIDER: Final = "provider"
"""Its provider fails; the run can go on later."""
DRAINED: Final = "drained"
"""The worker leaves; the run can go on at once."""
CRASHED: Final = "crashed"
LOST: Final = "lost"
"""The run is another process's, or cancelled."""


@dataclass(frozen=True)
class Order:
    """Everything that the process cannot find in its environment."""

    url: str
    """Of the database, without a password, which the environment holds."""
    store: str
    host: str
    """The state directory of this host: repositories are fetched into it."""
    home: str
    """Where the run's folder is, or is to be."""
    allowed: list[str]
    """Repositories that rows of this database may name."""
    endpoints: dict[str, dict[str, str]]
    most_cost: float | None
    """US dollars that the whole batch may cost."""
    last_try: bool
    """Whether a failing provider ends the run for good."""
    row: Mapping[str, Any]
    """The run's row, as it was taken."""

    @property
    def run(self) -> str:
        """The id of the run."""
        return str(self.row["run"])

    @property
    def epoch(self) -> int:
        """The one that this process holds."""
        return int(self.row["epoch"])

    @property
    def shared(self) -> bool:
        """Whether other hosts may go on with the run."""
        return not self.url.startswith("sqlite")

    def line(self) -> bytes:
        """The order as it is told."""
        return json.dumps(asdict(self)).encode() + b"\n"


def read_order(line: str) -> Order:
    """The order that a line holds."""
    return Order(**json.loads(line))


def end_line(what: str, reason: str = "") -> str:
    """How the process says how it ended: its last line."""
    return json.dumps({"end": what, "reason": reason[:2000]})


def read_end(line: str) -> tuple[str, str]:
    """How a process ended, and why; one that said nothing crashed."""
    try:
        told = json.loads(line)
        return str(told["end"]), str(told["reason"])
    except (ValueError, KeyError, TypeError):
        return CRASHED, "its process ended without a word"
