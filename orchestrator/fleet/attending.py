"""Attending a batch: on one machine this process is its worker, unless one is up; in a fleet it only looks on."""

import sys
import threading
from types import FrameType

from orchestrator.exits import INTERRUPTED
from orchestrator.fleet.database import Database
from orchestrator.fleet.overview import is_over, results, workers, worst
from orchestrator.fleet.place import Place
from orchestrator.fleet.watching import followed, summary
from orchestrator.result import line_of
from orchestrator.signals import POLITE, heard_by


def attend(place: Place, database: Database, batch: str, *, slots: int, as_json: bool) -> int:
    """See a batch through to its end, tell its results, and return the exit code of the worst."""
    stop = threading.Event()

    def heard(number: int, frame: FrameType | None) -> None:
        stop.set()

    with heard_by(heard, POLITE):
        seen_through(place, database, batch, slots, stop)
    if not is_over(database, batch):
        print("\nInterrupted; nothing is lost. Go on with: orchestrator worker", file=sys.stderr)
        return INTERRUPTED
    if as_json:
        for result in results(database, batch):
            print(line_of(result))
    else:
        print(summary(database, batch))
    return worst(database, batch)


def seen_through(place: Place, database: Database, batch: str, slots: int, stop: threading.Event) -> None:
    """Work on a batch, or look on while others do."""
    if place.shared:
        if not workers(database, place.settings.fleet.lease):
            print("No worker is up yet. Start one with: orchestrator worker", file=sys.stderr)
        followed(database, batch, lambda: not stop.is_set())
        return
    from orchestrator.fleet import log
    from orchestrator.fleet.worker import Worker, only_one

    log.quiet = True
    with only_one(place) as mine:
        if not mine:
            followed(database, batch, lambda: not stop.is_set())
            return
        if is_over(database, batch):
            return
        worker = Worker(place, slots, poll=0.3)
        worker.start()
        try:
            followed(database, batch, lambda: not stop.is_set())
        finally:
            worker.drain()
