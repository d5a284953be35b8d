"""Decisions: pure functions over recorded facts. No I/O, no model, no clock."""

from typing import Literal

from langgraph.types import Send

from nodes.state import LaneState, RunState, Task, ready_tasks

Rung = Literal["fix", "reground", "rewrite"]


def after_orchestrator(state: RunState) -> list[Send] | Literal["plan", "question", "approval", "finish"]:
    """Finish once an outcome stands; ask what only a person knows; plan what has no plan; else send what is ready."""
    if state.get("outcome"):
        return "finish"
    if state.get("approval"):
        return "approval"
    if state.get("question"):
        return "question"
    if state.get("replan") or (state["kind"] == "project" and not state["plans"]):
        return "plan"
    return [Send("lane", lane_input(state, task)) for task in ready_tasks(state)] or "finish"


def lane_input(state: RunState, task: Task) -> LaneState:
    """What a lane starts with: its task, and nothing of the other ones."""
    times = state["dispatched"].get(task["id"], 1)
    lane = task["id"] if times == 1 else f"{task['id']}.{times}"
    return {
        "v": state["v"],
        "run": state["run"],
        "request": state["request"],
        "kind": state["kind"],
        "lane": lane,
        "task": task,
        "base": state.get("bases", {}).get(lane, state["head"]),
        "baseline": state["baseline"],
        "ladder": state["ladder"],
        "grounding": 0,
        "attempt": 0,
        "attempts": [],
        "acceptance": [],
        "refused": [],
        "seen": [],
        "carry": state["carry"].get(task["id"]),
        "model": state.get("escalated", {}).get(task["id"], ""),
        "verdict": None,
        "halt": None,
    }


def after_search(state: LaneState) -> Literal["specify", "code", "answer", "stop"]:
    """A question needs no more than what was found; a task is specified once, before its first attempt."""
    if state.get("halt"):
        return "stop"
    if state["kind"] == "question":
        return "answer"
    return "code" if state.get("specified") else "specify"


def after_review(state: LaneState) -> Literal["code", "accept", "fix", "reground", "rewrite", "stuck"]:
    """Code after the specification; after a verdict accept, or the next rung of the ladder, or stuck at its end."""
    if state.get("halt"):
        return "stuck"
    if not state["attempt"]:
        return "code"
    verdict = state["verdict"]
    if verdict is not None and verdict["passed"]:
        return "accept"
    return next_rung(state) or "stuck"


def next_rung(state: LaneState) -> Rung | None:
    """The rung after the last failed attempt: one up for each failure, and past all equal ones on a repeated state."""
    ladder = state["ladder"]
    place = -1
    for attempt in state["attempts"]:
        place += 1
        if attempt["repeated"]:
            while 0 < place < len(ladder) and ladder[place] == ladder[place - 1]:
                place += 1
    return ladder[place] if 0 <= place < len(ladder) else None  # type: ignore[return-value]
