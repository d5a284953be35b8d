"""One try at a task, the same for coder and fixer: ask, read the answer, look at the edit, write it, commit it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from models.answers import AnswerFormatError, parse
from models.errors import Unanswerable
from models.profiles import AnswerFormat
from models.seat import Seat
from nodes.bounds import MAX_ATTEMPTS, MAX_FINDINGS
from nodes.findings import finding, headline
from nodes.sampling import Sampling
from nodes.session import Session
from nodes.state import Attempt, Finding, LaneState, Strategy
from prompts import render
from tools.edit import Problem, Written, write


@dataclass(frozen=True)
class Brief:
    """What an agent is asked: the two halves of its prompt, how it is asked, and the commit that its edits apply to."""

    agent: Literal["coder", "fixer"]
    system: str
    user: str
    on: str
    strategy: Strategy
    format: AnswerFormat
    sampling: Sampling
    older: Sequence[str] = ()
    """What the prompt quotes of earlier attempts: the first to go where the model has no room for it."""


@dataclass(frozen=True)
class Made:
    """What came of a brief: the commit with the edit, or the commit that it was for and why nothing was written."""

    brief: Brief
    commit: str
    problems: Sequence[Problem]
    model: str
    candidates: int = 1
    """How many answers to the same question were tried, this one included."""


def attempt(brief: Brief, state: LaneState, session: Session, seat: Seat) -> LaneState:
    """Make one try and record what came of it."""
    return record(made(brief, state, session, seat, state["lane"]), state, session)


def made(brief: Brief, state: LaneState, session: Session, seat: Seat, lane: str) -> Made:
    """Ask once, and once more with the exact defect where the answer could not be used; write it in a lane."""
    place = session.lane(lane)
    place.checkout(brief.on)
    user, model = brief.user, brief.sampling.model or session.model
    written = Written([], {}, [])
    for _ in range(2):
        try:
            answer = session.door.ask(seat, brief.system, user, older=brief.older, **brief.sampling.options())
            model = answer.model or model
            edits = parse(brief.format, answer.text)
        except (Unanswerable, AnswerFormatError) as reason:
            written = Written([], {}, [Problem("edit", "", 0, str(reason))])
        else:
            locked = [a["path"] for a in state["acceptance"]]
            unlocked, index = state["task"]["may_edit_tests"], session.index(lane)
            written = write(place.path, edits, unlocked=unlocked, locked=locked, index=index)
        if not written.problems:
            break
        session.emit("edit.refused", lane=lane, findings=[vars(p) for p in written.problems])
        problem = "\n".join(headline(p.file, p.line, p.message) for p in written.problems)
        user = f"{brief.user}\n{render('coder', 'again', problem=problem)}"
    if written.problems:
        return Made(brief, brief.on, written.problems, model)
    session.emit("edit.applied", lane=lane, files=written.files, how=written.how)
    commit = place.commit(f"{state['task']['id']}: {brief.strategy} {state.get('attempt', 0) + 1}", [brief.on])
    return Made(brief, commit, [], model)


def record(made: Made, state: LaneState, session: Session) -> LaneState:
    """The state after an attempt."""
    brief, refused = made.brief, bool(made.problems)
    new: Attempt = {
        "number": state.get("attempt", 0) + 1,
        "strategy": brief.strategy,
        "model": made.model,
        "format": brief.format,
        "candidates": made.candidates,
        "commit": made.commit,
        "tree": session.run.repository.tree_of(made.commit),
        "grounding": state.get("grounding", 0),
        "refused": refused,
        "passed": False,
        "repeated": False,
        "problem": "",
    }
    found: list[Finding] = [finding(p.source, p.file, p.line, p.message) for p in made.problems[:MAX_FINDINGS]]
    return {
        "attempt": new["number"],
        "attempts": [*state.get("attempts", []), new][-MAX_ATTEMPTS:],
        "commit": made.commit,
        "refused": found,
        "format": other_format(brief.format) if refused else brief.format,
    }


def other_format(name: AnswerFormat) -> AnswerFormat:
    """The answer format to try after one that did not work."""
    return "whole" if name == "blocks" else "blocks"
