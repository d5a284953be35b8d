"""B9: plans that do not hold. They work on any JSON answer with a list of tasks."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tests.modelserver.catalogue import Turn, fault
from tests.modelserver.reply import Outcome


@fault(
    "B9",
    "plan_faults",
    hows=(
        "empty", "giant", "fifty", "cycle", "self_cycle", "unknown_dependency", "duplicate", "lost_requirement",
        "missing_file", "contradiction",
    ),
    roles=("planner",),
)  # fmt: skip
def plan(turn: Turn) -> Outcome | None:
    """No task, one giant, fifty, a cycle, an unknown dependency, a duplicate, a lost requirement, a contradiction."""
    try:
        value = json.loads(turn.due.text or "")
    except ValueError:
        return None
    tasks = value.get("tasks") if isinstance(value, dict) else None
    if not isinstance(tasks, list) or not tasks:
        return None
    return replace(turn.due, text=json.dumps({**value, "tasks": _spoilt(tasks, turn.how)}))


def _spoilt(tasks: list[Mapping[str, Any]], how: str) -> list[Mapping[str, Any]]:
    first, *rest = tasks
    last = tasks[-1]
    match how:
        case "empty":
            return []
        case "giant":
            return [_joined(tasks)]
        case "fifty":
            return [{**first, "id": f"{first['id']}-{number}"} for number in range(50)]
        case "cycle":
            other = last if len(tasks) > 1 else {**first, "id": f"{first['id']}-2"}
            between = rest[:-1]
            looped = {**other, "depends_on": [first["id"]]}
            return [{**first, "depends_on": [other["id"]]}, *between, looped]
        case "self_cycle":
            return [{**first, "depends_on": [first["id"]]}, *rest]
        case "unknown_dependency":
            return [*tasks[:-1], {**last, "depends_on": ["never-planned"]}]
        case "duplicate":
            return [first, *tasks]
        case "lost_requirement":
            return rest or [{**first, "covers": []}]
        case "missing_file":
            return [{**first, "files": ["no/such/folder/nowhere.py"]}, *rest]
    return [{**first, "goal": f"Leave everything as it is; do not do this: {first.get('goal', '')}"[:600]}, *rest]


def _joined(tasks: list[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return one task that is all of them."""
    joined = dict(tasks[0])
    for name in ("files", "covers", "tests"):
        values = [each for task in tasks for each in task.get(name, [])]
        if values:
            joined[name] = list(dict.fromkeys(values))
    return {**joined, "depends_on": [], "goal": " ".join(str(task.get("goal", "")) for task in tasks)}
