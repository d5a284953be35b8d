"""What came of a step, in a few words, as its events say."""

from collections.abc import Mapping
from typing import Any

from orchestrator.words import command_text, finding_text, listed, number

MORE = ("task.merged", "merge.conflict", "merge.broken", "run.applied")
"""Of these there may be several in one step."""


def came_of(event: Mapping[str, Any]) -> str:
    """The words for an event; empty where it says nothing of what came of its step."""
    match event["type"]:
        case "request.classified":
            return {"small": "one small task", "question": "a question"}.get(event["kind"], "to be planned")
        case "plan.made":
            return number(len(event["tasks"]), "task")
        case "search.done":
            return f"looked at {listed(event['files'], 2)}" if event["files"] else "found nothing"
        case "acceptance.set":
            return f"judged by {command_text(event['acceptance'][0]['command'], 48)}"
        case "edit.applied":
            return f"wrote {listed(event['files'], 3)}"
        case "edit.refused":
            return f"refused: {finding_text(event['findings'][0])}"
        case "verdict":
            return "accepted" if event["passed"] else f"refused: {finding_text(event['findings'][0])}"
        case "candidates.judged":
            return f"took one of {number(len(event['candidates']), 'candidate')}"
        case "decision":
            return f"{event['choice']} {event.get('task', '')}".strip()
        case "task.merged":
            return f"merged {event['task']}"
        case "merge.conflict":
            return f"{event['task']} conflicts"
        case "merge.broken":
            return f"{event['task']} breaks a check"
        case "run.applied":
            return f"applied {number(len(event['files']), 'file')}"
        case "run.finished":
            return str(event["outcome"])
    return ""
