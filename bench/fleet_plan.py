"""A plan on paper: what a fleet needs for so many runs a day, from the figures of one worker, and what breaks first."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

DAY = 86_400
MEASURED_POLL = 1.0
"""Seconds between two looks of a worker into a queue, while the figures were taken."""


@dataclass(frozen=True)
class Figures:
    """What was measured."""

    idle_transactions: float
    """A second, of a worker that polls one queue every second."""
    run_transactions: float
    run_calls: float
    run_kilobytes: float
    connections: int

    @classmethod
    def of(cls, counts: Mapping[str, Any]) -> "Figures":
        """From the table of `bench/fleet.py counts`."""
        return cls(
            counts["transactions/s of an idle worker"],
            counts["transactions of a run"],
            counts["calls of a run"],
            counts["kB of a run in the database"],
            counts["connections of a worker, idle"],
        )


@dataclass(frozen=True)
class Fleet:
    """A fleet that is planned."""

    workers: int
    runs_a_day: int
    seconds: float = 300.0
    """Of one run."""
    calls: float = 30.0
    """Of one run."""
    poll: float = MEASURED_POLL


FLEETS = (
    Fleet(4, 1_000),
    Fleet(20, 20_000),
    Fleet(100, 100_000, poll=5.0),
    Fleet(200, 200_000),
    Fleet(200, 200_000, poll=5.0),
    Fleet(1_000, 1_000_000),
    Fleet(1_000, 1_000_000, poll=10.0),
)


def planned(figures: Figures, fleets: tuple[Fleet, ...] = FLEETS) -> list[dict[str, Any]]:
    """One row for each fleet: what it asks of the model, the database and the disk."""
    return [row(figures, fleet) for fleet in fleets]


def transactions_a_second(figures: Figures, fleet: Fleet) -> float:
    """Of the runs of a fleet: of a run's transactions some are its start and its end, the rest belongs to its calls."""
    each = figures.run_transactions * max(1.0, fleet.calls / max(1.0, figures.run_calls))
    return fleet.runs_a_day / DAY * each


def row(figures: Figures, fleet: Fleet) -> dict[str, Any]:
    """What a fleet needs."""
    starts = fleet.runs_a_day / DAY
    at_once = starts * fleet.seconds
    beats = figures.idle_transactions * MEASURED_POLL / fleet.poll * fleet.workers
    return {
        "workers": fleet.workers,
        "runs a day": f"{fleet.runs_a_day:,}",
        "poll s": fleet.poll,
        "starts/s": round(starts, 2),
        "runs at once": round(at_once),
        "slots a worker": round(at_once / fleet.workers + 0.5),
        "model calls/s": round(starts * fleet.calls, 1),
        "idle tx/s": round(beats),
        "work tx/s": round(transactions_a_second(figures, fleet)),
        "connections": round(figures.connections * fleet.workers + 2 * at_once),
        "GB a day": round(fleet.runs_a_day * figures.run_kilobytes / 1e6, 1),
    }
