"""Leases: a worker that beats keeps its runs; of one that is silent any other may take them, and it writes no more."""

import json
import os
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from orchestrator.fleet.database import Database
from orchestrator.version import installed_version


@dataclass(frozen=True)
class Lease:
    """A worker's claim to be alive."""

    database: Database
    worker: str
    """Fresh for each process: the name of a host would let a restarted worker vouch for its dead self."""
    seconds: float
    """Without a beat until the worker counts as dead."""

    def begin(self, slots: int, endpoints: Iterable[str]) -> None:
        """Join the fleet, with the endpoints that this worker knows; before the first run is taken."""
        program = installed_version() or "source"
        with self.database.transaction() as transaction:
            if not self.database.shared:  # a lock on the state directory has shown that no other worker lives
                transaction.change("DELETE FROM fleet_worker")
            transaction.change(
                "INSERT INTO fleet_worker (id, host, program, endpoints, slots, started, beat) "
                "VALUES (:id, :host, :program, :endpoints, :slots, {now}, {now})",
                **{
                    "id": self.worker,
                    "host": os.uname().nodename,
                    "program": program,
                    "endpoints": json.dumps(sorted(endpoints)),
                    "slots": slots,
                },
            )

    def beat(self, *, draining: bool) -> bool:
        """Say that this worker lives; False where the lease is over: others own its runs now."""
        statement = "UPDATE fleet_worker SET beat = {now}, draining = :d WHERE id = :w"
        return self.database.change(statement, w=self.worker, d=int(draining)) == 1

    def end(self) -> None:
        """Leave the fleet."""
        self.database.change("DELETE FROM fleet_worker WHERE id = :w", w=self.worker)

    def living(self) -> set[str]:
        """The workers whose lease is not over: nobody has found them silent for too long yet."""
        return {row["id"] for row in self.database.rows("SELECT id FROM fleet_worker")}

    def end_silent(self) -> set[str]:
        """End the leases of those that were silent for too long; who they are.

        Only for who has reached the database without a gap for as long: else it is the database that was away.
        """
        silent = f"DELETE FROM fleet_worker WHERE NOT ({self.alive()}) AND id <> :w RETURNING id"
        return {row["id"] for row in self.database.rows(silent, w=self.worker)}

    def alive(self) -> str:
        """The condition for a row of fleet_worker that its worker beats."""
        return f"beat > {{now}} - {self.seconds:f}"


TAKE = """\
UPDATE fleet_run SET state = 'running', epoch = epoch + 1, worker = :w, held = 0, started = coalesce(started, {now})
WHERE run = :r RETURNING *"""


def take(lease: Lease, run: str) -> Mapping[str, Any] | None:
    """The run's row with a new epoch: whoever held it before can write no more.

    None for one that is over, or that another worker has whose lease is not over.
    """
    lock = " FOR UPDATE" if lease.database.shared else ""
    with lease.database.transaction() as transaction:
        before = transaction.rows(f"SELECT state, worker, batch FROM fleet_run WHERE run = :r{lock}", r=run)
        if not before or before[0]["state"] not in ("queued", "fed", "running"):
            return None
        if before[0]["state"] == "running":
            others = "SELECT 1 FROM fleet_worker WHERE id = :w AND id <> :me"
            if transaction.rows(others, w=before[0]["worker"], me=lease.worker):
                return None
            if before[0]["worker"] != lease.worker:  # else it has taken the run already, and did not hear of it
                transaction.change(COUNT, n="lease_losses", m=1)
        transaction.change("UPDATE fleet_batch SET begun = coalesce(begun, {now}) WHERE id = :b", b=before[0]["batch"])
        return transaction.rows(TAKE, r=run, w=lease.worker)[0]


def holds(database: Database, run: str, epoch: int) -> bool:
    """True while the run is this epoch's, and not cancelled."""
    found = database.rows("SELECT 1 FROM fleet_run WHERE run = :r AND epoch = :e AND state = 'running'", r=run, e=epoch)
    return bool(found)


def count(database: Database, name: str, more: float = 1) -> None:
    """Add to a counter of the fleet."""
    database.patiently(COUNT, n=name, m=more)


def has_turn(database: Database, duty: str, every: float) -> bool:
    """Whether this worker is the one that does a duty of the fleet's now; one of all has it in so many seconds."""
    taken = (
        "INSERT INTO fleet_count (name, value) VALUES (:n, {now}) "
        "ON CONFLICT (name) DO UPDATE SET value = {now} WHERE fleet_count.value < {now} - :every"
    )
    return database.change(taken, n=f"turn/{duty}", every=every) == 1


COUNT = """\
INSERT INTO fleet_count (name, value) VALUES (:n, :m)
ON CONFLICT (name) DO UPDATE SET value = fleet_count.value + :m"""


def fresh_name() -> str:
    """An id for a worker that no other has, and had."""
    return f"{os.uname().nodename}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
