"""Carrying a run out: its own process, watched until it is over, and what then becomes of the run."""

import contextlib
import os
import shutil
import signal
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from orchestrator.fleet import order as said
from orchestrator.fleet.database import Database
from orchestrator.fleet.lease import holds
from orchestrator.fleet.log import log
from orchestrator.fleet.meter import spent_of
from orchestrator.fleet.order import CRASHED, LOST, Order, read_end
from orchestrator.fleet.patience import AWAY, waited_for
from orchestrator.fleet.place import Place
from orchestrator.fleet.transitions import MOST_REFUSALS, crashed, out_of_budget, put_back, put_off
from workspace.process import Child, start_child

LOOK = 0.5
"""Seconds between two looks whether a run is still this worker's."""

CHILD = (sys.executable, "-m", "orchestrator.fleet.child")


LEAST_FREE = 100_000_000
"""Bytes that a disk must have left for a run to be begun on it."""


class Carrier:
    """Carries out runs for one worker. Safe for threads."""

    def __init__(self, place: Place, database: Database, home: Path) -> None:
        self._place, self._database, self.home = place, database, home
        self.draining = threading.Event()
        home.mkdir(parents=True, exist_ok=True, mode=0o700)

    def has_room(self) -> bool:
        """Whether there is room on the disk for one more run."""
        return shutil.disk_usage(self.home).free >= LEAST_FREE

    def carry_out(self, row: Mapping[str, Any]) -> None:
        """Bring a run that was taken to its end, or give it back."""
        run, epoch = str(row["run"]), int(row["epoch"])
        look = "SELECT *, {now} AS now FROM fleet_batch WHERE id = :b"
        batch = waited_for(lambda: self._database.rows(look, b=row["batch"]))[0]
        if spent := spent_of(batch):
            out_of_budget(self._database, run, epoch, *spent)
            return
        log("run.taken", run=run, epoch=epoch)
        what, reason = self._followed(self._order(row, batch["max_cost"]), run, epoch)
        log("run.left", run=run, epoch=epoch, end=what, reason=reason)
        if what == said.CRASHED and not self.has_room():
            what = said.DRAINED  # it is this host that has a fault, not the run
        match what:
            case said.PROVIDER:
                put_off(self._database, run, epoch, int(row["refusals"]))
            case said.DRAINED:
                put_back(self._database, run, epoch)
            case said.CRASHED:
                crashed(self._database, run, epoch, int(row["crashes"]), reason)
        if self._place.shared:
            shutil.rmtree(self.home / "runs" / run, ignore_errors=True)

    def _order(self, row: Mapping[str, Any], most_cost: float | None) -> Order:
        fleet = self._place.settings.fleet
        return Order(
            url=self._place.url,
            store=self._place.store,
            host=str(self._place.home),
            home=str(self.home),
            allowed=list(fleet.repositories),
            endpoints={name: endpoint.model_dump() for name, endpoint in fleet.endpoints.items()},
            most_cost=most_cost,
            last_try=int(row["refusals"]) >= MOST_REFUSALS,
            row=dict(row),
        )

    def _followed(self, order: Order, run: str, epoch: int) -> tuple[str, str]:
        """How the run's process ended, and why."""
        child = start_child(CHILD, cwd=self._place.home)
        try:
            child.stdin.write(order.line())
            child.stdin.flush()
            return self._watched(child, run, epoch)
        except OSError:
            return CRASHED, "its process ended before it began"
        finally:
            child.close()

    def _watched(self, child: Child, run: str, epoch: int) -> tuple[str, str]:
        last, told = "", False
        while True:
            for line in child.lines(timeout=LOOK):
                last = line
            if child.poll() is not None:
                return read_end(last)
            if self.draining.is_set() and not told:
                told = True
                os.kill(child.pid, signal.SIGTERM)
            with contextlib.suppress(*AWAY):  # a database that is away says nothing about the lease
                if not holds(self._database, run, epoch):
                    # It ended a moment ago, or it is another's: the process says which, where it still can.
                    with contextlib.suppress(StopIteration):
                        last = next(iter(child.lines(timeout=LOOK)))
                    return read_end(last) if last else (LOST, "cancelled, or the lease is lost")
