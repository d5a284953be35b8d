"""The journal and the events of a fork: those of the other run, up to a step."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from models.journal import numbered
from orchestrator.fork.steps import Seat, Step
from workspace.records import atomic_write
from workspace.run import Run


@dataclass(frozen=True)
class Moment:
    """When a step began, in terms of the processes that have driven the run."""

    opening: int
    """The number of the process in which it began, from 1."""
    begun: frozenset[Seat]
    """Whose visits that process had begun before."""


def cut_events(old: Run, new: Run, step: Step) -> Moment:
    """Write the events before a step; returns when that was.

    Their times are moved so that they end now: a run's seconds are those between its first and its last event.
    """
    later = datetime.now(UTC) - datetime.fromisoformat(step.time)
    lines, opening, begun = [], 0, set[Seat]()
    for event in old.events.read():
        if event["seq"] >= step.seq:
            break
        if event["type"] == "sandbox.chosen":  # the run is open
            opening, begun = opening + 1, set()
        elif event["type"] == "agent.started":
            begun.add((str(event["lane"]), str(event["agent"]), int(event.get("attempt", 0))))
        lines.append(json.dumps(_moved(event, old, new, later), ensure_ascii=False, separators=(",", ":")) + "\n")
    atomic_write(new.folder / "events.jsonl", "".join(lines).encode("utf-8", "surrogatepass"))
    return Moment(opening, frozenset(begun))


def cut_journal(old: Path, new: Path, step: Step, when: Moment) -> int:
    """Write the part of a journal that was there when a step began; returns how many answers it holds.

    It ends where the process in which the step began notes a call of the step, or of one that began later: addresses
    alone do not tell, since a run that a limit has ended asks at the same ones again when it goes on.
    """
    lines, answers, opened = 0, 0, 0
    for number, record in numbered(old):
        opened += record["type"] == "model"
        seat = tuple(record["key"][:3]) if record["type"] in ("call", "answer", "lost") else None
        if opened > when.opening or (opened == when.opening and seat and (seat == step.seat or seat not in when.begun)):
            break
        lines, answers = number, answers + (record["type"] == "answer")
    if old.exists():
        with old.open("rb") as file:
            atomic_write(new, b"".join(islice(file, lines)))
    return answers


def _moved(event: dict[str, Any], old: Run, new: Run, later: timedelta) -> dict[str, Any]:
    time = (datetime.fromisoformat(event["time"]) + later).isoformat(timespec="milliseconds")
    moved = {**event, "run": new.id, "time": time}
    return {**moved, "root": str(new.root)} if event.get("root") == str(old.root) else moved
