"""From events to the view of a run, and from nothing else: live, finished and replayed runs look the same."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, TypeAlias

from orchestrator.view import CheckView, RunView, TaskView
from orchestrator.words import attempt_text, finding_text

Event: TypeAlias = Mapping[str, Any]
"""One record of events.jsonl: v, seq, time, run, type, and the fields of its type."""


def view_of(events: Iterable[Event]) -> RunView:
    """Fold all events of a run."""
    view = RunView()
    for event in events:
        fold(view, event)
    return view


def fold(view: RunView, event: Event) -> None:
    """Take one event into the view; an event of a type that is not known changes nothing but the time."""
    time = str(event.get("time", ""))
    view.started = view.started or time
    view.seconds = max(view.seconds, seconds_between(view.started, time))
    view.id = view.id or str(event.get("run", ""))
    if step := _STEPS.get(str(event.get("type", ""))):
        # An event of another version may lack a field: what it says is unknown, the rest of the run still stands.
        with suppress(KeyError, TypeError):
            step(view, event)


def seconds_between(first: str, second: str) -> float:
    """Seconds from one ISO time to another; 0 where one of them is no time."""
    try:
        return (datetime.fromisoformat(second) - datetime.fromisoformat(first)).total_seconds()
    except (ValueError, TypeError):
        return 0.0


def _run_started(view: RunView, event: Event) -> None:
    view.request, view.root = event["request"], event["root"]
    view.settings = dict(event.get("settings", {}))


def _run_resumed(view: RunView, event: Event) -> None:
    view.outcome, view.exit, view.reason = "", None, ""
    for task in view.tasks.values():
        task.agent = ""


def _model_chosen(view: RunView, event: Event) -> None:
    view.model, view.model_reason = event["model"], event.get("reason", "")


def _sandbox_chosen(view: RunView, event: Event) -> None:
    view.sandbox = event["text"]


def _snapshot_taken(view: RunView, event: Event) -> None:
    view.base, view.files_seen = event["commit"], event["files"]
    view.head = view.head or view.base


def _checks_found(view: RunView, event: Event) -> None:
    view.checks = [check["command"] for check in event["checks"]]


def _baseline_checked(view: RunView, event: Event) -> None:
    check = CheckView(
        event["command"], event["passed"], "before", 0, event.get("failures", []), event.get("seconds", 0.0)
    )
    view.baseline = [c for c in view.baseline if c.command != check.command] + [check]


def _request_classified(view: RunView, event: Event) -> None:
    view.kind = event["kind"]


def _plan_made(view: RunView, event: Event) -> None:
    planned = {}
    for task in event["tasks"]:
        known = view.tasks.get(task["id"])
        planned[task["id"]] = known or TaskView(task["id"], task["title"], list(task.get("depends_on", [])))
    view.tasks = planned


def _task_started(view: RunView, event: Event) -> None:
    task = view.tasks.setdefault(event["task"], TaskView(event["task"], event.get("title", "")))
    task.state, task.reason, task.findings = "working", "", []


def _agent_started(view: RunView, event: Event) -> None:
    if task := view.task_of(event["lane"]):
        task.state, task.agent, task.attempt = "working", event["agent"], event.get("attempt", 0)
    else:
        view.agent = event["agent"]


def _agent_finished(view: RunView, event: Event) -> None:
    if task := view.task_of(event["lane"]):
        task.agent = ""
    else:
        view.agent = ""


def _call_finished(view: RunView, event: Event) -> None:
    if event.get("recorded") and not view.replays():
        return
    usage = event.get("usage") or {}
    view.calls += usage.get("calls", 1) or 1
    view.prompt_tokens += usage.get("prompt_tokens", 0)
    view.completion_tokens += usage.get("completion_tokens", 0)
    cost = usage.get("cost")
    view.cost = None if cost is None or view.cost is None else view.cost + cost


def _acceptance_set(view: RunView, event: Event) -> None:
    if task := view.tasks.get(event["task"]):
        task.acceptance = [a["command"] for a in event["acceptance"]]


def _check_finished(view: RunView, event: Event) -> None:
    check = CheckView(
        event["command"],
        event["passed"],
        event["when"],
        event.get("exit_code", 0),
        list(event.get("failures", [])),
        event.get("seconds", 0.0),
    )
    view.last_check = check
    if task := view.task_of(event["lane"]):
        task.checks.append(check)
    elif check.when == "final":
        view.final = [c for c in view.final if c.command != check.command] + [check]


def _edit_refused(view: RunView, event: Event) -> None:
    for finding in event["findings"]:
        if finding["source"] == "guard":
            _block(view, finding_text(finding))


def _read_refused(view: RunView, event: Event) -> None:
    _block(view, f"{event['path']} is shown to no model: {event['reason']}")


def _permission_denied(view: RunView, event: Event) -> None:
    _block(view, f"you did not allow to {event['action']} {', '.join(event['targets'])}")


def _block(view: RunView, text: str) -> None:
    if text not in view.blocked:
        view.blocked.append(text)


def _verdict(view: RunView, event: Event) -> None:
    if task := view.task_of(event["lane"]):
        task.findings = [str(finding) for finding in event.get("findings", [])]
        task.attempts.append(attempt_text(event))


def _task_finished(view: RunView, event: Event) -> None:
    if task := view.tasks.get(event["task"]):
        task.state, task.reason, task.agent = event["outcome"], event.get("reason", ""), ""


def _task_merged(view: RunView, event: Event) -> None:
    view.head = event["commit"]
    if task := view.tasks.get(event["task"]):
        task.merged = True


def _merge_conflict(view: RunView, event: Event) -> None:
    if task := view.tasks.get(event["task"]):
        task.state, task.agent = "waiting", ""
        task.reason = "another task changed the same lines first; it is done again"


def _decision(view: RunView, event: Event) -> None:
    if event["choice"] == "stop" and (task := view.tasks.get(event["task"])):
        task.state, task.reason = "failed", task.reason or event.get("reason", "")


def _run_applied(view: RunView, event: Event) -> None:
    view.applied, view.undone, view.files = True, False, list(event["files"])


def _tests_left_out(view: RunView, event: Event) -> None:
    view.head = event["commit"]


def _run_undone(view: RunView, event: Event) -> None:
    view.applied, view.undone = False, True


def _apply_refused(view: RunView, event: Event) -> None:
    view.conflicts = list(event["files"])
    view.refused = True


def _tests_changed(view: RunView, event: Event) -> None:
    if event["agreed"]:
        gone = len(event["removed"])
        view.warnings.append(f"existing tests were changed: {', '.join(event['files'])}; {gone} assertions are gone")


def _check_flaky(view: RunView, event: Event) -> None:
    names = ", ".join(str(name) for name in event["tests"][:5])
    view.warnings.append(f"flaky, both red and green on one tree: {names}")


def _warning(view: RunView, event: Event) -> None:
    view.warnings.append(str(event["text"]))


def _run_interrupted(view: RunView, event: Event) -> None:
    view.outcome, view.agent = "interrupted", ""
    for task in view.tasks.values():
        task.agent = ""


def _run_finished(view: RunView, event: Event) -> None:
    view.outcome, view.exit, view.reason = event["outcome"], event["exit"], event.get("reason", "")
    view.answer, view.agent = event.get("answer", ""), ""
    view.files = list(event.get("files", []))
    for task in event.get("tasks", []):
        if known := view.tasks.get(task["id"]):
            known.state, known.agent = task["outcome"], ""
    if usage := event.get("usage"):
        view.calls, view.cost = usage["calls"], usage.get("cost")
        view.prompt_tokens, view.completion_tokens = usage["prompt_tokens"], usage["completion_tokens"]


_STEPS: dict[str, Callable[[RunView, Event], None]] = {
    "run.started": _run_started,
    "run.resumed": _run_resumed,
    "model.chosen": _model_chosen,
    "sandbox.chosen": _sandbox_chosen,
    "snapshot.taken": _snapshot_taken,
    "checks.found": _checks_found,
    "baseline.checked": _baseline_checked,
    "request.classified": _request_classified,
    "plan.made": _plan_made,
    "task.started": _task_started,
    "agent.started": _agent_started,
    "agent.finished": _agent_finished,
    "call.finished": _call_finished,
    "acceptance.set": _acceptance_set,
    "check.finished": _check_finished,
    "check.flaky": _check_flaky,
    "tests.changed": _tests_changed,
    "edit.refused": _edit_refused,
    "read.refused": _read_refused,
    "permission.denied": _permission_denied,
    "verdict": _verdict,
    "task.finished": _task_finished,
    "task.merged": _task_merged,
    "merge.conflict": _merge_conflict,
    "decision": _decision,
    "run.applied": _run_applied,
    "tests.left_out": _tests_left_out,
    "run.undone": _run_undone,
    "apply.refused": _apply_refused,
    "warning": _warning,
    "run.interrupted": _run_interrupted,
    "run.finished": _run_finished,
}
