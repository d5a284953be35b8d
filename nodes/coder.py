"""Coder: writes the code of one task, from a clean tree."""

from models.profiles import AnswerFormat
from models.seat import Seat
from nodes.attempt import Brief, attempt, other_format
from nodes.candidates import best_attempt
from nodes.evidence import history, places_shown, tests_shown, tried_before
from nodes.sampling import Sampling, candidates, usual
from nodes.searcher import context_shown
from nodes.session import Session, is_small
from nodes.small_agents import infill
from nodes.state import LaneState, Strategy, goal_of
from prompts import render
from workspace.output import trim

MAX_OUTPUT = 3000
"""Most characters of a check's output in a first prompt."""


def coder(state: LaneState, session: Session, seat: Seat) -> LaneState:
    """Write the task: the first time, on a wider search, or anew by another approach."""
    if is_small(session, state):
        return infill(state, session, seat)
    if strategy_of(state) == "rewrite":
        return rewrite(state, session, seat)
    return attempt(brief_for(state, session, format_of(state, session), usual(state)), state, session, seat)


def rewrite(state: LaneState, session: Session, seat: Seat) -> LaneState:
    """Throw the difference away and take another approach: from the clean tree, in the other format, sampled anew."""
    format = other_format(state["attempts"][-1]["format"])
    formats = (format, other_format(format))
    samplings = candidates(state, "coder", session)
    briefs = [brief_for(state, session, formats[n % 2], sampling) for n, sampling in enumerate(samplings)]
    return best_attempt(briefs, state, session, seat)


def brief_for(state: LaneState, session: Session, format: AnswerFormat, sampling: Sampling) -> Brief:
    """What the coder is asked."""
    task, strategy = state["task"], strategy_of(state)
    on = state["commit"] if strategy == "reground" else state["start"]
    output = failing_output(state, session)
    context = context_shown(state["context"], session, current=on)
    if not context.whole:
        format = "blocks"
    tried = tried_before(state, session) if strategy == "rewrite" else []
    carry = carried(state, session)
    user = render(
        "coder",
        "task",
        goal=goal_of(state),
        context=context.text,
        tests=tests_shown(state, session, output),
        output=output,
        places=places_shown(output, state["commit"], session),
        history=history(state),
        tried=tried,
        carry=carry,
    )
    system = render("coder", "system", format=format, may_edit=task["may_edit_tests"])
    older = [each["diff"] for each in (*([carry] if carry else []), *tried)]
    return Brief("coder", system, user, on, strategy, format, sampling, older)


def format_of(state: LaneState, session: Session) -> AnswerFormat:
    """The answer format: what the last attempt settled, else what suits the model."""
    return state.get("format") or session.door.profile.answer_format


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
    if not carry or not carry["reason"]:
        return None
    return {what: trim(session.run.artefacts.text(carry[what]), 2 * MAX_OUTPUT) for what in ("reason", "diff")}
