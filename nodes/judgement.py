"""Judgement by executed checks alone: acceptance, regressions, tampering. No model has a say here."""

from nodes.findings import finding
from nodes.second_look import agrees, stands
from nodes.session import Baseline, Session
from nodes.state import Acceptance, Finding, LaneState
from workspace.checks import Check, Evidence
from workspace.output import trim
from workspace.protected import why_protected
from workspace.runner_config import steers_anew
from workspace.targets import test_command_for

MAX_OUTPUT = 3000
"""Most characters of a failing check's output that travel to the next prompt."""


PATIENCE = 5.0
"""Fewest seconds that a candidate's check may take before it is given up."""

TIMES_LONGER = 10
"""By how much a candidate's check may take longer than the same check before the work."""

NEVER_ENDED = 60.0
"""Seconds for a check that did not end before the work either, and so says nothing about how long it takes."""


def patience(before: Evidence) -> float:
    """Seconds in which one candidate of many shows what it is worth; one that loops must not cost all the time."""
    return NEVER_ENDED if before["timed_out"] else max(PATIENCE, TIMES_LONGER * before["seconds"])


def after(acceptance: Acceptance, state: LaneState, session: Session, *, hurried: bool = False) -> Acceptance:
    """The acceptance with its evidence on the attempt; ``hurried`` for one candidate of many."""
    within = patience(session.load(acceptance["before"])) if hurried else None
    evidence = session.check(acceptance["command"], state["lane"], state["commit"], when="after", within=within)
    return {**acceptance, "after": session.store(evidence)}


def check_findings(
    state: LaneState, acceptance: list[Acceptance], session: Session, *, hurried: bool = False
) -> tuple[list[Finding], str]:
    """What executed checks have against the attempt, and the trimmed output (artefact id) that shows it."""
    failed: list[tuple[str, Evidence]] = []
    for wanted in acceptance:
        evidence: Evidence = session.load(wanted["after"])
        if not evidence["passed"]:
            failed.append((f"`{wanted['command']}` still fails", evidence))
    baseline = session.baseline(state["baseline"])
    commands = {a["command"] for a in acceptance}
    for check in [] if failed else baseline.checks:
        if check["command"] not in commands:
            message, evidence = worse(check, baseline, state["lane"], state["commit"], session, hurried=hurried)
            if message:
                failed.append((message, evidence))
    if not failed:
        return [], ""
    text = trim("\n".join(session.run.artefacts.text(e["output"]) for _, e in failed), MAX_OUTPUT)
    findings = [finding("test", "", 0, describe(message, evidence)) for message, evidence in failed]
    return findings, session.run.artefacts.put(text)


def worse(
    check: Check, baseline: Baseline, lane: str, commit: str, session: Session, *, hurried: bool = False
) -> tuple[str, Evidence]:
    """What a check of the project says that it did not say before, also at a second look; empty when nothing does."""
    before = baseline.of(check["command"])
    within = patience(before) if hurried and before is not None else None
    evidence = session.check(check["command"], lane, commit, when="after", within=within)
    if regression(before, evidence):
        evidence, _ = stands(check, evidence, lane, commit, session)
    return regression(before, evidence), evidence


def proven(acceptance: list[Acceptance], state: LaneState, session: Session) -> list[Acceptance]:
    """The acceptances that are green at a second look as well; one that is flaky proves nothing."""
    lane, commit = state["lane"], state["commit"]
    return [a for a in acceptance if agrees(a["command"], session.load(a["after"]), lane, commit, session)]


def turned_green(state: LaneState, session: Session) -> list[Acceptance]:
    """Checks of the project that were red before the task and are green now: evidence that nobody had to name.

    A suite may be green because a test no longer runs, so the tests that failed are run by name as well where possible.
    """
    baseline = session.baseline(state["baseline"])
    found: list[Acceptance] = []
    for check in baseline.checks:
        before = baseline.of(check["command"])
        if before is None or before["passed"]:
            continue
        before, _ = stands(check, before, state["lane"], state["base"], session)
        if before["passed"]:
            continue
        alone = test_command_for(check, before["failures"]) if before["failures"] else None
        whole = after(red(check["command"], before, session), state, session)
        named = after(red(alone, before, session), state, session) if alone else whole
        if passed(named, session) and passed(whole, session):
            found.append(whole)
        elif passed(named, session) and worse(check, baseline, state["lane"], state["commit"], session)[1]["passed"]:
            found.append(named)  # what else is red in the whole is flaky
    return found


def passed(acceptance: Acceptance, session: Session) -> bool:
    """True where the acceptance is green on the attempt."""
    return bool(session.load(acceptance["after"])["passed"])


def red(command: str, before: Evidence, session: Session) -> Acceptance:
    """An acceptance whose evidence before is known."""
    return {
        "command": command,
        "origin": "given",
        "path": "",
        "reason": "",
        "before": session.store(before),
        "after": "",
    }


def regression(before: Evidence | None, now: Evidence) -> str:
    """What a check says that it did not say before; empty when nothing got worse."""
    if now["passed"]:
        return ""
    if before is None or before["passed"]:
        return f"`{now['command']}` passed before and fails now"
    new = [name for name in now["failures"] if name not in before["failures"]]
    if new:
        return f"`{now['command']}` has new failures"
    if before["failures"] and not now["failures"]:
        return f"`{now['command']}` no longer gets as far as its tests"
    if now["timed_out"] and not before["timed_out"]:
        return f"`{now['command']}` no longer ends"
    return ""


def describe(message: str, evidence: Evidence) -> str:
    """A failed check in one line: the message and the first failing tests."""
    names = ", ".join(evidence["failures"][:5])
    return f"{message} (exit code {evidence['exit_code']}{': ' + names if names else ''})"


def tampering(state: LaneState, session: Session) -> list[Finding]:
    """Protected files that the attempt changed all the same: a second look behind the guard of the edit."""
    allowed = {*state["task"]["may_edit_tests"], *(a["path"] for a in state["acceptance"])}
    changes = session.run.repository.changed(state["start"], state["commit"])
    found: list[Finding] = []
    for change in changes:
        path, reason = change["path"], why_protected(change["path"])
        if path in allowed or (change["status"] == "A" and reason == "test"):
            continue
        if not reason and steers_anew(
            path, text_at(state["start"], path, session), text_at(state["commit"], path, session)
        ):
            reason = "how tests are run"
        if reason:
            found.append(finding("guard", path, 0, f"{path} is protected ({reason}) and was changed"))
    return found


def text_at(commit: str, path: str, session: Session) -> str | None:
    """A file's text at a commit; None where there is none."""
    content = session.run.repository.read(commit, path)
    return None if content is None else content.decode("utf-8", "replace")
