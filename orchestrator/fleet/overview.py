"""An overview: what batches and workers there are, how far each is, and each run's result as one line."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from orchestrator.errors import UsageError
from orchestrator.exits import EXIT_OF_OUTCOME
from orchestrator.fleet.database import Database
from orchestrator.fleet.lease import Lease

WAITING = ("queued", "fed")
OVER = ("done", "cancelled")

SEVERITY = (0, 6, 3, 4, 5, 1, 2, 130)
"""Exit codes from the best outcome to the worst."""


def batch_named(database: Database, name: str) -> str:
    """The id of a batch by its id, the beginning of it, or `last`; raises UsageError."""
    if name == "last":
        rows = database.rows("SELECT id FROM fleet_batch ORDER BY submitted DESC, id LIMIT 1")
    else:
        prefix = name.replace("\\", "").replace("%", "").replace("_", "")
        rows = database.rows("SELECT id FROM fleet_batch WHERE id LIKE :n ORDER BY id LIMIT 2", n=f"{prefix}%")
    if not rows:
        raise UsageError(f"There is no batch {name!r}.", fix="See: orchestrator batch status")
    if len(rows) > 1 and rows[0]["id"] != name:
        raise UsageError(f"Several batches begin with {name!r}.", fix="Give more of its id.")
    return str(rows[0]["id"])


def batches(database: Database, batch: str = "") -> list[dict[str, Any]]:
    """Every batch, the newest first, or one: how many runs are in which state, and what they have used."""
    where = "WHERE id = :b" if batch else ""
    found = []
    for row in database.rows(f"SELECT *, {{now}} AS now FROM fleet_batch {where} ORDER BY submitted DESC, id", b=batch):
        states = database.rows(
            "SELECT state, outcome, count(*) AS n FROM fleet_run WHERE batch = :b GROUP BY state, outcome", b=row["id"]
        )
        used = {name: row[name] for name in ("calls", "tokens", "cost")}
        limits = {name: row[f"max_{name}"] for name in ("calls", "tokens", "cost", "seconds")}
        found.append(
            {
                "batch": row["id"],
                "name": row["name"],
                "submitted": row["submitted"],
                "runs": sum(each["n"] for each in states),
                "waiting": sum(each["n"] for each in states if each["state"] in WAITING),
                "running": sum(each["n"] for each in states if each["state"] == "running"),
                "outcomes": {each["outcome"]: each["n"] for each in states if each["state"] in OVER},
                "used": used,
                "limits": {name: value for name, value in limits.items() if value is not None},
            }
        )
    return found


def workers(database: Database, lease: float) -> list[dict[str, Any]]:
    """The workers that live."""
    alive = Lease(database, "", lease).alive()
    return [
        {**row, "endpoints": json.loads(row["endpoints"])}
        for row in database.rows(
            f"SELECT id, host, program, endpoints, slots, draining, {{now}} - beat AS silent, "
            "(SELECT count(*) FROM fleet_run WHERE worker = fleet_worker.id AND state = 'running') AS running "
            f"FROM fleet_worker WHERE {alive} ORDER BY id"
        )
    ]


def versions_of(living: Iterable[Mapping[str, Any]]) -> list[str]:
    """The program's versions that these workers are of."""
    return sorted({str(worker["program"]) for worker in living})


def unknown_endpoints(database: Database, living: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """How many runs wait for an endpoint that none of these workers knows, by its name."""
    known = {endpoint for worker in living for endpoint in worker["endpoints"]}
    waiting = "SELECT endpoint, count(*) AS n FROM fleet_run WHERE state = 'queued' GROUP BY endpoint ORDER BY endpoint"
    return {row["endpoint"]: row["n"] for row in database.rows(waiting) if row["endpoint"] not in known}


def is_over(database: Database, batch: str) -> bool:
    """True once every run of a batch has ended."""
    left = database.rows(
        "SELECT 1 FROM fleet_run WHERE batch = :b AND state NOT IN ('done', 'cancelled') LIMIT 1", b=batch
    )
    return not left


def results(database: Database, batch: str) -> Iterator[dict[str, Any]]:
    """The result of every run of a batch that has ended, in the order of its lines."""
    rows = database.rows(
        "SELECT * FROM fleet_run WHERE batch = :b AND state IN ('done', 'cancelled') ORDER BY number", b=batch
    )
    return (result_line(row) for row in rows)


def result_line(row: Mapping[str, Any]) -> dict[str, Any]:
    """A run's result as one object: what `auto --json` tells, with what the batch asked for."""
    spec, result = json.loads(row["spec"]), json.loads(row["result"] or "{}")
    told = {"v": 1, "batch": row["batch"], "number": row["number"], "key": row["key"], "run": row["run"]}
    told |= {"task": spec["task"], "repository": row["repository"], "outcome": row["outcome"], "exit": row["exit"]}
    told |= {"reason": row["reason"] or "", "files": result.get("files", []), "usage": result.get("usage", {})}
    took = row["ended"] - row["started"] if row["started"] is not None else 0.0
    return {**told, "tasks": result.get("tasks", []), "seconds": round(took, 2), "epochs": row["epoch"]}


def worst(database: Database, batch: str) -> int:
    """The exit code of a batch: that of its worst outcome; of one that is not over, of an interruption."""
    rows = database.rows("SELECT DISTINCT state, exit FROM fleet_run WHERE batch = :b", b=batch)
    codes = [row["exit"] if row["state"] in OVER else EXIT_OF_OUTCOME["interrupted"] for row in rows]
    return max(codes, key=lambda code: SEVERITY.index(code) if code in SEVERITY else len(SEVERITY), default=0)
