"""Conclusion: the run ends by the orchestrator's own checks in a clean tree; what holds reaches the user's tree."""

from models.errors import BudgetSpent, ProviderError, Unanswerable
from models.seat import Seat
from nodes.bounds import MAX_FLAKY
from nodes.delivery import changed_files, delivered
from nodes.integration import acceptances, taken
from nodes.judgement import regression
from nodes.permission import Denied
from nodes.searcher import context_text
from nodes.second_look import named
from nodes.session import Session, halt_of
from nodes.state import Outcome, RunState, ended, ready_tasks
from prompts import render
from workspace.checks import Evidence


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
    """Check the final tree, apply it, and say how the run ended and which tests were flaky."""
    return {**concluded(state, session, seat), "flaky": flaky_tests(session)}


def flaky_tests(session: Session) -> list[str]:
    """Every test or check that was both red and green on one tree, as the events have it."""
    found = (name for e in session.run.events.read() if e["type"] == "check.flaky" for name in e["tests"])
    return sorted(set(found))[:MAX_FLAKY]


def concluded(state: RunState, session: Session, seat: Seat) -> RunState:
    """The end of the run."""
    if state.get("kind") == "question":
        return answered(state, session, seat)
    outcome, reason = outcome_of(state)
    if state.get("head") == state.get("base"):
        return ended(outcome, reason)
    try:
        problem, doubts = final_check(state, session)
    except Denied as refusal:
        return ended("unverified", str(refusal), files=changed_files(state, session))
    if problem:
        return ended("failed", problem)
    if doubts and outcome == "verified":
        outcome, reason = "unverified", "; ".join(doubts)
    return delivered(outcome, reason, state, session)


def outcome_of(state: RunState) -> tuple[Outcome, str]:
    """The run's outcome from the tasks' statuses; the worst one speaks."""
    halt = state.get("halt")
    if halt:
        return halt["outcome"], halt["reason"]
    alive = {t["id"]: state["status"][t["id"]] for t in state.get("tasks", [])}
    spent = next((name for name, where in alive.items() if where == "budget"), None)
    if spent is not None:
        return "budget", state["results"][spent]["reason"]
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


def final_check(state: RunState, session: Session) -> tuple[str, list[str]]:
    """The orchestrator's own run of every check on the final tree: why it does not hold, or "", and doubts."""
    commit = state["head"]
    doubts: list[str] = []
    for wanted in acceptances(taken(state), session):
        evidence, flaky = own_run(wanted["command"], commit, session)
        if not evidence["passed"]:
            return f"`{wanted['command']}` fails on the final tree", doubts
        if flaky:
            doubts.append(f"`{wanted['command']}` is both red and green on one tree, so it proves nothing")
    baseline = session.baseline(state["baseline"])
    for check in baseline.checks:
        evidence, _ = own_run(check["command"], commit, session)
        if check["origin"] == "given" and not evidence["passed"] and all_done(state):
            return f"`{check['command']}` still fails on the final tree", doubts
        if message := regression(baseline.of(check["command"]), evidence):
            return f"{message} (final tree)", doubts
    doubts += [f"`{command}` cannot run here, so it judged nothing" for command in baseline.unable]
    return "", [*doubts, *left_behind(state, session)]


def left_behind(state: RunState, session: Session) -> list[str]:
    """Tests of the reviewer's that an earlier plan was judged by and that the final tree fails: one of two is wrong.

    Without them a new plan could go on until some test is thin enough.
    """
    doubts: list[str] = []
    for record in map(session.load, state.get("left", []) if all_done(state) else []):
        for old in [a for a in record["acceptance"] if a["origin"] == "written"]:
            evidence, _ = own_run(
                old["command"], with_test(old["path"], record["start"], state["head"], session), session
            )
            if not evidence["passed"]:
                doubts.append(f"`{old['path']}`, which judged {record['task']['id']} under an earlier plan, fails")
    return doubts


def with_test(path: str, source: str, commit: str, session: Session) -> str:
    """A commit of the run's own that has a test as another commit has it; it is never delivered."""
    lane = session.lane("run")
    lane.checkout(commit)
    file = lane.path / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(session.run.repository.read(source, path) or b"")
    return lane.commit(f"the final tree with {path} of an earlier plan", [commit])


def all_done(state: RunState) -> bool:
    """True when every task was delivered: only then must the user's checks be green."""
    return all(state["status"][t["id"]] in ("verified", "unverified") for t in state["tasks"])


def own_run(command: str, commit: str, session: Session) -> tuple[Evidence, bool]:
    """Run a check on the final tree, never from a recording; a failing one is run again to tell a flaky one."""
    evidence, flaky = session.run_check(command, "run", commit, when="after"), False
    if not evidence["passed"]:
        again = session.run_check(command, "run", commit, when="after")
        if flaky := again["passed"]:
            named(evidence, evidence["failures"] or [command], "run", session)
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
    return evidence, flaky


def answered(state: RunState, session: Session, seat: Seat) -> RunState:
    """A question gets an answer and no edit; nothing executable judged it, so it is never called verified."""
    if halt := state.get("halt"):
        return ended(halt["outcome"], halt["reason"])
    (result,) = state["results"].values()
    context = context_text(result["record"], session)
    user = render("orchestrator", "answer", request=state["request"], context=context)
    try:
        text = session.door.ask(seat, render("orchestrator", "answer_system"), user).text
    except (BudgetSpent, ProviderError) as end:
        halt = halt_of(end)
        return ended(halt["outcome"], halt["reason"])
    except Unanswerable as reason:
        return ended("stuck", str(reason))
    return {**ended("unverified", "a question was answered; nothing was changed"), "answer": text}
