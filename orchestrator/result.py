"""The result object: what a script learns about a finished run, and what the run's last event holds."""

import json
from collections.abc import Mapping
from typing import Any, NotRequired

from typing_extensions import TypedDict

from orchestrator.exits import EXIT_OF_OUTCOME


class Usage(TypedDict):
    """Requests sent, tokens, and US dollars (None where a price is not known)."""

    calls: int
    prompt_tokens: int
    completion_tokens: int
    cost: float | None


class AttemptResult(TypedDict):
    """One try at a task."""

    number: int
    strategy: str
    """code, fix, reground, rewrite; of a small model also infill."""
    model: str
    format: str
    """blocks or whole."""
    candidates: int
    """How many answers were tried, of which this one held best."""
    passed: bool
    problem: str
    """What was wrong with it, in one line; empty where it passed."""


class EvidenceResult(TypedDict):
    """One execution that judged a task."""

    when: str
    """before or after the change."""
    command: str
    exit_code: int
    passed: bool
    tree: str
    """The id of the git tree that it ran on."""
    seconds: float
    output: str
    """The id of its output among the run's artefacts."""
    failures: list[str]
    """The first 20 failing tests."""


class Judged(TypedDict):
    """What was tried at a task, and the executions that judged it, each in the order in which it was done."""

    attempts: list[AttemptResult]
    evidence: list[EvidenceResult]
    tests_changed: NotRequired[dict[str, Any]]
    """Existing tests that the task was allowed to change: files, reason, and the assertions that are gone."""


class TaskResult(Judged):
    """One task."""

    id: str
    title: str
    outcome: str


class Result(TypedDict):
    """One finished run."""

    v: int
    run: str
    outcome: str
    exit: int
    reason: str
    answer: str
    tasks: list[TaskResult]
    usage: Usage
    applied: bool
    files: list[str]
    flaky: list[str]
    """Tests that were both red and green on one tree."""


def no_usage() -> Usage:
    """The usage of a run that has asked nothing."""
    return {"calls": 0, "prompt_tokens": 0, "completion_tokens": 0, "cost": 0.0}


def result_of(event: Mapping[str, Any]) -> Result:
    """The result that a ``run.finished`` event holds."""
    return {
        "v": 1,
        "run": event["run"],
        "outcome": event["outcome"],
        "exit": event["exit"],
        "reason": event.get("reason", ""),
        "answer": event.get("answer", ""),
        "tasks": event.get("tasks", []),
        "usage": event.get("usage", no_usage()),
        "applied": event.get("applied", False),
        "files": event.get("files", []),
        "flaky": event.get("flaky", []),
    }


def refusal(message: str, code: int) -> str:
    """The line for a command that could not be carried out: the same keys, and the reason."""
    outcomes = {number: outcome for outcome, number in EXIT_OF_OUTCOME.items()}
    return line_of(
        {
            "v": 1,
            "run": "",
            "outcome": outcomes.get(code, "usage"),
            "exit": code,
            "reason": message,
            "answer": "",
            "tasks": [],
            "usage": no_usage(),
            "applied": False,
            "files": [],
            "flaky": [],
        }
    )


def line_of(value: object) -> str:
    """One JSON line in ASCII: nothing in it can reach a terminal as a command."""
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"))
