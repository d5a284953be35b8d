"""What scripts may rely on: every event of a run and the result object, as types, from which schemas and page are made.

Fields and types of events are only ever added: a reader passes over what it does not know.
"""

from dataclasses import dataclass
from typing import Any, Literal

from pydantic import TypeAdapter

from orchestrator.result import Result
from orchestrator.schema import without_titles

Names = list[str]
Records = list[dict[str, Any]]
Seat = {"lane": str, "agent": str, "attempt": int}
"""Who asks a model: the lane (a task's id, or `run`), the agent, the number of the attempt."""


@dataclass(frozen=True)
class Event:
    """One type of event: what it tells, and its fields beside those that all have."""

    says: str
    fields: dict[str, Any]


EVENTS: dict[str, Event] = {
    "run.started": Event("A run begins.", {"request": str, "root": str, "settings": dict[str, Any]}),
    "run.resumed": Event("Another process goes on with it.", {}),
    "run.interrupted": Event("It was interrupted; `resume` goes on.", {}),
    "run.finished": Event(
        "It has ended; the fields are those of the result.",
        {"outcome": str, "exit": int, "usage": dict[str, Any]},
    ),
    "run.forked": Event(
        "It goes on from a step of another run, with something changed.",
        {"source": str, "step": str, "number": int, "shared": dict[str, int], "changed": dict[str, Any]},
    ),
    "run.applied": Event("The verified change was written to the user's files.", {"files": Names}),
    "run.undone": Event("It was taken back.", {"files": Names}),
    "apply.refused": Event("The user's files were left as they were.", {"files": Names, "why": str}),
    "model.chosen": Event("Which model is used, and why.", {"model": str, "reason": str, "profile": str}),
    "sandbox.chosen": Event("How commands are confined.", {"kind": str, "text": str}),
    "snapshot.taken": Event(
        "The folder was copied; what could not be is named.", {"commit": str, "files": int, "skipped": Records}
    ),
    "checks.found": Event("The commands that judge.", {"checks": Records}),
    "baseline.checked": Event(
        "What a check says of the untouched files.",
        {"command": str, "passed": bool, "failures": Names, "seconds": float},
    ),
    "request.classified": Event("Question, small task or project.", {"kind": str, "reason": str}),
    "plan.made": Event("The tasks, in their order.", {"tasks": Records}),
    "task.started": Event("A task gets its lane.", {"task": str, "title": str, "base": str}),
    "task.finished": Event("A task is settled.", {"task": str, "outcome": str, "reason": str}),
    "task.merged": Event("Its change is part of the whole.", {"task": str, "commit": str}),
    "merge.conflict": Event("Another task changed the same lines; it is done again.", {"task": str, "files": Names}),
    "merge.broken": Event("A check broke on the merged files; it is done again.", {"task": str, "problem": str}),
    "agent.started": Event("An agent takes its seat.", dict(Seat)),
    "agent.finished": Event("It leaves it.", dict(Seat)),
    "call.started": Event("A question goes to a model.", {**Seat, "model": str}),
    "call.finished": Event(
        "It was answered, or handed out of the journal (`recorded`).",
        {**Seat, "model": str, "usage": dict[str, Any], "seconds": float, "recorded": bool},
    ),
    "call.retried": Event(
        "A passing fault is waited out.", {**Seat, "model": str, "kind": str, "text": str, "wait": float}
    ),
    "call.failed": Event("A model cannot serve.", {**Seat, "model": str, "kind": str, "text": str}),
    "model.fallback": Event(
        "Another model takes over.", {**Seat, "model": str | None, "to": str, "kind": str, "text": str}
    ),
    "prompt.shrunk": Event(
        "A prompt was too long: so many characters were left out.",
        {**Seat, "model": str, "left_out": int, "context": int | None},
    ),
    "search.done": Event("What the searcher has found.", {"lane": str, "files": Names, "hits": int}),
    "read.refused": Event("A file is shown to no model.", {"lane": str, "path": str, "reason": str}),
    "tool.used": Event(
        "A native tool was used; `said` is its first line.",
        {"lane": str, "agent": str, "tool": str, "arguments": dict[str, Any], "said": str},
    ),
    "tool.refused": Event(
        "A tool refused; `said` is why.",
        {"lane": str, "agent": str, "tool": str, "arguments": dict[str, Any], "said": str},
    ),
    "acceptance.set": Event("What will judge a task.", {"task": str, "acceptance": Records, "restated": bool}),
    "edit.applied": Event(
        "Files of a lane were written, each matched in this way.", {"lane": str, "files": Names, "how": dict[str, str]}
    ),
    "edit.refused": Event("Nothing was written, for these reasons.", {"lane": str, "findings": Records}),
    "check.finished": Event(
        "A command was executed (`when`: before, after, final).",
        {
            "lane": str,
            "command": str,
            "passed": bool,
            "exit_code": int,
            "failures": Names,
            "seconds": float,
            "when": str,
        },
    ),
    "check.flaky": Event(
        "Tests that are both red and green on one tree.", {"lane": str, "command": str, "tests": Names}
    ),
    "candidates.judged": Event(
        "Executed tests have chosen among several answers.",
        {"lane": str, "attempt": int, "chosen": int, "candidates": Records},
    ),
    "verdict": Event(
        "An attempt is judged.",
        {
            "lane": str,
            "attempt": int,
            "strategy": str,
            "model": str,
            "format": str,
            "candidates": int,
            "start": str,
            "commit": str,
            "refused": bool,
            "passed": bool,
            "repeated": bool,
            "findings": Names,
        },
    ),
    "tests.changed": Event(
        "An attempt changed existing tests, and the reviewer agreed or not.",
        {"lane": str, "files": Names, "reason": str, "removed": Names, "agreed": bool, "said": str},
    ),
    "tests.left_out": Event("Tests of the reviewer's that are not delivered.", {"files": Names, "commit": str}),
    "decision": Event("What becomes of a stuck task.", {"task": str, "choice": str, "reason": str}),
    "review.done": Event("A review by itself.", {"change": str, "findings": Records}),
    "approval": Event("A person's word about the plan or the change.", {"about": str, "approved": bool, "text": str}),
    "question.asked": Event("A person is asked.", {"text": str}),
    "permission.denied": Event("A host's user did not allow it.", {"action": str, "targets": Names}),
    "warning": Event("Something that a person should know.", {"text": str}),
}
"""Every type of event, in about the order in which a run meets them."""

