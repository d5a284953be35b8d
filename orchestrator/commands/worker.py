"""The command ``worker``: carries out what batches ask for, until it is told to leave."""

import sys
import threading
from argparse import Namespace
from types import FrameType

from orchestrator.commands.batch import not_installed
from orchestrator.signals import POLITE, heard_by


def worker(options: Namespace) -> int:
    """Join the fleet; SIGTERM and Ctrl-C let it give back what is under way and leave."""
    try:
        from orchestrator.fleet.engine import migrate
        from orchestrator.fleet.health import served
        from orchestrator.fleet.place import place_of
        from orchestrator.fleet.worker import LEASE_OVER, Worker, only_one, refuse_second
    except ModuleNotFoundError as missing:
        raise not_installed(missing) from None
    place = place_of(options)
    if options.prepare:
        place.database(may_make=True)
        migrate(place.url)
        print("The fleet's database is ready.", file=sys.stderr)
        return 0
    stop = threading.Event()

    def heard(number: int, frame: FrameType | None) -> None:
        stop.set()

    with only_one(place) as mine, heard_by(heard, POLITE):
        if not mine:
            raise refuse_second(place)
        one = Worker(place, options.slots, poll=options.poll, keep_days=options.keep_days)
        with served(one, options.health):
            one.start()
            while not stop.wait(0.5) and not one.full.is_set():
                if options.until_empty and one.nothing_left():
                    break
            one.drain()
    return LEASE_OVER if one.full.is_set() else 0
