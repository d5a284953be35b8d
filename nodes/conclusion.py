"""Conclusion: the run ends by the orchestrator's own checks in a clean tree; what was verified reaches the user's tree."""

from models.errors import BudgetSpent, ProviderError, Unanswerable
from models.seat import Seat
from nodes.integration import acceptances
from nodes.reviewer import regression
from nodes.searcher import context_text
from nodes.session import Session
from nodes.state import Outcome, RunState, ready_tasks
from prompts import render
from workspace.apply import apply
from workspace.checks import Evidence
from workspace.errors import ApplyConflict


def settled(state: RunState) -> bool:
    """True when nothing is left to plan, dispatch, ask or decide."""
    if state.get("halt"):
        return True
    if state.get("replan") or state.get("question"):
        return False
    if state["kind"] == "project" and not state["plans"]:
        return False
    return not ready_tasks(state) and "stuck" not in state["status"].values()


def conclude(state: RunState, session: Session, seat: Seat) -> RunState:
    """Check the final tree, apply it, and say how the run ended."""
    if state.get("kind") == "question":
        return answered(state, session, seat)
    outcome, reason = outcome_of(state)
    if outcome in ("verified", "unverified") or state.get("head") != state.get("base"):
        problem = final_check(state, session)
        if problem:
            return ended(session, "failed", problem, state, applied=False, files=[])
    return delivered(outcome, reason, state, session)


def outcome_of(state: RunState) -> tuple[Outcome, str]:
    """The run's outcome from the tasks' statuses; the worst one speaks."""
    halt = state.get("halt")
    if halt:
        return halt["outcome"], halt["reason"]
    alive = {t["id"]: state["status"][t["id"]] for t in state.get("tasks", [])}
    lost = [name for name, where in alive.items() if where in ("stuck", "failed", "blocked")]
    if lost:
        worst = next(n for n in lost if alive[n] != "blocked")
        result = state["results"].get(worst)
        return "stuck", f"{', '.join(lost)} could not be done: {result['reason'] if result else 'no way was found'}"
    if not alive:
        return "stuck", "no task came out of the request"
    loose = [name for name, where in alive.items() if where == "unverified"]
    if loose:
        return "unverified", f"no executed check could judge {', '.join(loose)}"
    return "verified", "every task was red before and is green now, and nothing else broke"


def final_check(state: RunState, session: Session) -> str:
    """The orchestrator's own run of every check on the final tree; why it does not hold, or empty."""
    commit = state["head"]
    flaky: list[str] = []
    for wanted in acceptances(state, session):
        evidence = own_run(wanted["command"], commit, session, flaky)
        if not evidence["passed"]:
            return f"`{wanted['command']}` fails on the final tree"
    baseline = session.baseline(state["baseline"])
    for check in baseline.checks:
        evidence = own_run(check["command"], commit, session, flaky)
        if check["origin"] == "given" and not evidence["passed"] and all_done(state):
            return f"`{check['command']}` still fails on the final tree"
        if message := regression(baseline.of(check["command"]), evidence):
            return f"{message} (final tree)"
    return f"these checks both fail and pass on one tree and prove nothing: {', '.join(flaky)}" if flaky else ""


def all_done(state: RunState) -> bool:
    """True when every task was delivered: only then must the user's checks be green."""
    return all(state["status"][t["id"]] in ("verified", "unverified") for t in state["tasks"])


def own_run(command: str, commit: str, session: Session, flaky: list[str]) -> Evidence:
    """Run a check on the final tree, never from a recording; a failing one is run again to tell a flaky one."""
    evidence = session.run_check(command, "run", commit, when="after")
    if not evidence["passed"]:
        again = session.run_check(command, "run", commit, when="after")
        if again["passed"]:
            flaky.append(command)
            evidence = again
    session.emit(
        "check.finished",
        lane="run",
        command=command,
        passed=evidence["passed"],
        exit_code=evidence["exit_code"],
        failures=evidence["failures"],
        seconds=evidence["seconds"],
        when="final",
    )
    return evidence


def delivered(outcome: Outcome, reason: str, state: RunState, session: Session) -> RunState:
    """Apply what was merged to the user's tree, unless the user does not want it or has changed the same lines."""
    if not state.get("base") or state["head"] == state["base"]:
        return ended(session, outcome, reason, state, applied=False, files=[])
    changed = [c["path"] for c in session.run.repository.changed(state["base"], state["head"])]
    if not session.settings.get("apply", True):
        return ended(session, outcome, reason, state, applied=False, files=changed)
    try:
        done = apply(session.run, state["base"], state["head"])
    except ApplyConflict as conflict:
        session.emit("apply.refused", files=conflict.files)
        return ended(
            session, "failed" if outcome == "verified" else outcome, str(conflict), state, applied=False, files=changed
        )
    session.emit("run.applied", files=done.files)
    return ended(session, outcome, reason, state, applied=True, files=done.files)


def answered(state: RunState, session: Session, seat: Seat) -> RunState:
    """A question gets an answer and no edit; nothing executable judged it, so it is never called verified."""
    result = next(iter(state.get("results", {}).values()), None)
    if state.get("halt") or result is None:
        halt = state.get("halt") or {"outcome": "stuck", "reason": "nothing was found"}
        return ended(session, halt["outcome"], halt["reason"], state, applied=False, files=[])
    context = context_text(result["record"], session)
    user = render("orchestrator", "answer", request=state["request"], context=context)
    try:
        text = session.door.ask(seat, render("orchestrator", "answer_system"), user).text
    except (BudgetSpent, ProviderError, Unanswerable) as end:
        outcome: Outcome = (
            "budget" if isinstance(end, BudgetSpent) else "provider" if isinstance(end, ProviderError) else "stuck"
        )
        return ended(session, outcome, str(end), state, applied=False, files=[])
    update = ended(
        session, "unverified", "a question was answered; nothing was changed", state, applied=False, files=[]
    )
    return {**update, "answer": text}


def ended(
    session: Session, outcome: Outcome, reason: str, state: RunState, *, applied: bool, files: list[str]
) -> RunState:
    """The end of the run, as the state keeps it."""
    return {"outcome": outcome, "reason": reason, "applied": applied, "files": files}
