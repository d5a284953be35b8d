"""Opening: the snapshot of the user's tree, the checks of the project, and what they say before anything is changed."""

from nodes.hiding import learn_snapshot
from nodes.session import Baseline, Session
from nodes.state import RUNGS, VERSION, RunState
from workspace.checks import Check
from workspace.detect import detect
from workspace.snapshot import shared, take


def open_run(session: Session) -> RunState:
    """Take the snapshot and the baseline."""
    run = session.run
    snapshot = shared(run) or take(run)
    learn_snapshot(session.secrets, run, snapshot.commit)
    session.emit(
        "snapshot.taken", commit=snapshot.commit, files=snapshot.files, skipped=[vars(s) for s in snapshot.skipped]
    )
    lane = session.lane("run")
    lane.checkout(snapshot.commit)
    checks = wanted_checks(session)
    session.emit("checks.found", checks=checks)
    baseline = Baseline()
    for check in checks:
        evidence = session.check(check["command"], "run", snapshot.commit, when="before")
        if evidence["unable"]:
            set_aside(check, evidence["unable"], baseline, session)
            continue
        baseline.checks.append(check)
        baseline.evidence.append(evidence)
        session.emit(
            "baseline.checked",
            command=check["command"],
            passed=evidence["passed"],
            failures=evidence["failures"],
            seconds=evidence["seconds"],
        )
    return {
        "v": VERSION,
        "base": snapshot.commit,
        "head": snapshot.commit,
        "baseline": session.store(vars(baseline)),
        "ladder": [rung for rung in session.door.profile.ladder if rung in RUNGS],
        "tasks": [],
        "status": {},
        "dispatched": {},
        "carry": {},
        "escalated": {},
        "integrated": {},
        "plans": 0,
        "replan": "",
        "question": "",
        "approval": "",
        "word": None,
        "agreed": -1,
        "pending": None,
        "answers": [],
    }


def set_aside(check: Check, why: str, baseline: Baseline, session: Session) -> None:
    """A check that cannot run here is neither red nor green: it is named, and counts for nothing."""
    session.emit("warning", text=f"`{check['command']}` cannot run here ({why}): it judges nothing")
    if check["origin"] == "given":
        baseline.unable.append(check["command"])


def wanted_checks(session: Session) -> list[Check]:
    """The checks that the user names, else those that the project shows."""
    given = session.settings.get("checks") or []
    if given:
        return [Check(name=command, command=command, kind="test", origin="given") for command in given]
    return detect(session.lane("run").path, root=session.run.root)
