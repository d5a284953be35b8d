"""Candidates: several answers to one question, each written and checked in a lane of its own; executed tests choose."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, replace

from models.errors import BudgetSpent, ProviderError
from models.seat import Seat
from nodes.attempt import Brief, Made, attempt, made, record
from nodes.judgement import after, check_findings, tampering
from nodes.permission import Denied
from nodes.session import ENDS, Session
from nodes.state import Acceptance, LaneState


@dataclass(frozen=True)
class Candidate:
    """One answer and what executed checks have against it."""

    number: int
    made: Made
    findings: int
    """How many; a candidate that was not written has the most."""
    size: int
    """Characters of its difference: of two that hold, the smaller change is taken."""

    def rank(self) -> tuple[int, int, int]:
        """The lowest is the best."""
        return self.findings, self.size, self.number


REFUSED = 1000
"""Findings of a candidate of which nothing was written."""


def best_attempt(briefs: Sequence[Brief], state: LaneState, session: Session, seat: Seat) -> LaneState:
    """Ask for every candidate side by side, run the checks on each, and record the one that holds best.

    The choice depends on the checks, never on who answered first. What ends the budget or the provider ends the
    attempt only where no candidate was made.
    """
    if len(briefs) == 1:
        return attempt(briefs[0], state, session, seat)
    with ThreadPoolExecutor(max_workers=min(len(briefs), int(session.settings.get("parallel", 2)))) as pool:
        tries = [
            pool.submit(copy_context().run, tried, number, brief, state, session, seat.beside(number))
            for number, brief in enumerate(briefs, 1)
        ]
    results = [task.result() for task in tries]
    found = [result for result in results if isinstance(result, Candidate)]
    if not found:
        raise next(result for result in results if not isinstance(result, Candidate))
    best = min(found, key=Candidate.rank)
    session.emit(
        "candidates.judged",
        lane=state["lane"],
        attempt=state.get("attempt", 0) + 1,
        chosen=best.number,
        candidates=[{"number": c.number, "findings": c.findings, "refused": bool(c.made.problems)} for c in found],
    )
    return record(replace(best.made, candidates=len(found)), state, session)


def tried(
    number: int, brief: Brief, state: LaneState, session: Session, seat: Seat
) -> Candidate | BudgetSpent | ProviderError | Denied:
    """One candidate in a lane directory of its own."""
    lane = f"{state['lane']}.c{number}"
    try:
        answer = made(brief, state, session, seat, lane)
        if answer.problems:
            return Candidate(number, answer, REFUSED, 0)
        there: LaneState = {**state, "lane": lane, "commit": answer.commit}
        acceptance = [after(a, there, session) for a in state["acceptance"]]
        findings, _ = check_findings(there, acceptance, session)
    except ENDS as end:
        return end
    size = len(session.run.repository.diff(state["start"], answer.commit))
    return Candidate(number, answer, failing(acceptance, session) + len([*findings, *tampering(there, session)]), size)


def failing(acceptance: Sequence[Acceptance], session: Session) -> int:
    """How many tests of the acceptance fail: a candidate that fails fewer is nearer."""
    return sum(len(session.load(a["after"])["failures"]) for a in acceptance)
