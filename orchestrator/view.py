"""A run as a person sees it: tasks, evidence, use, and how it ended."""

from dataclasses import dataclass, field
from typing import Any

WAITS = "it waits for an answer"
"""How the reason of a run begins that somebody has to answer."""


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
    attempts: list[str] = field(default_factory=list)
    """How each judged attempt was made, in order: the rungs of the ladder."""
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
    refused: bool = False
    """The change was verified, but could not be brought into the user's files."""
    warnings: list[str] = field(default_factory=list)
    blocked: list[str] = field(default_factory=list)
    """What was wanted and not done because it is protected, each once."""

    @property
    def waits(self) -> bool:
        """Whether the run ended only because nobody was there to answer what it asked."""
        return self.reason.startswith(WAITS)

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
