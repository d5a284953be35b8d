"""A worker: it beats, feeds the engine, hands on what dead workers held, and carries out what it is given."""

import contextlib
import fcntl
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from orchestrator.errors import UsageError
from orchestrator.fleet.carrying import LEAST_FREE, Carrier
from orchestrator.fleet.database import Database
from orchestrator.fleet.engine import DbosEngine
from orchestrator.fleet.feed import feed
from orchestrator.fleet.lease import Lease, fresh_name, has_turn, take
from orchestrator.fleet.log import log
from orchestrator.fleet.overview import versions_of, workers
from orchestrator.fleet.patience import AWAY, waited_for
from orchestrator.fleet.place import Place
from orchestrator.fleet.retention import tidy
from orchestrator.fleet.transitions import crashed, outlived, rescued
from workspace.process import kill_all

LEASE_OVER = 75
"""Exit code of a worker whose lease is over: whoever supervises it starts a fresh one."""

TIDY = 600.0
"""Seconds between two rounds of tidying up."""


class Worker:
    """One worker of a fleet. It is started once, and ends with `drain`."""

    def __init__(self, place: Place, slots: int, *, poll: float = 1.0, keep_days: float = 30.0) -> None:
        self.place, self.slots, self._keep, self._poll = place, slots, keep_days, poll
        self.name = fresh_name()
        self.database: Database = place.database()
        self.lease = Lease(self.database, self.name, place.settings.fleet.lease)
        home = place.home / "fleet" / "work" / self.name if place.shared else place.home
        self.carrier = Carrier(place, self.database, home)
        self.beaten = self._since = time.monotonic()
        self.running: set[str] = set()
        self.full = threading.Event()
        """Set once the disk has no room for one more run: a worker that only fails is worse than none."""
        self._free = threading.Semaphore(slots)
        self._over = threading.Event()
        self._engine = DbosEngine(place.url, self.name, poll=poll)
        self._tidied = 0.0
        self._reaping = max(1.0, self.lease.seconds / 4)

    def start(self) -> None:
        """Join the fleet and begin to take runs."""
        if not self.carrier.has_room():
            raise UsageError(
                f"The disk of {self.place.home} is nearly full.",
                fix=f"Make {LEAST_FREE // 1_000_000} MB of room there.",
            )
        self._set_limits()
        self.lease.begin(self.slots, self._endpoints())
        self._engine.start(self._job, self.slots)
        self._serve()
        for name, every, step in (
            ("beat", self.lease.seconds / 4, self._beat),
            ("feed", self._poll / 2, self._feed),
            ("reap", self._reaping, self._reap),
        ):
            threading.Thread(target=self._again, args=(every, step), name=name, daemon=True).start()
        log("worker.up", worker=self.name, slots=self.slots, shared=self.place.shared)
        if len(versions := versions_of(workers(self.database, self.lease.seconds))) > 1:
            log("workers.differ", versions=versions, fix="Update them: prompts of different versions may differ.")

    @property
    def draining(self) -> bool:
        """Whether it takes no more runs."""
        return self.carrier.draining.is_set()

    def drain(self) -> None:
        """Take no more runs, give back those that are under way, and leave the fleet."""
        log("worker.draining", worker=self.name, running=len(self.running))
        self.carrier.draining.set()
        while self.running:
            time.sleep(0.1)
        self._over.set()
        self._engine.stop()
        with contextlib.suppress(*AWAY):
            self.lease.end()
        if self.place.shared:
            shutil.rmtree(self.carrier.home, ignore_errors=True)
        log("worker.gone", worker=self.name)
        self.database.close()

    def nothing_left(self) -> bool:
        """True where no run waits, and none is under way anywhere."""
        left = "SELECT 1 FROM fleet_run WHERE state IN ('queued', 'fed', 'running') LIMIT 1"
        try:
            return not self.running and not self.database.rows(left)
        except AWAY:
            return False

    def _job(self, run: str) -> None:
        """One turn of a run, on a thread of the engine's."""
        with self._free:
            if run in self.running:
                return
            if not self.carrier.has_room() and not self.full.is_set():
                log("disk.full", home=str(self.carrier.home))
                self.full.set()
            if self.draining or self.full.is_set():
                self.database.patiently("UPDATE fleet_run SET state = 'queued' WHERE run = :r AND state = 'fed'", r=run)
                return
            self.running.add(run)
            try:
                row = waited_for(lambda: take(self.lease, run))
                if row is not None:
                    self._carried_out(row)
            finally:
                self.running.discard(run)

    def _carried_out(self, row: Mapping[str, Any]) -> None:
        try:
            self.carrier.carry_out(row)
        except Exception as fault:  # the edge of the thread: a fault of ours must not keep the run
            reason = f"{type(fault).__name__}: {fault}"[:500]
            log("run.failed_here", run=row["run"], reason=reason)
            crashed(self.database, row["run"], row["epoch"], row["crashes"], reason)

    def _again(self, every: float, step: Callable[[], None]) -> None:
        """Do a step again and again, whatever the database says."""
        while not self._over.wait(every):
            try:
                step()
            except AWAY as fault:
                log("database.away", step=step.__name__, reason=" ".join(str(fault).split())[:200])
            except Exception as fault:  # the edge of a thread that must not end: the next round tries again
                log("step.failed", step=step.__name__, reason=f"{type(fault).__name__}: {fault}"[:300])

    def _beat(self) -> None:
        if self.lease.beat(draining=self.draining):
            now = time.monotonic()
            if now - self.beaten > self.lease.seconds / 2:
                self._since = now
            self.beaten = now
            return
        log("lease.over", worker=self.name, running=sorted(self.running))
        kill_all(for_good=True)
        os._exit(LEASE_OVER)

    def _feed(self) -> None:
        if self.draining or self.full.is_set():
            return
        known = self._endpoints()  # who knows others has a turn of its own: else their runs could wait for ever
        if has_turn(self.database, f"feed {' '.join(sorted(known))}", self._poll / 2):
            feed(self.database, self._engine, known, self.lease)

    def _reap(self) -> None:
        """Hand on the runs of silent workers, and tidy up."""
        self._serve()
        self._tidy()
        if self._in_touch() and has_turn(self.database, "end silent", self._reaping / 2):
            self._end_silent()
        if has_turn(self.database, "reclaim", self._reaping / 2):
            self._reclaim()

    def _end_silent(self) -> None:
        if silent := self.lease.end_silent():
            log("workers.silent", workers=sorted(silent))

    def _reclaim(self) -> None:
        """Give what dead workers held back to the queues. Owners first, the living second: who joins lives."""
        owners = self._engine.owners()
        if dead := owners - self.lease.living():
            log("workers.dead", workers=sorted(dead))
            self._engine.reclaim(dead)
        rescued(self.lease)
        for run, turn in self._engine.parked():
            outlived(self.database, run, turn)

    def _tidy(self) -> None:
        if time.monotonic() - self._tidied > TIDY or not self._tidied:
            self._tidied = time.monotonic()
            tidy(self.database, self._engine, self.place, self._keep)

    def _in_touch(self) -> bool:
        """Whether this worker has beaten without a gap for a whole lease: else others may have had as little chance."""
        now = time.monotonic()
        return now - self.beaten < self.lease.seconds / 2 and now - self._since > self.lease.seconds

    def _endpoints(self) -> set[str]:
        return {"default", *self.place.settings.fleet.endpoints}

    def _set_limits(self) -> None:
        """Write this worker's limits down for all: whoever starts last says what holds."""
        limits = self.place.settings.fleet.limits
        with self.database.transaction() as transaction:
            for name, limit in limits.items():
                transaction.change(
                    "INSERT INTO fleet_limit (name, runs, requests, tokens) VALUES (:n, :runs, :requests, :tokens) "
                    "ON CONFLICT (name) DO UPDATE SET runs = excluded.runs, requests = excluded.requests, "
                    "tokens = excluded.tokens",
                    **{"n": name, **limit.model_dump()},
                )

    def _serve(self) -> None:
        limits = {row["name"]: row["runs"] for row in self.database.rows("SELECT name, runs FROM fleet_limit")}
        for endpoint in sorted(self._endpoints()):
            self._engine.serve(endpoint, limits.get(endpoint))


@contextmanager
def only_one(place: Place) -> Iterator[bool]:
    """Whether this is the only worker of a state directory; on one machine there is one, which needs no lease."""
    if place.shared:
        yield True
        return
    with (place.home / "fleet" / "worker.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        Database(place.url).close()
        yield True


def refuse_second(place: Place) -> UsageError:
    """The sentence for a second worker on one state directory."""
    return UsageError(
        f"A worker serves {place.home} already.",
        fix="Give it more to do with `orchestrator batch FILE`, or name a PostgreSQL database for more workers.",
    )
