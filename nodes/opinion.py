"""Opinion: what the reviewer says about a change whose checks are green. It may send it back once, and never passes it.

The same change is never judged twice: the answer is on record.
"""

import json
from typing import TypeVar, cast

from pydantic import BaseModel, ConfigDict, Field

from models.errors import BudgetSpent, ProviderError, Unanswerable
from models.journal import JSON
from models.seat import Seat
from nodes.evidence import removed_assertions
from nodes.findings import finding, fingerprint
from nodes.session import Session
from nodes.state import Finding, LaneState, goal_of
from nodes.toolbox import Toolbox
from nodes.usage import changed_names, uses_of
from prompts import render
from workspace.output import trim

MAX_DIFF = 12000
"""Most characters of a diff that the reviewer reads."""


class ReviewFinding(BaseModel):
    """One certain defect."""

    model_config = ConfigDict(extra="forbid")

    file: str
    line: int = Field(ge=0)
    problem: str = Field(min_length=1, max_length=600)


class Review(BaseModel):
    """The reviewer's reading of a diff whose checks passed."""

    model_config = ConfigDict(extra="forbid")

    accept: bool
    findings: list[ReviewFinding] = Field(max_length=10)


class Consent(BaseModel):
    """Whether a change of existing tests is what the request asks for."""

    model_config = ConfigDict(extra="forbid")

    agree: bool
    reason: str = Field(min_length=3, max_length=300)


def opinion(state: LaneState, session: Session, seat: Seat) -> list[Finding]:
    """What the model sees in the diff; a finding outside the diff is dropped, no answer is no objection.

    Executed evidence stands without an opinion: where no call is left for one, that is said.
    """
    diff = session.run.repository.diff(state["start"], state["commit"])
    changed = {c["path"] for c in session.run.repository.changed(state["start"], state["commit"])}
    if not changed:
        return [finding("edit", "", 0, "nothing was changed")] if not state["acceptance"] else []
    commands = [a["command"] for a in state["acceptance"]] or ["none"]
    uses = uses_of(changed_names(diff, session, state["lane"]), Toolbox(session, "reviewer", state["lane"]))
    user = render("reviewer", "review", goal=goal_of(state), diff=trim(diff, MAX_DIFF), checks=commands, uses=uses)
    try:
        review = asked(user, Review, session, seat)
    except Unanswerable as reason:
        session.emit("warning", text=f"no usable review of {state['lane']}: {reason}")
        return []
    except (BudgetSpent, ProviderError) as end:
        if not state["acceptance"]:
            raise
        session.emit(
            "warning", text=f"{state['lane']} is accepted by its checks alone, no review could be asked: {end}"
        )
        return []
    if review.accept:
        return []
    return [finding("review", f.file, f.line, f.problem) for f in review.findings if f.file in changed]


def consent(state: LaneState, session: Session, seat: Seat) -> list[Finding]:
    """The reviewer's objection to changed tests that the task was allowed to change; no answer is an objection."""
    task = state["task"]
    changed = changed_tests(state, session)
    if not changed:
        return []
    removed = removed_assertions(state["start"], state["commit"], changed, session)
    diff = session.run.repository.diff(state["start"], state["commit"])
    user = render(
        "reviewer",
        "consent",
        request=state["request"],
        goal=goal_of(state),
        reason=task["may_edit_reason"],
        tests=changed,
        removed=removed,
        diff=trim(diff, MAX_DIFF),
    )
    try:
        answer = asked(user, Consent, session, seat)
    except Unanswerable as reason:
        answer = Consent(agree=False, reason=f"no usable answer: {str(reason)[:200]}")
    session.emit(
        "tests.changed",
        lane=state["lane"],
        files=changed,
        reason=task["may_edit_reason"],
        removed=removed,
        agreed=answer.agree,
        said=answer.reason,
    )
    if answer.agree:
        return []
    said = f"the reviewer does not agree that this test may change ({answer.reason}); leave it as it was"
    return [finding("guard", path, 0, said) for path in changed]


def changed_tests(state: LaneState, session: Session) -> list[str]:
    """The existing tests that the task was allowed to change, and that the attempt did change."""
    changes = session.run.repository.changed(state["start"], state["commit"])
    return [c["path"] for c in changes if c["status"] != "A" and c["path"] in state["task"]["may_edit_tests"]]


Judgement = TypeVar("Judgement", Review, Consent)


def asked(user: str, schema: type[Judgement], session: Session, seat: Seat) -> Judgement:
    """The model's judgement on this very question, asked once in a run."""
    system = render("reviewer", "review_system")

    def ask() -> JSON:
        return cast("JSON", json.loads(session.door.structured(seat, system, user, schema).model_dump_json()))

    return schema.model_validate(session.journal.observe(f"review/{fingerprint(system, user)}", ask, from_source=False))
