"""A fleet larger than any that can be rented for a test, simulated from the figures of one worker and one database.

Workers poll with phases of their own, runs start by chance, and every transaction waits for a free core of the
database. What comes out is how busy those cores are and how long a transaction and a run's start wait for them.
"""

import heapq
import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from bench.fleet_plan import DAY, MEASURED_POLL, Figures, Fleet, transactions_a_second

SECONDS = 10.0
"""Simulated, after which queues that grow have shown that they do."""


@dataclass(frozen=True)
class Machine:
    """The database's."""

    cores: int
    milliseconds: float
    """CPU of one transaction."""


def simulated(figures: Figures, fleet: Fleet, machine: Machine, seed: int = 0) -> dict[str, Any]:
    """One row: how the database bears a fleet. Waits are the 95th percentile, in milliseconds."""
    chance = random.Random(seed)
    arrivals = sorted(chain(polls(figures, fleet, chance), work(figures, fleet, chance)))
    waits, busy = served(arrivals, machine)
    late = percentile(waits[-max(1, len(waits) // 10) :])  # a queue that grows is seen at the end
    look = figures.idle_transactions * MEASURED_POLL * (machine.milliseconds + late)
    return {
        "workers": fleet.workers,
        "runs a day": f"{fleet.runs_a_day:,}",
        "poll s": fleet.poll,
        "tx/s": round(len(arrivals) / SECONDS),
        "cores": machine.cores,
        "busy": f"{min(1.0, busy):.0%}",
        "a transaction waits, ms": "grows" if busy > 1.0 else round(late, 1),
        "a run starts after, s": "grows" if busy > 1.0 else round(start(fleet, chance) + look / 1000, 1),
    }


def polls(figures: Figures, fleet: Fleet, chance: random.Random) -> Iterator[float]:
    """When the transactions of workers come that look for something to do."""
    each = round(figures.idle_transactions * MEASURED_POLL)
    for _ in range(fleet.workers):
        at = chance.random() * fleet.poll
        while at < SECONDS:
            yield from (at,) * each
            at += fleet.poll


def work(figures: Figures, fleet: Fleet, chance: random.Random) -> Iterator[float]:
    """When the transactions of runs come: thousands of independent runs are a Poisson process."""
    rate = transactions_a_second(figures, fleet)
    at = chance.expovariate(rate)
    while at < SECONDS:
        yield at
        at += chance.expovariate(rate)


def served(arrivals: list[float], machine: Machine) -> tuple[list[float], float]:
    """How long each waits for a core (ms), first come first served, and the load (1 is all cores all the time)."""
    free = [0.0] * machine.cores
    waits = []
    for at in arrivals:
        begins = max(at, free[0])
        heapq.heapreplace(free, begins + machine.milliseconds / 1000)
        waits.append(1000 * (begins - at))
    return waits, len(arrivals) * machine.milliseconds / 1000 / machine.cores / SECONDS


def start(fleet: Fleet, chance: random.Random, runs: int = 2000) -> float:
    """Seconds from a run's submission until a worker with a free slot looks, as the 95th percentile."""
    at_once = fleet.runs_a_day / DAY * fleet.seconds
    idle = max(1, round(fleet.workers - at_once / slots(fleet)))
    return percentile([chance.random() * fleet.poll / 2 + chance.expovariate(idle / fleet.poll) for _ in range(runs)])


def slots(fleet: Fleet) -> int:
    """Of a worker, so that a fifth of all slots is free on average."""
    return max(1, round(1.25 * fleet.runs_a_day / DAY * fleet.seconds / fleet.workers + 0.5))


def percentile(values: list[float], part: float = 0.95) -> float:
    """The value that so many of all do not pass."""
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]
