"""From a run's events to what an editor shows: a live plan, the agents' work as tool calls, the change as diffs."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from acp import plan_entry, start_tool_call, text_block, tool_content, tool_diff_content, update_plan, update_tool_call
from acp.schema import AgentPlanUpdate, FileEditToolCallContent, ToolCallLocation, ToolCallProgress, ToolCallStart

from orchestrator.fold import Event, fold
from orchestrator.view import RunView, TaskView
from orchestrator.words import command_text, one_line
from workspace.run import Run

Update = AgentPlanUpdate | ToolCallStart | ToolCallProgress

KINDS = {"searcher": "search", "coder": "edit", "fixer": "edit", "reviewer": "read"}
"""How an agent's work is shown; the others think."""

MAX_DIFFS = 30
"""Most files whose change is shown."""

MAX_DIFF_BYTES = 200_000
"""Largest file whose change is shown."""


class Translator:
    """Follows one run and says what an editor has to show for each event."""

    def __init__(self, root: Path, opened: Callable[[str], Run]) -> None:
        self.view = RunView()
        self._root = root
        self._opened = opened
        self._plan = ""
        self._checks = 0

    def updates(self, event: Event) -> list[Update]:
        """What follows from an event; an event of another version that lacks a field is passed over."""
        fold(self.view, event)
        try:
            shown = self._shown(event)
        except (KeyError, TypeError):
            shown = []
        return [*self.plan(), *shown]

    def plan(self) -> list[Update]:
        """The plan, where it has changed."""
        entries = [plan_entry(entry_text(t), status=status_of(t)) for t in self.view.tasks.values()]
        update = update_plan(entries)
        if not entries or update.model_dump_json() == self._plan:
            return []
        self._plan = update.model_dump_json()
        return [update]

    def _shown(self, event: Event) -> list[Update]:
        match event["type"]:
            case "agent.started":
                return [start_tool_call(work_id(event), self._title(event), kind=kind_of(event), status="in_progress")]
            case "agent.finished":
                return [update_tool_call(work_id(event), status="completed")]
            case "check.finished":
                return [self._check(event)]
            case "run.applied":
                return [self._applied(event)]
        return []

    def _title(self, event: Mapping[str, Any]) -> str:
        task = self.view.task_of(event["lane"])
        return f"{event['agent']}: {one_line(task.title if task else self.view.request, 100)}"

    def _check(self, event: Mapping[str, Any]) -> Update:
        self._checks += 1
        failures = "\n".join(str(name) for name in event["failures"][:20])
        said = f"exit code {event['exit_code']}, {event['seconds']:.1f} s" + (f"\n{failures}" if failures else "")
        return start_tool_call(
            f"check-{self._checks}",
            f"{'green' if event['passed'] else 'red'}: {command_text(event['command'], 100)}",
            kind="execute",
            status="completed",
            content=[tool_content(text_block(said))],
        )

    def _applied(self, event: Mapping[str, Any]) -> Update:
        return start_tool_call(
            "applied",
            "the verified change",
            kind="edit",
            status="completed",
            content=self.diffs(event["files"]),
            locations=[ToolCallLocation(path=str(self._root / name)) for name in event["files"]],
        )

    def diffs(self, files: list[str]) -> list[FileEditToolCallContent]:
        """What the run has changed in these files; what is no text, or very large, is left out."""
        repository = self._opened(self.view.id).repository
        shown = []
        for name in files[:MAX_DIFFS]:
            old, new = (repository.read(commit, name) for commit in (self.view.base, self.view.head))
            if max(len(old or b""), len(new or b"")) > MAX_DIFF_BYTES or b"\0" in (old or b"") + (new or b""):
                continue
            before = None if old is None else old.decode("utf-8", "replace")
            shown.append(tool_diff_content(str(self._root / name), (new or b"").decode("utf-8", "replace"), before))
        return shown


def entry_text(task: TaskView) -> str:
    """A task in the plan; how it ended where that is not well."""
    ended = f" ({task.state})" if task.state not in ("waiting", "working", "verified") else ""
    return one_line(f"{task.id} {task.title}", 120) + ended


def status_of(task: TaskView) -> Any:
    """The three states that the protocol knows."""
    return {"waiting": "pending", "working": "in_progress"}.get(task.state, "completed")


def work_id(event: Mapping[str, Any]) -> str:
    """The name of one agent's work."""
    return f"{event['lane']}-{event['agent']}-{event['attempt']}"


def kind_of(event: Mapping[str, Any]) -> Any:
    """How an agent's work is shown."""
    return KINDS.get(event["agent"], "think")
