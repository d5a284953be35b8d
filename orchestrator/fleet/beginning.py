"""Where a run is taken up: made afresh, opened where it lies, or laid out from what other hosts have kept of it."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

from orchestrator.config import stored
from orchestrator.fleet.arrival import arrived, same_stand_ins
from orchestrator.fleet.database import Database
from orchestrator.fleet.items import Item
from orchestrator.fleet.order import Order
from orchestrator.fleet.repositories import Tree, named_by_row, tree_of
from orchestrator.fleet.store import Store
from orchestrator.layers import load
from workspace.run import Run

KEPT = ("v", "id", "request", "created", "settings", "parent")
"""Of a run's record what is the same on every host."""


def taken_up(order: Order, database: Database, store: Store) -> tuple[Run, frozenset[str]]:
    """The run, ready to be driven, and the artefacts that other hosts have already; raises UsageError."""
    item = Item.model_validate_json(order.row["spec"])
    record = json.loads(order.row["record"] or "{}")
    tree = tree_for(order, item, record)
    home = Path(order.home)
    if order.shared:
        same_stand_ins(database, home)
    if not record:
        run = begun(order, item, tree, home)
        database.patiently(
            "UPDATE fleet_run SET record = :record WHERE run = :run AND epoch = :epoch",
            run=run.id,
            epoch=order.epoch,
            record=json.dumps({**record_of(run), "commit": tree.commit}),
        )
        return run, frozenset()
    if order.shared:
        return arrived(database, store, {name: record[name] for name in KEPT if name in record}, tree.root, home)
    return Run.open(home, order.run), frozenset()


def tree_for(order: Order, item: Item, record: dict[str, Any]) -> Tree:
    """The folder that the run works from: on every host the same commit."""
    repository = named_by_row(item.repository, order.allowed) if order.shared else item.repository
    return tree_of(repository, record.get("commit") or item.revision or "", Path(order.host))


def begun(order: Order, item: Item, tree: Tree, home: Path) -> Run:
    """A new run; what an earlier try has left of it is removed."""
    shutil.rmtree(home / "runs" / order.run, ignore_errors=True)
    settings = load(tree.root, os.environ, wishes(item, order)).settings
    kept = {**stored(settings), "attended": False}
    kept.pop("checkpoints", None)
    return Run.create(home, tree.root, item.task, kept, run_id=order.run)


def wishes(item: Item, order: Order) -> dict[str, Any]:
    """What a line of a batch sets, as a layer of the configuration. Nothing in it loosens what protects the host."""
    budget = item.budget.model_dump(exclude_none=True)
    if order.most_cost is not None:
        budget["cost"] = min(budget.get("cost", order.most_cost), order.most_cost)
    model = {"spec": item.model} if item.model else {}
    if endpoint := order.endpoints.get(item.endpoint):
        model["base_url"] = endpoint["base_url"]
    checks = {"checks": item.checks} if item.checks else {}
    nobody_there = {"apply": False, "headless": True, "approve_plan": False, "approve_apply": False}
    return {**nobody_there, "budget": budget, "model": model, **checks}


def record_of(run: Run) -> dict[str, Any]:
    """The record of a run as other hosts need it."""
    record = json.loads((run.folder / "run.json").read_text("utf-8"))
    return {name: record[name] for name in KEPT}


def with_key_of(order: Order) -> None:
    """Use the key of the run's endpoint in this process, and in no other place."""
    endpoint = order.endpoints.get(order.row["endpoint"])
    if endpoint is not None:
        os.environ["OPENAI_API_KEY"] = os.environ.get(endpoint["key_variable"], "")
