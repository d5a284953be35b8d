"""What becomes of a run: each change of its state, made only by who holds its epoch."""

from collections.abc import Sequence
from typing import Any

from orchestrator.exits import EXIT_OF_OUTCOME
from orchestrator.fleet.database import Database
from orchestrator.fleet.lease import Lease, count

CHECKPOINTS = ("checkpoints", "checkpoint_blobs", "checkpoint_writes")
"""The tables of a run's checkpoints, in a database that hosts share."""

MOST_CRASHES = 5
"""How often a run may take its process along before it is given up."""

MOST_REFUSALS = 6
"""How often a run is put off because its provider fails."""

FIRST_WAIT = 15.0
"""Seconds that a run is put off the first time; doubled each time, at most LONGEST_WAIT."""

LONGEST_WAIT = 1800.0

AGAIN = ("provider", "interrupted")
"""Outcomes after which a run goes on where it stopped; after others it begins anew."""

END = """\
UPDATE fleet_run SET state = 'done', outcome = :outcome, exit = :exit, reason = :reason, result = :result,
    ended = {now}, worker = NULL WHERE run = :run AND epoch = :epoch AND state = 'running'"""

END_UNTOLD = END.replace(", result = :result", "")
"""The same for a run whose process told no result."""


def given_up(database: Database, run: str, epoch: int, reason: str) -> bool:
    """Write the end of a run whose process cannot write it."""
    exit = EXIT_OF_OUTCOME["failed"]
    return database.patiently(END_UNTOLD, run=run, epoch=epoch, outcome="failed", exit=exit, reason=reason) == 1


STRANDED = 300.0
"""Seconds since a run was handed in, after which one that nobody has is handed in again."""


def rescued(lease: Lease) -> int:
    """Queue what was handed in, and that neither the engine nor a worker has any more; how many."""
    nobody = "worker NOT IN (SELECT id FROM fleet_worker)"
    return lease.database.change(
        "UPDATE fleet_run SET state = 'queued', worker = NULL, epoch = epoch + 1 "
        f"WHERE fed < {{now}} - {STRANDED} AND (state = 'fed' OR state = 'running' AND {nobody})"
    )


ON = """\
UPDATE fleet_run SET state = 'queued', worker = NULL, epoch = epoch + 1,
    came = (SELECT count(*) FROM fleet_journal AS j WHERE j.run = fleet_run.run)
WHERE run = :run AND turn = :turn AND state IN ('fed', 'running')
    AND came < (SELECT count(*) FROM fleet_journal AS j WHERE j.run = fleet_run.run)"""


def outlived(database: Database, run: str, turn: int) -> None:
    """What becomes of a run whose turn outlived so many workers that the engine hands it out no more.

    One that got on meanwhile goes on: its workers died of something else. One that did not is given up.
    """
    if database.change(ON, run=run, turn=turn):
        return
    end = END_UNTOLD.replace(" AND epoch = :epoch AND state = 'running'", "")
    reason = "it ended one worker after the other and got no further; it is handed out no more"
    exit = EXIT_OF_OUTCOME["failed"]
    statement = f"{end} AND turn = :turn AND state IN ('fed', 'running')"
    database.change(statement, run=run, turn=turn, outcome="failed", exit=exit, reason=reason)


def out_of_budget(database: Database, run: str, epoch: int, limit: str, allowed: float, spent: float) -> bool:
    """Write the end of a run that its batch's budget leaves no room for."""
    reason = f"the budget of the batch is spent: {spent:g} of {allowed:g} {limit}"
    exit = EXIT_OF_OUTCOME["budget"]
    return database.patiently(END_UNTOLD, run=run, epoch=epoch, outcome="budget", exit=exit, reason=reason) == 1


def put_back(database: Database, run: str, epoch: int) -> bool:
    """Give a run back to the queue, for any worker to go on with."""
    return _queued(database, run, epoch, "not_before = 0") == 1


def put_off(database: Database, run: str, epoch: int, refusals: int) -> bool:
    """Give a run back for later, because its provider fails; the wait doubles, and has its own length for each run."""
    wait = min(LONGEST_WAIT, FIRST_WAIT * 2.0**refusals)
    wait *= 0.75 + int(run[:4], 16) / 65_536 / 2  # so that those that failed together do not come back together
    count(database, "provider_retries")
    return _queued(database, run, epoch, "refusals = refusals + 1, not_before = {now} + :wait", wait=wait) == 1


def crashed(database: Database, run: str, epoch: int, crashes: int, reason: str) -> bool:
    """Give a run back whose process broke; the last time give it up."""
    if crashes + 1 >= MOST_CRASHES:
        return given_up(database, run, epoch, f"its process broke {MOST_CRASHES} times; the last one said: {reason}")
    later = "crashes = crashes + 1, not_before = {now} + :wait"
    return _queued(database, run, epoch, later, wait=2.0**crashes) == 1


def _queued(database: Database, run: str, epoch: int, more: str, **values: Any) -> int:
    return database.patiently(
        f"UPDATE fleet_run SET state = 'queued', worker = NULL, {more} "
        "WHERE run = :run AND epoch = :epoch AND state = 'running'",
        run=run,
        epoch=epoch,
        **values,
    )


CANCEL = """\
UPDATE fleet_run SET state = 'cancelled', epoch = epoch + 1, worker = NULL, outcome = 'interrupted', exit = 130,
    reason = 'cancelled', ended = {now} WHERE state IN ('queued', 'fed', 'running') AND """


def cancel(database: Database, *, batch: str = "", run: str = "") -> int:
    """Cancel a run, or all of a batch, at once: a new epoch, so that nobody writes for it any more. How many it hit."""
    where = "batch = :name" if batch else "run = :name"
    return database.change(CANCEL + where, name=batch or run)


def retry(database: Database, batch: str, outcomes: Sequence[str] = ()) -> int:
    """Queue again what ended, and not as verified; how many.

    What a failing provider or a cancellation ended goes on where it stopped, all else begins anew.
    """
    found = database.rows(
        "SELECT run, outcome FROM fleet_run WHERE batch = :b AND state IN ('done', 'cancelled') "
        "AND outcome <> 'verified'",
        b=batch,
    )
    chosen = [row for row in found if not outcomes or row["outcome"] in outcomes]
    with database.transaction() as transaction:
        for row in chosen:
            anew = row["outcome"] not in AGAIN
            transaction.change(
                "UPDATE fleet_run SET state = 'queued', epoch = epoch + 1, outcome = NULL, exit = NULL, reason = NULL, "
                "result = NULL, ended = NULL, refusals = 0, crashes = 0, came = 0, not_before = 0, worker = NULL"
                + (", record = NULL" if anew else "")
                + " WHERE run = :r",
                r=row["run"],
            )
            if anew:
                for table in ("fleet_journal", "fleet_event", "fleet_part"):
                    transaction.change(f"DELETE FROM {table} WHERE run = :r", r=row["run"])
                for table in CHECKPOINTS if database.shared else ():
                    transaction.change(f"DELETE FROM {table} WHERE thread_id = :r", r=row["run"])
    return len(chosen)