FRAME: dict[str, Any] = {"v": Literal[1], "seq": int, "time": str, "run": str}
"""What every event has: the version of the format, its number without gaps, ISO 8601 in UTC, the run's id."""


def event_schema() -> dict[str, Any]:
    """The JSON Schema of one line of events: of a known type with its fields, or of a type that is newer."""
    known = {"properties": {"type": {"enum": list(EVENTS)}}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "One event of a run",
        **_object({**FRAME, "type": str}),
        "anyOf": [{"not": known}, *(_of(name, event) for name, event in EVENTS.items())],
    }


def result_schema() -> dict[str, Any]:
    """The JSON Schema of the object that `--json` prints."""
    made = TypeAdapter(Result).json_schema()
    without_titles(made)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "The result of a run", **made}


def _of(name: str, event: Event) -> dict[str, Any]:
    found = _object(event.fields)
    return {"description": event.says, **found, "properties": {"type": {"const": name}, **found["properties"]}}


def _object(fields: dict[str, Any]) -> dict[str, Any]:
    properties = {name: TypeAdapter(kind).json_schema() for name, kind in fields.items()}
    return {"type": "object", "properties": properties, "required": list(properties)}


def event_rows() -> str:
    """The table of all events, as Markdown."""
    rows = ["| type | says | fields |", "|---|---|---|"]
    for name, event in EVENTS.items():
        fields = ", ".join(f"`{field}`" for field in event.fields)
        rows.append(f"| `{name}` | {event.says} | {fields} |")
    return "\n".join(rows)
