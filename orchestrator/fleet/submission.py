"""Submitting: the lines of a batch become rows, each key once, however often it is sent."""

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from orchestrator.fleet.database import Database
from orchestrator.fleet.items import Item, Limits

SPACE = uuid.UUID("6a0d4f0e-8f5e-4c39-9f0e-0f1f6f0b7d11")
"""Of the ids of runs: the same key is the same run on every machine."""

INSERT = """\
INSERT INTO fleet_run (run, batch, number, key, spec, endpoint, repository, priority, not_before, submitted)
VALUES (:run, :batch, :number, :key, :spec, :endpoint, :repository, :priority, :not_before, {now})
ON CONFLICT (run) DO NOTHING"""

BATCH = """\
INSERT INTO fleet_batch (id, name, submitted, max_calls, max_tokens, max_cost, max_seconds)
VALUES (:id, :name, {now}, :calls, :tokens, :cost, :seconds) ON CONFLICT (id) DO NOTHING"""


@dataclass(frozen=True)
class Submitted:
    """A batch as it was taken in."""

    batch: str
    runs: int
    known: int
    """Of these so many had been submitted before; they are not run again."""


def run_of(key: str) -> str:
    """The id of the run with a key."""
    return str(uuid.uuid5(SPACE, key))


def submit(database: Database, name: str, items: Sequence[Item], limits: Limits) -> Submitted:
    """Take a batch in, all of it or nothing; what was submitted before stays with the batch that brought it."""
    batch = batch_of(items)
    rows = [row(batch, number, item) for number, item in enumerate(items)]
    with database.transaction() as transaction:
        before = transaction.rows("SELECT count(*) AS n FROM fleet_run")[0]["n"]
        transaction.many(INSERT, rows)
        added = transaction.rows("SELECT count(*) AS n FROM fleet_run")[0]["n"] - before
        if transaction.rows("SELECT 1 FROM fleet_run WHERE batch = :b LIMIT 1", b=batch):
            transaction.change(BATCH, **{"id": batch, "name": name, **limits.model_dump()})
        else:  # all of it is part of another batch: that is the one to look at
            batch = transaction.rows("SELECT batch FROM fleet_run WHERE run = :r", r=rows[0]["run"])[0]["batch"]
    return Submitted(batch, len(rows), len(rows) - added)


def batch_of(items: Sequence[Item]) -> str:
    """The id of a batch: the same lines are the same batch."""
    return str(uuid.uuid5(SPACE, "\n".join(item.identity() for item in items)))


def row(batch: str, number: int, item: Item) -> dict[str, object]:
    """A run as it stands in the database."""
    key = item.identity()
    return {
        "run": run_of(key),
        "batch": batch,
        "number": number,
        "key": key,
        "spec": json.dumps(item.model_dump(mode="json", exclude_defaults=True), ensure_ascii=False),
        "endpoint": item.endpoint,
        "repository": item.repository,
        "priority": item.priority,
        "not_before": item.due(),
    }
