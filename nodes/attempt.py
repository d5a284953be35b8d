"""One try at a task, the same for coder and fixer: ask, read the answer, look at the edit, write it, commit it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from models.answers import AnswerFormatError, parse
from models.errors import Unanswerable
from models.profiles import AnswerFormat
from models.seat import Seat
from nodes.bounds import MAX_ATTEMPTS, MAX_FINDINGS
from nodes.findings import finding, headline
from nodes.session import Session
from nodes.state import Attempt, Finding, LaneState, Strategy
from prompts import render
from tools.edit import Problem, Written, write
from tools.search import language_of

MAX_TRIED = 2
"""Most earlier attempts that a prompt shows."""

MAX_DIFF = 4000
"""Most characters of one earlier diff that a prompt shows."""


@dataclass(frozen=True)
class Brief:
    """What an agent is asked: the two halves of its prompt, and the commit that its edits apply to."""

    agent: str
    system: str
    user: str
    on: str
    strategy: Strategy
    format: AnswerFormat


def attempt(brief: Brief, state: LaneState, session: Session, seat: Seat) -> LaneState:
    """Ask once, and once more with the exact defect where the answer could not be used; record what came of it."""
    lane = session.lane(state["lane"])
    lane.checkout(brief.on)
    user = brief.user
    written = Written([], {}, [])
    for _ in range(2):
        written = written_answer(brief, user, state, session, seat, lane.path)
        if not written.problems:
            break
        session.emit("edit.refused", lane=state["lane"], findings=[vars(p) for p in written.problems])
        problem = "\n".join(headline(p.file, p.line, p.message) for p in written.problems)
        user = f"{brief.user}\n{render('coder', 'again', problem=problem)}"
    if written.problems:
        return record(brief, state, session, commit=brief.on, problems=written.problems)
    session.emit("edit.applied", lane=state["lane"], files=written.files, how=written.how)
    commit = lane.commit(f"{state['task']['id']}: {brief.strategy} {state.get('attempt', 0) + 1}", [brief.on])
    return record(brief, state, session, commit=commit, problems=[])


def written_answer(brief: Brief, user: str, state: LaneState, session: Session, seat: Seat, root: Path) -> Written:
    """Ask for an edit and write it; every way in which that can fail is a problem, never an exception."""
    try:
        answer = session.door.ask(seat, brief.system, user)
        edits = parse(brief.format, answer.text)
    except (Unanswerable, AnswerFormatError) as reason:
        return Written([], {}, [Problem("edit", "", 0, str(reason))])
    return write(root, edits, unlocked=state["task"]["may_edit_tests"], locked=[a["path"] for a in state["acceptance"]])


def record(brief: Brief, state: LaneState, session: Session, *, commit: str, problems: Sequence[Problem]) -> LaneState:
    """The state after an attempt."""
    made: Attempt = {
        "number": state.get("attempt", 0) + 1,
        "strategy": brief.strategy,
        "model": session.model,
        "commit": commit,
        "tree": session.run.repository.tree_of(commit),
        "grounding": state.get("grounding", 0),
        "refused": bool(problems),
        "passed": False,
        "repeated": False,
    }
    refused: list[Finding] = [finding(p.source, p.file, p.line, p.message) for p in problems[:MAX_FINDINGS]]
    return {
        "attempt": made["number"],
        "attempts": [*state.get("attempts", []), made][-MAX_ATTEMPTS:],
        "commit": commit,
        "refused": refused,
        "format": other_format(brief.format) if problems else brief.format,
    }


def other_format(name: AnswerFormat) -> AnswerFormat:
    """The answer format to try after one that did not work."""
    return "whole" if name == "blocks" else "blocks"


def tests_shown(state: LaneState, session: Session) -> list[dict[str, str]]:
    """The files of the tests that judge the task, as prompts show them."""
    before = [session.load(a["before"]) for a in state["acceptance"] if a["before"]]
    names = [*state["task"]["tests"], *(name for evidence in before for name in evidence["failures"])]
    paths = [a["path"] for a in state["acceptance"] if a["path"]] + [name.split("::")[0] for name in names]
    shown = []
    for path in dict.fromkeys(paths):
        text = session.run.repository.read(state["start"], path)
        if text is not None and len(text) < MAX_DIFF * 2:
            shown.append({"path": path, "text": text.decode("utf-8", "replace"), "language": language_of(path)})
    return shown


def tried_before(state: LaneState, session: Session, *, skip: int = 0) -> list[dict[str, str]]:
    """The newest failed attempts that wrote something, as prompts show them; ``skip`` leaves out the last ones."""
    shown = []
    made = [a for a in state.get("attempts", []) if not a["refused"]]
    for past in made[: len(made) - skip][-MAX_TRIED:]:
        diff = session.run.repository.diff(state["start"], past["commit"])
        shown.append({"diff": diff[:MAX_DIFF], "problem": f"attempt {past['number']} ({past['strategy']}) failed"})
    return shown
