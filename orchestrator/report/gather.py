"""Everything that the page shows, collected from a run's folder: events, journal, artefacts, repository."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from models.asked import Asked, Told, read
from orchestrator.fold import Event, fold
from orchestrator.lines import line_of
from orchestrator.picture import TOLD
from orchestrator.report.cost import Cost, costs
from orchestrator.report.graph import Graph, drawn
from orchestrator.report.story import Attempt, LaneStory, told
from orchestrator.report.timeline import Timeline, timeline
from orchestrator.view import CheckView, RunView, TaskView
from orchestrator.words import listed
from workspace.errors import GitFailed, RunBroken
from workspace.run import Run

Hide = Callable[[str], str]
"""Puts a stand-in in the place of each secret in a text."""

Diffs = dict[tuple[str, str], str]
"""Differences as git tells them, by their two commits."""


@dataclass(frozen=True)
class Executed:
    """One execution of a check; `output` is None where it was not kept."""

    command: str
    passed: bool
    exit_code: int
    seconds: float
    look: int = 1
    output: str | None = None


@dataclass(frozen=True)
class Proof:
    """What stands behind a task: one command before the change and after it."""

    command: str
    before: Executed | None
    after: Executed | None


@dataclass
class AttemptPart:
    """One attempt and what belongs to it; `diff` is None where nothing was written or nothing is known."""

    lane: str
    attempt: Attempt
    diff: str | None = None
    checks: list[Executed] = field(default_factory=list)


@dataclass
class TaskPart:
    """One task with its proofs, what came before its first attempt in each lane, and its attempts."""

    view: TaskView
    number: int
    proofs: list[Proof] = field(default_factory=list)
    test: str = ""
    """The diff of the test that judges it, where the reviewer wrote one."""
    turns: list[str] = field(default_factory=list)
    """What became of it beside attempts: merges that did not hold, decisions of the orchestrator."""
    before: list[AttemptPart] = field(default_factory=list)
    attempts: list[AttemptPart] = field(default_factory=list)


@dataclass
class Report:
    """One run."""

    view: RunView
    created: str
    parent: str
    tasks: list[TaskPart]
    others: list[AttemptPart]
    """What was asked for the run as a whole, or by lanes of tasks that the plan no longer holds."""
    change: str
    """The diff from the snapshot to the head."""
    timeline: Timeline
    graph: Graph
    cost: Cost
    lines: list[str]
    """The story in one line for each turn."""


def gather(run: Run, hide: Hide, diffs: Diffs | None = None) -> Report:
    """Collect a run as it is now; raises RunBroken where what must be there is damaged.

    `diffs` holds the differences that were asked for before: of two commits it never changes.
    """
    events, journal = list(run.events.read()), read(run.journal_path)
    view, lines = _folded(events)
    view.request, view.root = view.request or run.request, view.root or str(run.root)
    source = _Source(run, journal, hide, {} if diffs is None else diffs)
    lanes = told(events, journal.calls)
    tasks = [_task(task, number, view, lanes, source, events) for number, task in enumerate(view.tasks.values(), 1)]
    taken = {part.lane for task in tasks for part in [*task.before, *task.attempts]}
    others = [source.part(lane, a) for lane in lanes.values() if lane.name not in taken for a in shown(lane)]
    change = source.diff(view.base, view.head) if view.base and view.head else None
    return Report(
        view,
        run.created,
        run.parent or "",
        tasks,
        others,
        change or "",
        timeline(events),
        drawn(view.tasks),
        costs(events, view.replays()),
        lines,
    )


def shown(lane: LaneStory) -> Iterator[Attempt]:
    """The attempts in which anything happened that is worth a look."""
    return (a for a in lane.attempts.values() if a.verdict or a.calls or a.guards or a.notes)


def _folded(events: Sequence[Event]) -> tuple[RunView, list[str]]:
    view, lines = RunView(), []
    for event in events:
        fold(view, event)
        if event.get("type") in TOLD and (line := line_of(view, event)):
            lines.append(line)
    return view, lines


def _task(
    task: TaskView,
    number: int,
    view: RunView,
    lanes: Mapping[str, LaneStory],
    source: "_Source",
    events: Sequence[Event],
) -> TaskPart:
    part = TaskPart(task, number, turns=_turns(task.id, events))
    for lane in lanes.values():
        if view.task_of(lane.name) is task:
            for attempt in shown(lane):
                (part.attempts if attempt.number else part.before).append(source.part(lane, attempt))
    judged = [a.attempt.verdict for a in part.attempts if a.attempt.verdict.get("commit")]
    best = next((v for v in reversed(judged) if v["passed"]), judged[-1] if judged else None)
    acceptance = _acceptance(task.id, events)
    for evidence in view.evidence(task):
        before = source.kept(acceptance.get(evidence.command, "")) or _plain_or_none(evidence.before)
        after = source.after(best["commit"], evidence.command) if best else None
        # The last word on a task is the last execution of its command; an earlier output does not belong to it.
        if evidence.after is None or after is None or after.passed != evidence.after.passed:
            after = _plain_or_none(evidence.after)
        part.proofs.append(Proof(evidence.command, before, after))
    if judged and (start := judged[-1].get("start")) and start != view.base:
        part.test = source.diff(f"{start}^", start) or ""
    return part


def _turns(task: str, events: Sequence[Event]) -> list[str]:
    """What was decided about a task, in words."""
    found = []
    for event in events:
        with suppress(KeyError, TypeError):
            if event.get("task") != task:
                continue
            if event["type"] == "merge.conflict":
                found.append(
                    f"another task had changed the same lines of {listed(list(event['files']))} first: done again"
                )
            elif event["type"] == "merge.broken":
                found.append(f"merged with the other tasks it did not hold: {event['problem']}")
            elif event["type"] == "decision":
                found.append(f"the orchestrator decided: {event['choice']}, {event['reason']}")
    return found


def _acceptance(task: str, events: Sequence[Event]) -> dict[str, str]:
    """For each command that must be red before: the artefact of the execution that was."""
    found = [e["acceptance"] for e in events if e["type"] == "acceptance.set" and e.get("task") == task]
    return {str(a["command"]): str(a.get("before", "")) for a in (found[-1] if found else [])}


def _plain(check: CheckView) -> Executed:
    return Executed(check.command, check.passed, check.exit_code, check.seconds)


def _plain_or_none(check: CheckView | None) -> Executed | None:
    return _plain(check) if check else None


class _Source:
    """The run's folder, asked for one thing at a time; what is not there any more is None, not the end of the page."""

    def __init__(self, run: Run, journal: Told, hide: Hide, diffs: Diffs) -> None:
        self._run = run
        self._diffs = diffs
        self._hide = hide
        self._checks: dict[str, list[Executed]] = {}
        for key, value in journal.observed.items():
            if key.startswith("check/after/") and isinstance(evidence := value.get("evidence"), dict):
                tree, look = str(evidence.get("tree")), key.rpartition("/look ")[2]
                number = int(look) if look.isdigit() else 1
                self._checks.setdefault(tree, []).append(self._executed(evidence, str(value.get("text", "")), number))

    def part(self, lane: LaneStory, attempt: Attempt) -> AttemptPart:
        """An attempt with its diff and the checks that were run on its tree."""
        part = AttemptPart(lane.name, attempt)
        commit = attempt.verdict.get("commit")
        if commit and not attempt.verdict.get("refused"):
            part.diff = self.diff(f"{commit}^", commit)
            part.checks = self._on(commit)
        return part

    def diff(self, old: str, new: str) -> str | None:
        """The change between two commits."""
        with suppress(GitFailed):
            if (old, new) not in self._diffs:
                self._diffs[old, new] = self._run.repository.diff(old, new)
            return self._hide(self._diffs[old, new])
        return None

    def after(self, commit: str, command: str) -> Executed | None:
        """What a command said at last on the tree of a commit."""
        return next((check for check in reversed(self._on(commit)) if check.command == command), None)

    def kept(self, artefact: str) -> Executed | None:
        """An execution and its output, by the artefact of its record."""
        with suppress(RunBroken, ValueError, KeyError, TypeError):
            evidence = json.loads(self._run.artefacts.text(artefact))
            return self._executed(evidence, self._run.artefacts.text(evidence["output"]), 1)
        return None

    def _on(self, commit: str) -> list[Executed]:
        with suppress(GitFailed):
            return self._checks.get(self._run.repository.tree_of(commit), [])
        return []

    def _executed(self, evidence: Mapping[str, Any], output: str, look: int) -> Executed:
        return Executed(
            str(evidence.get("command", "")),
            bool(evidence.get("passed")),
            int(evidence.get("exit_code", 0)),
            float(evidence.get("seconds", 0.0)),
            look,
            output,
        )


def question_of(call: Asked) -> list[tuple[str, str]]:
    """The parts of a prompt, each with the role that speaks."""
    request = call.request
    if not isinstance(request, Mapping):
        return []
    messages = request.get("messages")
    if isinstance(messages, list):
        return [(str(m.get("role", "")), _text(m.get("content", ""))) for m in messages if isinstance(m, Mapping)]
    return [(name, str(request[name])) for name in ("input_prefix", "input_suffix") if name in request]


def _text(content: object) -> str:
    return content if isinstance(content, str) else json.dumps(content, ensure_ascii=False, indent=1)


def answer_of(call: Asked) -> list[tuple[str, str]]:
    """The parts of an answer: thoughts, text, and the arguments of calls."""
    if call.answer is None:
        return []
    parts = [("thoughts", call.answer.get("reasoning", "")), ("answer", call.answer["text"])]
    parts += [("call", arguments) for arguments in call.answer["calls"]]
    return [(name, text) for name, text in parts if text]
