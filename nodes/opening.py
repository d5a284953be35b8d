"""Opening: the snapshot of the user's tree, the checks of the project, and what they say before anything is changed."""

from nodes.session import Baseline, Session
from nodes.state import RUNGS, VERSION, RunState
from workspace.checks import Check
from workspace.detect import detect
from workspace.snapshot import take


def open_run(session: Session) -> RunState:
    """Take the snapshot and the baseline."""
    run = session.run
    snapshot = take(run)
    session.emit(
        "snapshot.taken", commit=snapshot.commit, files=snapshot.files, skipped=[vars(s) for s in snapshot.skipped]
    )
    lane = session.lane("run")
    lane.checkout(snapshot.commit)
    checks = wanted_checks(session)
    session.emit("checks.found", checks=checks)
    baseline = Baseline(checks=checks)
    for check in checks:
        evidence = session.check(check["command"], "run", snapshot.commit, when="before")
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
        "integrated": {},
        "plans": 0,
        "replan": "",
        "question": "",
        "answers": [],
    }


def wanted_checks(session: Session) -> list[Check]:
    """The checks that the user names, else those that the project shows."""
    given = session.settings.get("checks") or []
    if given:
        return [Check(name=command, command=command, kind="test", origin="given") for command in given]
    return detect(session.lane("run").path, root=session.run.root)
