"""Leases: a worker that beats keeps its runs; of one that is silent any other may take them, and it writes no more."""

import os
import uuid
from collections.abc import Mapping
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

    def begin(self, slots: int) -> None:
        """Join the fleet; before the first run is taken."""
        program = installed_version() or "source"
        with self.database.transaction() as transaction:
            # On one machine a lock on the state directory has shown that no other worker lives.
            silent = f"NOT ({self.alive()})" if self.database.shared else "1 = 1"
            transaction.change(f"DELETE FROM fleet_worker WHERE {silent}")
            transaction.change(
                "INSERT INTO fleet_worker (id, host, program, slots, started, beat) "
                "VALUES (:id, :host, :program, :slots, {now}, {now})",
                **{
                    "id": self.worker,
                    "host": os.uname().nodename,
                    "program": program,
                    "slots": slots,
                },
            )

    def beat(self, *, draining: bool) -> bool:
        """Say that this worker lives; False where the lease is over: others own its runs now."""
        statement = f"UPDATE fleet_worker SET beat = {{now}}, draining = :d WHERE id = :w AND {self.alive()}"
        return self.database.change(statement, w=self.worker, d=int(draining)) == 1

    def end(self) -> None:
        """Leave the fleet."""
        self.database.change("DELETE FROM fleet_worker WHERE id = :w", w=self.worker)

    def living(self) -> set[str]:
        """The workers that beat."""
        return {row["id"] for row in self.database.rows(f"SELECT id FROM fleet_worker WHERE {self.alive()}")}

    def alive(self) -> str:
        """The condition for a row of fleet_worker: a database that was itself away until now counts as a beat."""
        beat = "beat"
        if self.database.shared:
            beat = "greatest(beat, extract(epoch FROM pg_postmaster_start_time()))"
        return f"{beat} > {{now}} - {self.seconds:f}"


TAKE = """\
UPDATE fleet_run SET state = 'running', epoch = epoch + 1, worker = :w, held = 0, started = coalesce(started, {now})
WHERE run = :r RETURNING *"""


def take(lease: Lease, run: str) -> Mapping[str, Any] | None:
    """The run's row with a new epoch: whoever held it before can write no more.

    None for one that is over, or that a living worker has.
    """
    lock = " FOR UPDATE" if lease.database.shared else ""
    with lease.database.transaction() as transaction:
        before = transaction.rows(f"SELECT state, worker, batch FROM fleet_run WHERE run = :r{lock}", r=run)
        if not before or before[0]["state"] not in ("queued", "fed", "running"):
            return None
        if before[0]["state"] == "running":
            alive = f"SELECT 1 FROM fleet_worker WHERE id = :w AND {lease.alive()}"
            if transaction.rows(alive, w=before[0]["worker"]):
                return None
            transaction.change(COUNT, n="lease_losses", m=1)
        transaction.change("UPDATE fleet_batch SET begun = coalesce(begun, {now}) WHERE id = :b", b=before[0]["batch"])
        return transaction.rows(TAKE, r=run, w=lease.worker)[0]


def holds(database: Database, run: str, epoch: int) -> bool:
    """True while the run is this epoch's, and not cancelled."""
    found = database.rows("SELECT 1 FROM fleet_run WHERE run = :r AND epoch = :e AND state = 'running'", r=run, e=epoch)
    return bool(found)


def count(database: Database, name: str, more: float = 1) -> None:
    """Add to a counter of the fleet."""
    database.change(COUNT, n=name, m=more)


COUNT = """\
INSERT INTO fleet_count (name, value) VALUES (:n, :m)
ON CONFLICT (name) DO UPDATE SET value = fleet_count.value + :m"""


def fresh_name() -> str:
    """An id for a worker that no other has, and had."""
    return f"{os.uname().nodename}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
