"""Delivery: what of the verified tree reaches the user's folder, and how it gets there."""

from pathlib import PurePosixPath

from nodes.integration import acceptances, taken
from nodes.session import Session
from nodes.state import Outcome, Pending, RunState, ended
from workspace.apply import apply
from workspace.errors import ApplyRefused
from workspace.protected import is_test_path


def delivered(outcome: Outcome, reason: str, state: RunState, session: Session) -> RunState:
    """Apply what was merged to the user's tree, unless the user does not want it or has changed the same lines."""
    head = without_homeless_tests(state, session)
    changed = changed_files(state, session, head)
    if not session.settings.get("apply", True):
        return ended(outcome, reason, files=changed)
    if changed and session.settings.get("approve_apply"):
        pending: Pending = {"outcome": outcome, "reason": reason, "head": head}
        return {"approval": "apply", "pending": pending, "files": changed}
    if changed and not session.gate.allows("edit", changed, session.run.repository.diff(state["base"], head)):
        return ended(outcome, f"{reason}; not applied, because you did not allow the edit", files=changed)
    return applied(outcome, reason, state["base"], head, session)


def applied(outcome: Outcome, reason: str, base: str, head: str, session: Session) -> RunState:
    """Bring the change between two commits into the user's tree; refused where the user has changed the same lines."""
    try:
        done = apply(session.run, base, head)
    except ApplyRefused as refusal:
        session.emit("apply.refused", files=refusal.files, why="" if refusal.files else str(refusal))
        files = [c["path"] for c in session.run.repository.changed(base, head)]
        return ended("failed" if outcome == "verified" else outcome, str(refusal), files=files)
    session.emit("run.applied", files=done.files)
    return ended(outcome, reason, files=done.files, applied=True)


def without_homeless_tests(state: RunState, session: Session) -> str:
    """The final commit without the reviewer's tests where the project has no tests of that language: no place for them.

    They have judged the work all the same, and stay in the run.
    """
    head = state["head"]
    written = [a["path"] for a in acceptances(taken(state), session) if a["origin"] == "written"]
    homes = {suffix(path) for path in session.run.repository.files(state["base"]) if is_test_path(path)}
    homeless = [path for path in written if suffix(path) not in homes]
    if not homeless:
        return head
    lane = session.lane("run")
    lane.checkout(head)
    for path in homeless:
        (lane.path / path).unlink(missing_ok=True)
    commit = lane.commit("without the tests that have no place in the project", [head])
    session.emit("tests.left_out", files=homeless, commit=commit)
    return commit


def changed_files(state: RunState, session: Session, head: str = "") -> list[str]:
    """The files that differ between the snapshot and what was merged, or another commit."""
    return [c["path"] for c in session.run.repository.changed(state["base"], head or state["head"])]


def suffix(path: str) -> str:
    """What tells the language of a file."""
    return PurePosixPath(path).suffix
