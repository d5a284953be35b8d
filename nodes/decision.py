"""Decision: what becomes of a stuck task. The model is asked for judgement; what may be chosen is a fact."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from models.errors import Unanswerable
from models.seat import Seat
from nodes.bounds import MAX_GOAL, MAX_TASKS
from nodes.findings import lines_of
from nodes.session import Session, is_small
from nodes.state import RunState, Status, Task, records_of, same_words, summary
from prompts import render

MAX_DEPTH = 2
"""How often a task may be split and its parts split again."""

MAX_PLANS = 3
"""How many plans a run may make."""


class SubTask(BaseModel):
    """A part of a task that was too large."""

    model_config = ConfigDict(extra="forbid")

    title: str = Field(min_length=3, max_length=100)
    goal: str = Field(min_length=10, max_length=MAX_GOAL)
    files: list[str] = Field(max_length=6)


class Choice(BaseModel):
    """What to do with a stuck task."""

    model_config = ConfigDict(extra="forbid")

    choice: Literal["split", "replan", "ask", "stop"]
    reason: str = Field(min_length=3, max_length=400)
    parts: list[SubTask] = Field(default_factory=list, max_length=4)
    question: str = Field(default="", max_length=400)


def undecided(state: RunState) -> bool:
    """True while a task is stuck and nothing that changes the whole plan has been chosen."""
    waits = state.get("halt") or state.get("replan") or state.get("question")
    return not waits and "stuck" in state["status"].values()


def decide(state: RunState, session: Session, seat: Seat) -> RunState:
    """Decide about the first stuck task."""
    stuck = next(t for t in state["tasks"] if state["status"][t["id"]] == "stuck")
    stronger = None if session.alone else session.settings.get("model", {}).get("escalate")
    if stronger and stuck["id"] not in state["escalated"]:
        return escalate(stuck, str(stronger), state, session)
    choices = open_choices(stuck, state, session)
    if choices == ["stop"]:
        return stopped(stuck, state, session, "nothing is left to try")
    result = state["results"][stuck["id"]]
    record = session.load(result["record"]) if result["record"] else {"verdict": None}
    user = render(
        "orchestrator",
        "decide",
        request=state["request"],
        task=stuck,
        attempts=result["attempts"],
        findings=lines_of(record["verdict"]["findings"]) if record["verdict"] else [result["reason"]],
        choices=choices,
    )
    try:
        choice = session.door.structured(
            seat, render("orchestrator", "system"), user, Choice, check=lambda c: unfit(c, choices, goals_so_far(state))
        )
    except Unanswerable as reason:
        return stopped(stuck, state, session, f"no decision: {reason}")
    if choice.choice == "stop":
        return stopped(stuck, state, session, choice.reason)
    session.emit("decision", task=stuck["id"], choice=choice.choice, reason=choice.reason)
    match choice.choice:
        case "split":
            return split(stuck, choice, state, session)
        case "replan":
            return {"replan": f"Task {stuck['id']} ({stuck['title']}) is stuck: {choice.reason}\n{result['reason']}"}
        case "ask":
            return {"question": choice.question}


def open_choices(task: Task, state: RunState, session: Session) -> list[str]:
    """What may still be chosen for a stuck task."""
    if is_small(session):
        return ["stop"]
    choices = []
    if task["depth"] < MAX_DEPTH and len(state["tasks"]) < MAX_TASKS - 1:
        choices.append("split")
    if state["kind"] == "project" and state["plans"] < MAX_PLANS:
        choices.append("replan")
    if session.settings.get("attended") and len(state["answers"]) < MAX_PLANS:
        choices.append("ask")
    return [*choices, "stop"]


def goals_so_far(state: RunState) -> set[str]:
    """What was tried to reach already; the same goal again would be asked in the same words."""
    return {same_words(task["goal"] or state["request"]) for task in state["tasks"]}


def unfit(choice: Choice, choices: list[str], known: set[str]) -> str | None:
    """Why a choice cannot be taken, in words for the model."""
    if choice.choice not in choices:
        return f"choose one of {', '.join(choices)}"
    if choice.choice == "split" and len(choice.parts) < 2:
        return "a split needs 2 to 4 parts"
    if choice.choice == "split" and (same := [p.title for p in choice.parts if same_words(p.goal) in known]):
        return f"these parts are no smaller than what was tried already: {', '.join(same)}"
    if choice.choice == "ask" and not choice.question:
        return "give the question"
    return None


def escalate(task: Task, model: str, state: RunState, session: Session) -> RunState:
    """The task starts afresh with the stronger model; the test that judges it stays."""
    session.emit("decision", task=task["id"], choice="escalate", reason=f"{model} takes over")
    update: RunState = {
        "escalated": {**state["escalated"], task["id"]: model},
        "status": {**state["status"], task["id"]: "waiting"},
    }
    if record := state["results"][task["id"]]["record"]:
        update["carry"] = {**state["carry"], task["id"]: {"reason": "", "diff": "", "record": record}}
    return update


def stopped(task: Task, state: RunState, session: Session, reason: str) -> RunState:
    """The task is given up; what depends on it is blocked."""
    status: dict[str, Status] = {**state["status"], task["id"]: "failed"}
    lost = {task["id"]}
    for other in state["tasks"]:
        if status[other["id"]] == "waiting" and lost.intersection(other["depends_on"]):
            status[other["id"]] = "blocked"
            lost.add(other["id"])
    session.emit("decision", task=task["id"], choice="stop", reason=reason)
    return {"status": status}


def split(task: Task, choice: Choice, state: RunState, session: Session) -> RunState:
    """The parts take the task's place, one after the other; what waited for it waits for the last part."""
    parts: list[Task] = []
    for number, part in enumerate(choice.parts, 1):
        parts.append(
            {
                **task,
                "id": f"{task['id']}-{number}",
                "title": part.title,
                "goal": part.goal,
                "files": part.files,
                "depends_on": [parts[-1]["id"]] if parts else task["depends_on"],
                "tests": task["tests"] if number == len(choice.parts) else [],
                "depth": task["depth"] + 1,
            }
        )
    tasks: list[Task] = []
    for other in state["tasks"]:
        if other["id"] == task["id"]:
            tasks += parts
        else:
            waits = [parts[-1]["id"] if d == task["id"] else d for d in other["depends_on"]]
            tasks.append({**other, "depends_on": waits})
    status: dict[str, Status] = {**state["status"], task["id"]: "replaced"}
    status |= {p["id"]: "waiting" for p in parts}
    session.emit("plan.made", tasks=[summary(t) for t in tasks])
    return {"tasks": tasks, "status": status, "left": [*state.get("left", []), *records_of([task["id"]], state)]}
