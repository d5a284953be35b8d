"""Fixer: repairs exactly what was found, on the tree as the last attempt left it."""

from models.seat import Seat
from nodes.attempt import Brief, attempt, tests_shown, tried_before
from nodes.coder import failing_output
from nodes.findings import lines_of
from nodes.searcher import context_text
from nodes.session import Session, is_small
from nodes.small_agents import sample_fix
from nodes.state import LaneState, goal_of
from prompts import render


def fixer(state: LaneState, session: Session, seat: Seat) -> LaneState:
    """Repair the findings of the last verdict."""
    if is_small(session):
        return sample_fix(state, session, seat)
    return attempt(brief_for(state, session), state, session, seat)


def changed_files(state: LaneState, session: Session) -> list[str]:
    """What the last attempt left changed, the reviewer's tests aside."""
    changes = session.run.repository.changed(state["start"], state["commit"])
    return [c["path"] for c in changes if c["status"] != "D"]


def brief_for(state: LaneState, session: Session) -> Brief:
    """What the fixer is asked: the findings, the real output, the files as they are now."""
    task, verdict = state["task"], state["verdict"]
    format = state.get("format") or session.door.profile.answer_format
    user = render(
        "fixer",
        "repair",
        goal=goal_of(state),
        findings=lines_of(verdict["findings"]) if verdict else [],
        output=failing_output(state, session),
        context=context_text(state["context"], session, current=state["commit"], also=changed_files(state, session)),
        tests=tests_shown(state, session),
        tried=tried_before(state, session, skip=1),
    )
    system = render("fixer", "system", format=format, may_edit=task["may_edit_tests"])
    return Brief("fixer", system, user, state["commit"], "fix", format)
