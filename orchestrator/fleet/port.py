"""The port to the engine that hands runs to workers: the few calls that the fleet makes of it."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Job:
    """One turn of a run, as the engine sees it."""

    id: str
    """The same turn has the same id: handing it in twice is handing it in once."""
    run: str
    endpoint: str
    repository: str
    priority: int
    """From 1; the lowest comes first."""


class Engine(Protocol):
    """Hands jobs to workers, each to one at a time, within the limits of its endpoint and one for each repository."""

    def start(self, work: Callable[[str], None], slots: int) -> None:
        """Join, and call `work` with the id of a run for each job that this worker is given."""
        ...

    def serve(self, endpoint: str, most: int | None) -> None:
        """Take jobs of an endpoint, of which at most so many run in the whole fleet."""
        ...

    def hand_in(self, job: Job) -> None:
        """Put a job into the queue of its endpoint."""
        ...

    def owners(self) -> set[str]:
        """The workers that jobs are with now, the dead ones included."""
        ...

    def reclaim(self, dead: Collection[str]) -> None:
        """Put the jobs of these workers back into their queues; may be done by several workers at once."""
        ...

    def parked(self) -> list[tuple[str, int]]:
        """The runs whose jobs ended so many workers that they are handed out no more, each with the turn."""
        ...

    def forget(self, before: float) -> int:
        """Remove the records of jobs that ended before a time (seconds since 1970); how many."""
        ...

    def stop(self) -> None:
        """Leave: take no more jobs."""
        ...
