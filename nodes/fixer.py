"""Fixer: repairs exactly what was found, on the tree as the last attempt left it."""

from models.seat import Seat
from nodes.attempt import Brief, attempt
from nodes.coder import failing_output, format_of
from nodes.evidence import history, places_shown, tests_shown
from nodes.findings import lines_of
from nodes.sampling import usual
from nodes.searcher import context_shown
from nodes.session import Session, is_small
from nodes.small_agents import sample_fix
from nodes.state import LaneState, goal_of
from nodes.toolbox import Toolbox
from nodes.usage import definitions_of
from prompts import render


def fixer(state: LaneState, session: Session, seat: Seat) -> LaneState:
    """Repair the findings of the last verdict."""
    if is_small(session, state):
        return sample_fix(state, session, seat)
    return attempt(brief_for(state, session), state, session, seat)


def changed_files(state: LaneState, session: Session) -> list[str]:
    """What the last attempt left changed."""
    changes = session.run.repository.changed(state["start"], state["commit"])
    return [c["path"] for c in changes if c["status"] != "D"]


def brief_for(state: LaneState, session: Session) -> Brief:
    """What the fixer is asked: the findings, the real output, the files as they are now."""
    task, verdict, on = state["task"], state["verdict"], state["commit"]
    findings = verdict["findings"] if verdict else []
    output = failing_output(state, session)
    context = context_shown(state["context"], session, current=on, also=changed_files(state, session))
    format = format_of(state, session) if context.whole else "blocks"
    user = render(
        "fixer",
        "repair",
        goal=goal_of(state),
        findings=lines_of(findings),
        output=output,
        places=places_shown(output, on, session),
        definitions=definitions_of(findings, Toolbox(session, "fixer", state["lane"])),
        context=context.text,
        tests=tests_shown(state, session, output),
        history=history(state),
    )
    system = render("fixer", "system", format=format, may_edit=task["may_edit_tests"])
    return Brief("fixer", system, user, on, "fix", format, usual(state))
