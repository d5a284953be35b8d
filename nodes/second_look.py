"""A second look: what failed is run again on the same tree. What is green then is flaky: no proof and no regression."""

from typing import Literal

from nodes.session import Session
from workspace.checks import Check, Evidence
from workspace.targets import test_command_for

When = Literal["before", "after"]


def stands(check: Check, evidence: Evidence, lane: str, commit: str, session: Session) -> tuple[Evidence, list[str]]:
    """What of a failure stands, and the names of what was green when it was run again.

    The failed tests are run alone first; only what is green there is run again as it was, since a test may also fail
    by what runs before it.
    """
    names, when = evidence["failures"], evidence["when"]
    alone = test_command_for(check, names) if names else None
    if alone is not None and alone != check["command"]:
        again = session.check(alone, lane, commit, when=when, look=2)
        if not again["passed"] and set(names) <= set(again["failures"]):
            return evidence, []
    again = session.check(check["command"], lane, commit, when=when, look=2)
    if again["passed"]:
        return named({**evidence, "passed": True, "failures": []}, names or [check["command"]], lane, session)
    standing = [name for name in names if name in again["failures"]] if again["failures"] else names
    return named({**evidence, "failures": standing}, [n for n in names if n not in standing], lane, session)


def agrees(command: str, evidence: Evidence, lane: str, commit: str, session: Session) -> bool:
    """True when a command says the same a second time on the same tree; one that does not is named as flaky."""
    again = session.check(command, lane, commit, when=evidence["when"], look=2)
    if again["passed"] == evidence["passed"]:
        return True
    named(evidence, sorted({*evidence["failures"], *again["failures"]}) or [command], lane, session)
    return False


def named(evidence: Evidence, flaky: list[str], lane: str, session: Session) -> tuple[Evidence, list[str]]:
    """The evidence, with the flaky ones on the record."""
    if flaky:
        session.emit("check.flaky", lane=lane, command=evidence["command"], tests=flaky)
    return evidence, flaky
