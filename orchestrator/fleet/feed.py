"""Feeding: which of the waiting runs are handed to the engine next. Few at a time, so that a deep queue stays fair."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from orchestrator.fleet.database import Database
from orchestrator.fleet.lease import Lease
from orchestrator.fleet.port import Engine, Job

AHEAD = 2
"""Runs of one repository that are with the engine at a time: one that runs, and one that follows at once."""

LOOK = 200
"""Waiting runs of one batch that are looked at."""

UNDER_WAY = "SELECT endpoint, repository, batch FROM fleet_run WHERE state IN ('fed', 'running')"

BATCHES = """\
SELECT id AS batch, fed FROM fleet_batch WHERE EXISTS (
    SELECT 1 FROM fleet_run WHERE state = 'queued' AND batch = fleet_batch.id AND not_before <= {now})
ORDER BY submitted, id"""

WAITING = """\
SELECT run, batch, endpoint, repository, priority, turn FROM fleet_run AS r
WHERE state = 'queued' AND batch = :b AND not_before <= {now} AND NOT EXISTS (
    SELECT 1 FROM fleet_run AS o WHERE o.state IN ('fed', 'running') AND o.repository = r.repository
    GROUP BY o.repository HAVING count(*) >= :ahead)
ORDER BY priority, number LIMIT :look"""

FED = "UPDATE fleet_run SET state = 'fed', turn = turn + 1, fed = {now} WHERE run = :run AND state = 'queued'"

Row = Mapping[str, Any]


def feed(database: Database, engine: Engine, endpoints: Collection[str], lease: Lease) -> int:
    """Hand in what there is room for, of endpoints that this worker knows; how many."""
    waiting: list[Row] = []
    served: dict[str, float] = {}
    with database.transaction() as look:
        under_way = look.rows(UNDER_WAY)
        limits = {row["name"]: row["runs"] for row in look.rows("SELECT name, runs FROM fleet_limit")}
        slots = int(look.rows(f"SELECT coalesce(sum(slots), 0) AS n FROM fleet_worker WHERE {lease.alive()}")[0]["n"])
        for batch in look.rows(BATCHES):
            served[batch["batch"]] = batch["fed"]
            rows = look.rows(WAITING, b=batch["batch"], ahead=AHEAD, look=LOOK)
            waiting += [row for row in rows if row["endpoint"] in endpoints]
    chosen = list(next_ones(waiting, under_way, limits, max(1, slots), served))
    for row in chosen:
        # First to the engine: what stops between the two is handed in again under the same id.
        engine.hand_in(job_of(row))
        database.change(FED, run=row["run"])
        database.change("UPDATE fleet_batch SET fed = {now} WHERE id = :b", b=row["batch"])
    return len(chosen)


def next_ones(
    waiting: Iterable[Row],
    under_way: Iterable[Row],
    limits: Mapping[str, Any],
    slots: int,
    served: Mapping[str, float],
) -> Iterable[Row]:
    """The waiting runs to hand in, in order: by priority, then the batch that has least under way.

    Of batches that have the same, the one whose turn was longest ago (`served`) comes first.
    """
    busy, repositories, batches = Counter[str](), Counter[str](), Counter[str]()
    for row in under_way:
        busy[row["endpoint"]] += 1
        repositories[row["repository"]] += 1
        batches[row["batch"]] += 1
    everywhere = limits.get("*")
    room = 2 * slots if everywhere is None else everywhere  # a second row of runs, so that no slot waits for a look
    left, turns = list(waiting), Counter[str]()
    while left and sum(busy.values()) < room:

        def urgency(number: int) -> tuple[int, int, int, float, int]:
            row = left[number]
            batch = row["batch"]
            return row["priority"], batches[batch], turns[batch], served.get(batch, 0.0), number

        row = left.pop(min(range(len(left)), key=urgency))
        most = limits.get(row["endpoint"])
        if (most is not None and busy[row["endpoint"]] >= 2 * most) or repositories[row["repository"]] >= AHEAD:
            continue
        for counted, name in ((busy, "endpoint"), (repositories, "repository"), (batches, "batch"), (turns, "batch")):
            counted[row[name]] += 1
        yield row


def job_of(row: Row) -> Job:
    """A run's next turn."""
    turn = row["turn"] + 1
    return Job(f"{row['run']}/{turn}", row["run"], row["endpoint"], row["repository"], row["priority"] + 1)
