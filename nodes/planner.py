"""Planner: atomic tasks with files, dependencies and what each covers; a plan that does not hold is asked again."""

import re
from collections.abc import Collection
from graphlib import CycleError, TopologicalSorter

from pydantic import BaseModel, ConfigDict, Field

from models.errors import Unanswerable
from models.seat import Seat
from nodes.bounds import MAX_GOAL, MAX_TASKS, MAX_TESTS
from nodes.searcher import words_in
from nodes.session import Session, is_small
from nodes.small_agents import plan_small, task_named
from nodes.state import RunState, Task, list_items, records_of, same_words, summary
from nodes.toolbox import Toolbox
from prompts import render
from workspace.output import clipped
from workspace.protected import why_protected
from workspace.runner_config import may_steer

MAX_LISTED = 150
"""Most file names that a prompt lists."""

MAP_TOKENS = 640
"""Size of the project's map in a prompt."""

MAX_TITLE = 100
"""Most characters of a task's title."""

MAX_REQUIREMENTS = 20
"""Most requirements that a request is cut into."""


class PlannedTask(BaseModel):
    """One task as the model plans it."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,30}$")
    title: str = Field(min_length=3, max_length=MAX_TITLE)
    goal: str = Field(
        min_length=10, max_length=MAX_GOAL, description="what must be true afterwards, with names and values"
    )
    files: list[str] = Field(max_length=6, description="files it will change or create")
    depends_on: list[str] = Field(max_length=MAX_TASKS)
    covers: list[str] = Field(description="numbers of the requirements, such as R1")
    tests: list[str] = Field(default_factory=list, max_length=MAX_TESTS)
    may_edit_tests: list[str] = Field(default_factory=list, max_length=5)
    may_edit_reason: str = Field(default="", max_length=300)


class Plan(BaseModel):
    """The whole plan."""

    model_config = ConfigDict(extra="forbid")

    tasks: list[PlannedTask] = Field(min_length=1, max_length=MAX_TASKS)


def planner(state: RunState, session: Session, seat: Seat) -> RunState:
    """Make the tasks, or new ones for what a stuck plan left undone."""
    if is_small(session):
        return plan_small(state, session)
    numbered = requirements(state["request"])
    done = [t["id"] for t in state.get("tasks", []) if state["status"][t["id"]] in ("verified", "unverified")]
    kept = [t for t in state.get("tasks", []) if t["id"] in done]
    try:
        plan = asked_plan(state, numbered, done, session, seat)
    except Unanswerable as reason:
        return unplanned(state, f"no plan that holds: {reason}", session)
    tasks = [*kept, *(task_of(t) for t in plan.tasks)]
    session.emit("plan.made", tasks=[summary(t) for t in tasks])
    dropped = {t["id"]: "replaced" for t in state.get("tasks", []) if t["id"] not in done}
    status = {**state.get("status", {}), **dropped, **{t.id: "waiting" for t in plan.tasks}}
    left = [*state.get("left", []), *records_of(dropped, state)]
    return {"tasks": tasks, "status": status, "plans": state.get("plans", 0) + 1, "replan": "", "left": left}  # type: ignore[typeddict-item]


def unplanned(state: RunState, reason: str, session: Session) -> RunState:
    """What becomes of a run without a plan: the request is one task; where a plan has failed before, it is stuck."""
    if state.get("tasks"):
        return {"halt": {"outcome": "stuck", "reason": reason, "ends_run": True}, "replan": ""}
    session.emit("warning", text=f"{reason}; the request is taken as one task")
    task = task_named("t1", title_of(state["request"]), "", [], [])
    session.emit("plan.made", tasks=[summary(task)])
    return {"kind": "small", "tasks": [task], "status": {"t1": "waiting"}, "plans": 1}


def title_of(request: str) -> str:
    """The request in one line, where no model has named it."""
    return clipped(" ".join(request.split()), MAX_TITLE)


def asked_plan(state: RunState, numbered: list[tuple[str, str]], done: list[str], session: Session, seat: Seat) -> Plan:
    """The model's plan, asked again while it does not hold; raises Unanswerable when it never does."""
    baseline = session.baseline(state["baseline"])
    session.lane("run").checkout(state["head"])
    index = session.index("run")
    files = index.files()
    limit = MAX_TASKS - len(done)
    user = render(
        "planner",
        "plan",
        request=state["request"],
        requirements=numbered,
        files=files[:MAX_LISTED],
        more=max(0, len(files) - MAX_LISTED),
        outline=overview(state["request"], session),
        failing=baseline.failing()[:40],
        replan=state.get("replan", ""),
        done=done,
        limit=limit,
    )
    failing = set(baseline.failing())
    begun = state.get("dispatched", {})
    tried = {same_words(t["goal"]) for t in state.get("tasks", []) if t["id"] not in done and begun.get(t["id"])}
    wanted = [] if state.get("replan") else [number for number, _ in numbered]
    return session.door.structured(
        seat,
        render("planner", "system"),
        user,
        Plan,
        check=lambda plan: fault(
            plan, wanted=wanted, known=set(done), failing=failing, limit=limit, tried=tried, files=files
        ),
    )


