"""The journal and the events of a fork: those of the other run, up to a step."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from models.journal import numbered
from orchestrator.fork.steps import Step
from workspace.records import atomic_write
from workspace.run import Run


def cut_journal(old: Path, new: Path, step: Step, steps: Sequence[Step], opening: int) -> int:
    """Write the part of a journal that was there when a step began; returns how many calls it holds.

    `opening` is the number of the process, from 1, in which the step began: an address that was asked in an earlier one
    already, before a limit ended the run, stands in the journal twice.
    """
    earlier = [other for other in steps if other.number < step.number]
    begun = {other.seat for other in earlier}
    opening = opening if step.seat in begun else 0
    lines, calls, opened = 0, 0, 0
    for number, record in numbered(old):
        opened += record["type"] == "model"
        seat = tuple(record["key"][:3]) if record["type"] in ("call", "answer", "lost") else None
        if seat is not None and opened >= opening and (seat == step.seat or seat not in begun):
            break
        lines, calls = number, calls + (record["type"] == "answer")
    if old.exists():
        with old.open("rb") as file:
            atomic_write(new, b"".join(islice(file, lines)))
    return calls


def cut_events(old: Run, new: Run, step: Step) -> int:
    """Write the events before a step; returns how often the run had been opened by then.

    Their times are moved so that they end now: a run's seconds are those between its first and its last event.
    """
    later = datetime.now(UTC) - datetime.fromisoformat(step.time)
    lines, opened = [], 0
    for event in old.events.read():
        if event["seq"] >= step.seq:
            break
        opened += event["type"] == "model.chosen"
        lines.append(json.dumps(_moved(event, old, new, later), ensure_ascii=False, separators=(",", ":")) + "\n")
    atomic_write(new.folder / "events.jsonl", "".join(lines).encode("utf-8", "surrogatepass"))
    return opened


def _moved(event: dict[str, Any], old: Run, new: Run, later: timedelta) -> dict[str, Any]:
    time = (datetime.fromisoformat(event["time"]) + later).isoformat(timespec="milliseconds")
    moved = {**event, "run": new.id, "time": time}
    return {**moved, "root": str(new.root)} if event.get("root") == str(old.root) else moved
