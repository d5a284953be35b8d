"""A run as a person sees it, folded from its events alone: live, finished and replayed look the same."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

Event: TypeAlias = Mapping[str, Any]
"""One record of events.jsonl: v, seq, time, run, type, and the fields of its type."""

DONE = {"verified", "unverified", "failed", "stuck", "budget", "provider", "blocked", "replaced"}
"""States in which a task rests for good."""


@dataclass
class CheckView:
    """One execution of a check."""

    command: str
    passed: bool
    when: str
    """before, after, or final: the orchestrator's own run on the final tree."""
    exit_code: int = 0
    failures: list[str] = field(default_factory=list)
    seconds: float = 0.0


@dataclass(frozen=True)
class Evidence:
    """The executions of one acceptance command: the last one before the change and the last one after it."""

    command: str
    before: CheckView | None
    after: CheckView | None


def last_of(checks: list[CheckView], command: str, *, before: bool) -> CheckView | None:
    """The last execution of a command, of those before the change or of those after it."""
    return next((c for c in reversed(checks) if c.command == command and (c.when == "before") == before), None)


@dataclass
class TaskView:
    """One task: where it stands and what was executed for it."""

    id: str
    title: str
    depends_on: list[str] = field(default_factory=list)
    state: str = "waiting"
    agent: str = ""
    attempt: int = 0
    reason: str = ""
    acceptance: list[str] = field(default_factory=list)
    checks: list[CheckView] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    merged: bool = False


@dataclass
class RunView:
    """One run."""

    id: str = ""
    request: str = ""
    root: str = ""
    settings: dict[str, Any] = field(default_factory=dict)
    model: str = ""
    model_reason: str = ""
    sandbox: str = ""
    files_seen: int = 0
    base: str = ""
    head: str = ""
    checks: list[str] = field(default_factory=list)
    baseline: list[CheckView] = field(default_factory=list)
    final: list[CheckView] = field(default_factory=list)
    kind: str = ""
    tasks: dict[str, TaskView] = field(default_factory=dict)
    agent: str = ""
    """The agent of the outer graph that works now; empty when only lanes do."""
    last_check: CheckView | None = None
    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float | None = 0.0
    started: str = ""
    seconds: float = 0.0
    """Wall seconds between the run's first and its last event, interruptions included."""
    outcome: str = ""
    """Empty while the run goes on; "planned" after a plan alone; "interrupted" until it is resumed."""
    exit: int | None = None
    reason: str = ""
    answer: str = ""
    files: list[str] = field(default_factory=list)
    applied: bool = False
    undone: bool = False
    conflicts: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def task_of(self, lane: str) -> TaskView | None:
        """The task that a lane works on: lanes are named after their task, with ``.2`` from its second dispatch on."""
        return self.tasks.get(lane) or self.tasks.get(lane.rpartition(".")[0])

    def replays(self) -> bool:
        """Whether the run is a replay of another one: its recorded calls are its own, and no resume repeats them."""
        return str(self.settings.get("model", {}).get("spec", "")).startswith("replay:")

    def evidence(self, task: TaskView) -> list[Evidence]:
        """What executions stand behind a task: each acceptance command before the change and, last, after it."""
        return [
            Evidence(
                command,
                last_of(task.checks, command, before=True) or last_of(self.baseline, command, before=True),
                last_of(task.checks, command, before=False),
            )
            for command in task.acceptance
        ]

    def count(self, *states: str) -> int:
        """How many tasks are in one of these states."""
        return sum(task.state in states for task in self.tasks.values())


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


def _verdict(view: RunView, event: Event) -> None:
    if task := view.task_of(event["lane"]):
        task.findings = [str(finding) for finding in event.get("findings", [])]


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


def _run_undone(view: RunView, event: Event) -> None:
    view.applied, view.undone = False, True


def _apply_refused(view: RunView, event: Event) -> None:
    view.conflicts = list(event["files"])


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
    "verdict": _verdict,
    "task.finished": _task_finished,
    "task.merged": _task_merged,
    "merge.conflict": _merge_conflict,
    "decision": _decision,
    "run.applied": _run_applied,
    "run.undone": _run_undone,
    "apply.refused": _apply_refused,
    "warning": _warning,
    "run.interrupted": _run_interrupted,
    "run.finished": _run_finished,
}
