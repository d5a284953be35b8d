"""Integration: verified tasks are merged one at a time; the merged tree is checked again before it becomes the head."""

from collections.abc import Sequence

from nodes.judgement import worse
from nodes.session import Session
from nodes.state import Acceptance, Carry, LaneResult, RunState, Status
from prompts import render
from workspace.output import trim

MAX_RETURNS = 3
"""How often a task may be sent to a lane in all; after that it is stuck."""

MAX_OUTPUT = 1500
"""Most characters of a failing check's output that go back with a task."""


def integrate(state: RunState, session: Session) -> RunState:
    """Take in every new lane result, in the order of the plan."""
    head, status = state["head"], dict(state["status"])
    carry, integrated = dict(state["carry"]), dict(state["integrated"])
    halt = state.get("halt")
    for task in state["tasks"]:
        result = state.get("results", {}).get(task["id"])
        if result is None or integrated.get(task["id"]) == result["lane"]:
            continue
        integrated[task["id"]] = result["lane"]
        outcome, reason = result["outcome"], result["reason"]
        if outcome in ("verified", "unverified"):
            head, problem = merged(head, result, {**state, "status": status}, session)
            if problem and state["dispatched"].get(task["id"], 1) < MAX_RETURNS:
                carry[task["id"]] = carried(problem, result, session)
                status[task["id"]] = "waiting"
                continue
            status[task["id"]], reason = ("stuck", problem) if problem else (outcome, reason)
        else:
            status[task["id"]] = outcome if outcome in ("budget", "provider", "failed") else "stuck"
            if result["ends_run"]:
                halt = {"outcome": outcome, "reason": reason, "ends_run": True}
        session.emit("task.finished", task=task["id"], outcome=status[task["id"]], reason=reason)
    update: RunState = {"head": head, "status": blocked(state, status), "carry": carry, "integrated": integrated}
    if halt:
        update["halt"] = halt
    return update


def carried(problem: str, result: LaneResult, session: Session) -> Carry:
    """What goes back to a lane with its task."""
    diff = session.run.repository.diff(result["base"], result["commit"])
    return {
        "reason": session.run.artefacts.put(problem),
        "diff": session.run.artefacts.put(diff),
        "record": result["record"],
    }


def merged(head: str, result: LaneResult, state: RunState, session: Session) -> tuple[str, str]:
    """The head with the lane's commit in it and "", or the head as it was and why the task goes back to its lane."""
    if not result["commit"] or result["commit"] == head:
        return head, ""
    repository = session.run.repository
    merge = repository.merge(head, result["commit"], f"merge {result['task']}")
    if merge.commit is None:
        session.emit("merge.conflict", task=result["task"], files=merge.conflicts)
        return head, render("orchestrator", "conflict", files=merge.conflicts)
    grown = repository.tree_of(merge.commit) != repository.tree_of(result["commit"])
    if grown and (problem := broken(merge.commit, result, state, session)):
        session.emit("merge.broken", task=result["task"], problem=problem)
        return head, render("orchestrator", "broken", problem=problem)
    session.emit("task.merged", task=result["task"], commit=merge.commit)
    return merge.commit, ""


def broken(commit: str, result: LaneResult, state: RunState, session: Session) -> str:
    """What the merged tree fails that neither side failed alone; empty when all is well.

    The project's own checks hold the earlier tasks; where it has none, their acceptances do.
    """
    baseline = session.baseline(state["baseline"])
    merged_before = [] if baseline.checks else taken(state)
    for wanted in acceptances([*merged_before, result], session):
        evidence = session.check(wanted["command"], "run", commit, when="after")
        if not evidence["passed"]:
            return f"`{wanted['command']}`\n{trim(session.run.artefacts.text(evidence['output']), MAX_OUTPUT)}"
    for check in baseline.checks:
        message, evidence = worse(check, baseline, "run", commit, session)
        if message:
            return f"{message}\n{trim(session.run.artefacts.text(evidence['output']), MAX_OUTPUT)}"
    return ""


def taken(state: RunState) -> list[LaneResult]:
    """The results of all tasks that are verified and merged, by name."""
    return [r for t, r in sorted(state.get("results", {}).items()) if state["status"].get(t) == "verified"]


def acceptances(results: Sequence[LaneResult], session: Session) -> list[Acceptance]:
    """What these tasks were accepted by, each command once."""
    found: dict[str, Acceptance] = {}
    for result in results:
        if result["record"]:
            found.update({a["command"]: a for a in session.load(result["record"])["acceptance"]})
    return list(found.values())


def blocked(state: RunState, status: dict[str, Status]) -> dict[str, Status]:
    """Waiting tasks whose dependency never came are blocked, and so are those that wait for them."""
    lost = {name for name, where in status.items() if where in ("failed", "budget", "provider", "blocked")}
    for task in state["tasks"]:
        if status.get(task["id"]) == "waiting" and lost.intersection(task["depends_on"]):
            status[task["id"]] = "blocked"
            lost.add(task["id"])
    return status