def overview(request: str, session: Session) -> str:
    """The project's most important definitions, those that the request names first; empty where it has none."""
    answer = Toolbox(session, "planner", "run").use("repo_map", names=words_in(request), tokens=MAP_TOKENS)
    return "" if answer.refused or answer.text.count("\n") < 2 else answer.text


def fault(
    plan: Plan,
    *,
    wanted: list[str],
    known: set[str],
    failing: set[str],
    limit: int,
    tried: Collection[str] = (),
    files: Collection[str] = (),
) -> str | None:
    """Why a plan does not hold, in words for the model; None when it does."""
    ids = [t.id for t in plan.tasks]
    if len(ids) > limit:
        return f"at most {limit} tasks, there are {len(ids)}"
    if twice := sorted({i for i in ids if ids.count(i) > 1} | known.intersection(ids)):
        return f"these ids are used twice: {', '.join(twice)}"
    goals = [same_words(t.goal) for t in plan.tasks]
    if len(set(goals)) < len(goals):
        return "two tasks have the same goal; every task is planned once"
    if again := [t.id for t in plan.tasks if same_words(t.goal) in tried]:
        return f"this was tried in the same words and did not work, plan it another way: {', '.join(again)}"
    for task in plan.tasks:
        if unknown := sorted(set(task.depends_on) - set(ids) - known):
            return f"task {task.id} depends on {', '.join(unknown)}, which no task is called"
        if wrong := not_tests(task.may_edit_tests, task.may_edit_reason, files):
            return f"task {task.id}: {wrong}"
        if made_up := sorted(set(task.tests) - failing):
            return f"task {task.id} names tests that do not fail now: {', '.join(made_up[:5])}"
        if escaping := [f for f in task.files if f.startswith(("/", "~")) or ".." in f.split("/")]:
            return f"task {task.id} names files outside the project: {', '.join(escaping)}"
    try:
        tuple(TopologicalSorter({t.id: set(t.depends_on) - known for t in plan.tasks}).static_order())
    except CycleError as cycle:
        return f"these tasks wait for each other: {' -> '.join(cycle.args[1])}"
    covered = {number for t in plan.tasks for number in t.covers}
    if lost := [number for number in wanted if number not in covered]:
        return f"no task covers {', '.join(lost)}"
    return None


def not_tests(paths: Collection[str], reason: str, files: Collection[str]) -> str | None:
    """Why these paths cannot be opened to a task, in words for the model; None when they can."""
    if paths and not reason.strip():
        return "may_edit_tests gives no reason in may_edit_reason"
    missing = [path for path in paths if path not in files]
    if missing:
        return f"may_edit_tests names files that do not exist: {', '.join(missing)}"
    free = [path for path in paths if why_protected(path) in ("", "git") and not may_steer(path)]
    return f"may_edit_tests names files that are no tests: {', '.join(free)}" if free else None


def task_of(planned: PlannedTask) -> Task:
    """The task that travels."""
    return {
        "id": planned.id,
        "title": planned.title,
        "goal": planned.goal,
        "files": [f.removeprefix("./") for f in planned.files],
        "depends_on": planned.depends_on,
        "tests": planned.tests,
        "may_edit_tests": planned.may_edit_tests,
        "may_edit_reason": planned.may_edit_reason,
        "depth": 0,
    }


def requirements(request: str) -> list[tuple[str, str]]:
    """The request cut into numbered requirements: its list items where it has a list, else its sentences."""
    items = list_items(request)
    if len(items) < 2:
        items = re.split(r"(?<=[.!?;])\s+|\n{2,}", request.strip())
    texts = [" ".join(i.split()) for i in items if i.strip()][:MAX_REQUIREMENTS]
    return [(f"R{n}", text) for n, text in enumerate(texts, 1)]
