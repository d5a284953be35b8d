"""One agent alone: the searcher's findings on a question, the reviewer's on a change. Nothing is written."""

from models.seat import Seat
from nodes.hiding import learn_snapshot
from nodes.opinion import MAX_DIFF, Review
from nodes.searcher import context_text, searcher
from nodes.session import Session
from nodes.state import LaneState
from nodes.toolbox import Toolbox
from nodes.usage import changed_names, uses_of
from prompts import render
from workspace.output import trim
from workspace.revision import Compared
from workspace.snapshot import take

LANE = "run"
"""The lane of an agent that works alone."""


def looked_up(what: str, session: Session) -> str:
    """The real lines of the project that answer a question, as a model would be shown them."""
    commit = snapshot(session)
    state: LaneState = {
        "run": session.run.id,
        "request": what,
        "kind": "question",
        "lane": LANE,
        "task": {
            "id": "search",
            "title": what,
            "goal": what,
            "files": [],
            "depends_on": [],
            "tests": [],
            "may_edit_tests": [],
            "may_edit_reason": "",
            "depth": 0,
        },
        "base": commit,
        "baseline": "",
    }
    found = searcher(state, session, announced("searcher", session))
    session.emit("agent.finished", lane=LANE, agent="searcher", attempt=0)
    return context_text(found["context"], session)


def reviewed(change: Compared, session: Session) -> Review:
    """The reviewer's findings on a change; one that lies outside the change is dropped. Raises Unanswerable."""
    repository = session.run.repository
    learn_snapshot(session.secrets, session.run, change.new)
    session.lane(LANE).checkout(change.new)
    diff = repository.diff(change.old, change.new)
    if len(diff) > MAX_DIFF:
        session.emit("warning", text=f"the change has {len(diff)} characters: its middle is left out of the review")
    uses = uses_of(changed_names(diff, session, LANE), Toolbox(session, "reviewer", LANE))
    user = render("reviewer", "audit", diff=trim(diff, MAX_DIFF), uses=uses)
    review = session.door.structured(announced("reviewer", session), render("reviewer", "audit_system"), user, Review)
    session.emit("agent.finished", lane=LANE, agent="reviewer", attempt=0)
    touched = {c["path"] for c in repository.changed(change.old, change.new)}
    findings = [] if review.accept else [f for f in review.findings if f.file in touched]
    session.emit("review.done", change=change.title, findings=[finding.model_dump() for finding in findings])
    return Review(accept=not findings, findings=findings)


def snapshot(session: Session) -> str:
    """The user's tree as it is now, checked out for the agent."""
    taken = take(session.run)
    learn_snapshot(session.secrets, session.run, taken.commit)
    session.emit("snapshot.taken", commit=taken.commit, files=taken.files, skipped=[vars(s) for s in taken.skipped])
    session.lane(LANE).checkout(taken.commit)
    return taken.commit


def announced(agent: str, session: Session) -> Seat:
    """The agent's seat, said to be taken."""
    session.emit("agent.started", lane=LANE, agent=agent, attempt=0)
    return Seat(LANE, agent, 0)
