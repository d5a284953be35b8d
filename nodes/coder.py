"""Coder: writes the code of one task, from a clean tree."""

from models.seat import Seat
from nodes.attempt import Brief, attempt, tests_shown, tried_before
from nodes.searcher import context_text
from nodes.session import Session, is_small
from nodes.small_agents import infill
from nodes.state import LaneState, Strategy, goal_of
from prompts import render
from workspace.output import trim

MAX_OUTPUT = 3000
"""Most characters of a check's output in a first prompt."""


def coder(state: LaneState, session: Session, seat: Seat) -> LaneState:
    """Write the task: the first time, on a wider search, or anew by another approach."""
    if is_small(session):
        return infill(state, session, seat)
    return attempt(brief_for(state, session), state, session, seat)


def brief_for(state: LaneState, session: Session) -> Brief:
    """What the coder is asked."""
    task, strategy = state["task"], strategy_of(state)
    on = state["commit"] if strategy == "reground" else state["start"]
    format = state.get("format") or session.door.profile.answer_format
    user = render(
        "coder",
        "task",
        goal=goal_of(state),
        context=context_text(state["context"], session, current=on),
        tests=tests_shown(state, session),
        output=failing_output(state, session),
        tried=tried_before(state, session) if strategy == "rewrite" else [],
        carry=carried(state, session),
    )
    system = render("coder", "system", format=format, may_edit=task["may_edit_tests"])
    return Brief("coder", system, user, on, strategy, format)


def strategy_of(state: LaneState) -> Strategy:
    """How this attempt is made, from what is on record: a search since the last one means that it was asked for."""
    attempts = state.get("attempts", [])
    if not attempts:
        return "code"
    return "reground" if state["grounding"] > attempts[-1]["grounding"] else "rewrite"


def failing_output(state: LaneState, session: Session) -> str:
    """What the checks say now: of the last attempt, else of the acceptance before anything was written."""
    verdict = state.get("verdict")
    if verdict and verdict["output"]:
        return session.run.artefacts.text(verdict["output"])
    outputs = [session.load(a["before"])["output"] for a in state["acceptance"] if a["before"]]
    return trim("\n".join(session.run.artefacts.text(o) for o in outputs), MAX_OUTPUT) if outputs else ""


def carried(state: LaneState, session: Session) -> dict[str, str] | None:
    """Why the task came back, and its earlier diff."""
    carry = state.get("carry")
    if not carry:
        return None
    return {what: session.run.artefacts.text(carry[what]) for what in ("reason", "diff")}
