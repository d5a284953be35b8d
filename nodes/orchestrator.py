"""Orchestrator: opens the run, takes in what lanes bring, decides about stuck tasks, and ends the run."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from models.errors import Unanswerable
from models.seat import Seat
from nodes.approval import heard, wants_approval
from nodes.bounds import MAX_TESTS
from nodes.conclusion import conclude, settled
from nodes.decision import decide, undecided
from nodes.integration import integrate
from nodes.opening import open_run
from nodes.planner import MAX_TITLE, not_tests, title_of
from nodes.session import ENDS, Session, halt_of, is_small
from nodes.small_agents import classify_small
from nodes.state import RunState, Task, ready_tasks, summary
from prompts import render
from tools.search import languages


def orchestrator(state: RunState, session: Session, seat: Seat) -> RunState:
    """One visit: open and classify at first, take in results later, end the run once nothing is left to do."""
    update: RunState = {"visits": state.get("visits", 0) + 1}
    if state.get("word"):
        update |= heard(state, session)
        if update.get("outcome"):
            return update
    try:
        if not state.get("base"):
            update |= open_run(session)
        if not state.get("kind"):
            update |= classify({**state, **update}, session, seat)
        update |= integrate({**state, **update}, session)
        while undecided({**state, **update}):
            update |= decide({**state, **update}, session, seat)
    except ENDS as end:
        update["halt"] = halt_of(end)
    now: RunState = {**state, **update}
    if settled(now):
        return update | conclude(now, session, seat)
    return update | dispatch(now, session)


def dispatch(state: RunState, session: Session) -> RunState:
    """Count the tasks that are about to be sent to a lane; nothing is sent while a plan or a person is awaited."""
    if state.get("replan") or state.get("question"):
        return {}
    if wants_approval(state, session):
        return {"approval": "plan"}
    ready = ready_tasks(state)
    for task in ready:
        session.emit("task.started", task=task["id"], title=task["title"], base=state["head"])
    sent = state["dispatched"]
    return {"dispatched": {**sent, **{t["id"]: sent.get(t["id"], 0) + 1 for t in ready}}}


class Classification(BaseModel):
    """What a request is."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["question", "small", "project"]
    title: str = Field(min_length=3, max_length=MAX_TITLE)
    files: list[str] = Field(default_factory=list, max_length=6, description="files it will change, where known")
    tests: list[str] = Field(default_factory=list, max_length=MAX_TESTS)
    may_edit_tests: list[str] = Field(default_factory=list, max_length=5)
    may_edit_reason: str = Field(default="", max_length=300)


def classify(state: RunState, session: Session, seat: Seat) -> RunState:
    """What the request is; a small one becomes the run's only task at once."""
    if is_small(session):
        return classify_small(state, session)
    baseline = session.baseline(state["baseline"])
    files = session.run.repository.files(state["base"])
    user = render(
        "orchestrator",
        "classify",
        request=state["request"],
        files=len(files),
        languages=", ".join(languages(files)),
        failing=baseline.failing()[:40],
    )
    try:
        found = session.door.structured(
            seat,
            render("orchestrator", "system"),
            user,
            Classification,
            check=lambda c: not_tests(c.may_edit_tests, c.may_edit_reason, files),
        )
    except Unanswerable as reason:
        session.emit("warning", text=f"no usable answer to what the request is, so it is taken as one task: {reason}")
        found = Classification.model_construct(kind="small", title=title_of(state["request"]))
    session.emit("request.classified", kind=found.kind, reason=found.title)
    if found.kind == "project":
        return {"kind": found.kind}
    task: Task = {
        "id": "t1",
        "title": found.title,
        "goal": "",
        "files": found.files,
        "depends_on": [],
        "tests": [name for name in found.tests if name in set(baseline.failing())],
        "may_edit_tests": found.may_edit_tests,
        "may_edit_reason": found.may_edit_reason,
        "depth": 0,
    }
    session.emit("plan.made", tasks=[summary(task)])
    return {"kind": found.kind, "tasks": [task], "status": {"t1": "waiting"}}
