"""The end of a run: its result in the database, and all that explains it as a few objects instead of many rows."""

import json
from collections.abc import Mapping

from orchestrator.exits import USAGE
from orchestrator.fleet.database import Database, LeaseLost
from orchestrator.fleet.order import Order
from orchestrator.fleet.patience import waited_for
from orchestrator.fleet.shipping import PART
from orchestrator.fleet.store import Store
from orchestrator.fleet.transitions import AGAIN, CHECKPOINTS, END
from orchestrator.fold import view_of
from orchestrator.result import Result, result_of
from workspace.run import Run


def refused(database: Database, order: Order, reason: str) -> None:
    """The end of a run that could not even begin."""
    result = result_of({"run": order.run, "outcome": "failed", "exit": USAGE, "reason": reason})
    database.patiently(END, **end_of(order, result))


def finished(database: Database, store: Store, order: Order, run: Run, result: Result) -> None:
    """Write a run's end, once; raises LeaseLost where the run is another process's by now."""
    objects = packed_up(run, store) if order.shared and result["outcome"] not in AGAIN else {}
    waited_for(lambda: written(database, order, run, result, objects))


def written(database: Database, order: Order, run: Run, result: Result, objects: Mapping[str, str]) -> None:
    """Write the end and what explains it, in one step."""
    with database.transaction() as transaction:
        transaction.many(PART, [{"run": run.id, "name": name, "digest": objects[name]} for name in objects])
        if transaction.change(END, **end_of(order, result)) != 1:
            raise LeaseLost("the run is another process's by now")
        if objects:
            for table in ("fleet_journal", "fleet_event"):
                transaction.change(f"DELETE FROM {table} WHERE run = :r", r=run.id)
            for table in CHECKPOINTS:
                transaction.change(f"DELETE FROM {table} WHERE thread_id = :r", r=run.id)


def packed_up(run: Run, store: Store) -> dict[str, str]:
    """The records of a run as objects, and its change as a patch."""
    objects = {"journal": run.journal_path, "event": run.folder / "events.jsonl"}
    parts = {name: store.put(path.read_bytes()) for name, path in objects.items() if path.exists()}
    if patch := patch_of(run):
        parts["patch"] = store.put(patch.encode("utf-8", "surrogateescape"))
    return parts


def patch_of(run: Run) -> str:
    """What a run changed that was verified; empty where it is nothing."""
    view = view_of(run.events.read())
    return run.repository.diff(view.base, view.head) if view.base and view.head and view.base != view.head else ""


def end_of(order: Order, result: Result) -> dict[str, object]:
    """The values that a run's end sets."""
    return {
        "run": order.run,
        "epoch": order.epoch,
        "outcome": result["outcome"],
        "exit": result["exit"],
        "reason": result["reason"][:2000],
        "result": json.dumps(result),
    }
