"""The process that carries out one run for a worker: it ends with its standard input, and when the run is another's."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import NoReturn, cast

from nodes.hiding import opened_secrets
from orchestrator.attend import announce, begun
from orchestrator.checkpoints import saver_of
from orchestrator.drive import Interrupted, Saver, drive, last_word
from orchestrator.errors import UsageError
from orchestrator.faults import explained
from orchestrator.fleet.beginning import taken_up, with_key_of
from orchestrator.fleet.checkpointing import fenced_checkpoints
from orchestrator.fleet.database import Database, LeaseLost
from orchestrator.fleet.ending import finished, refused
from orchestrator.fleet.meter import Meter
from orchestrator.fleet.order import CRASHED, DRAINED, LOST, OVER, PROVIDER, Order, end_line, read_order
from orchestrator.fleet.shipping import SharedJournal, Shipper
from orchestrator.fleet.store import PatientStore, Store, store_of
from orchestrator.fold import view_of
from orchestrator.result import Result
from workspace.errors import RootUnusable
from workspace.keeping import Keeper, kept_by
from workspace.process import kill_all
from workspace.run import Run

LOOK = 1.0
"""Seconds between two shipments of events, so that others can watch a run."""


GRACE = 20.0
"""Seconds that calls on their way may take to be answered when the worker leaves."""


def main() -> None:
    """Carry out the order on standard input, and say how it ended."""
    order = read_order(sys.stdin.readline())
    drained = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: drained.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=end_with_input, daemon=True).start()
    with_key_of(order)
    try:
        carry_out(order, drained)
    except LeaseLost as lost:
        leave(LOST, str(lost))
    except Exception as fault:
        # The edge of the process: the worker hears the reason, and another try may go on.
        leave(CRASHED, explained(fault)[0])
    leave(OVER)


def end_with_input() -> None:
    """End when the worker does, however it ends."""
    while os.read(0, 4096):  # a buffered read would abort the interpreter where the run ends first
        pass
    leave(LOST, "the worker has gone")


def leave(what: str, reason: str = "") -> NoReturn:
    """Say how it ended, end every command that is under way, and be gone at once."""
    kill_all(for_good=True)
    try:
        os.write(1, f"{end_line(what, reason)}\n".encode())
    finally:
        os._exit(0)


def lost() -> NoReturn:
    """The database says that the run is another's: nothing more is done for it here."""
    leave(LOST, "the lease is lost")


def carry_out(order: Order, drained: threading.Event) -> None:
    """Bring the run to its end, or as far as this process gets."""
    database = Database(order.url, order.epoch, lost)
    store = PatientStore(store_of(order.store, database))
    try:
        run, arrived = taken_up(order, database, store)
    except (UsageError, RootUnusable) as fault:
        refused(database, order, str(fault))
        return
    with run.lock():
        result = driven(run, order, database, store, arrived, drained)
        if result["outcome"] == "provider" and not order.last_try:
            leave(PROVIDER, result["reason"])
        finished(database, store, order, run, result)


def driven(
    run: Run, order: Order, database: Database, store: Store, arrived: frozenset[str], drained: threading.Event
) -> Result:
    """The run's result; does not return where the worker drains before there is one."""
    meter = Meter(database, run.id, order.row["batch"], order.row["endpoint"])
    home, keeper, ship = run.folder.parents[1], cast("Keeper", meter), nothing
    checkpoints: Saver = saver_of
    if order.shared:
        ship = Shipper(run, database, store, arrived).ship
        checkpoints = fenced_checkpoints(order.url, order.epoch, ship, lost)
        keeper = SharedJournal(run, database, meter)
    run.events.hide = opened_secrets(run, home, os.environ).hide_all
    announce(run, known=bool(view_of(run.events.read()).request))
    with kept_by(run.journal_path, keeper):
        _, results = begun(lambda: drive(run, home, None, drained, checkpoints=checkpoints))
        while (result := result_in(results)) is None:
            ship()
            if drained.is_set():
                interrupt(run, meter, ship)
    ship()
    return result


def nothing() -> None:
    """Ship nothing: on one machine a run lies where it is."""


def result_in(results: "SimpleQueue[Result | Exception]") -> Result | None:
    """The result, None where there is none after a while; raises what the work raised."""
    try:
        result = results.get(timeout=LOOK)
    except Empty:
        return None
    if isinstance(result, Interrupted):
        leave(DRAINED)
    if isinstance(result, Exception):
        raise result
    return result


def interrupt(run: Run, meter: Meter, ship: Callable[[], None]) -> NoReturn:
    """Let calls that are on their way be answered, begin no other, and leave the run to another worker."""
    meter.closed.set()
    end = time.monotonic() + GRACE
    while meter.under_way and time.monotonic() < end:
        time.sleep(0.05)
    last_word(run, "run.interrupted")
    ship()
    leave(DRAINED)


if __name__ == "__main__":
    main()
