"""The agents' work with a small model (≤ 3B): code finds the place, the model fills small holes, tests decide."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from models.errors import Unanswerable
from models.seat import Seat
from nodes.attempt import Brief, Made, record
from nodes.bounds import MAX_GOAL, MAX_TASKS, MAX_TESTS
from nodes.judgement import after, check_findings
from nodes.sampling import Sampling
from nodes.session import Session
from nodes.small import Found, propose
from nodes.state import LaneState, RunState, Task, summary
from tools.edit import Problem
from tools.expectations import expectations
from tools.frames import report_of
from tools.functions import Target
from tools.locate import Location, locate

QUESTION = re.compile(r"^\s*(?:what|why|how|where|which|who|when|is|are|does|do|can|explain|describe)\b", re.IGNORECASE)
"""How a request begins that only asks: a small model is not asked to judge it."""

MAX_PLACES = 2
"""Most functions that a task tries, the likeliest first."""

ROUNDS = {"infill": 3, "rewrite": 6, "fix": 6}
"""Independent samples: passes over all holes for infill, answers for the others."""


def classify_small(state: RunState, session: Session) -> RunState:
    """A question by its first word and its mark; anything else is planned from the failing tests."""
    request = state["request"]
    failing = session.baseline(state["baseline"]).failing()
    asks = request.rstrip().endswith("?") or (QUESTION.match(request) is not None and not failing)
    kind: Literal["question", "project"] = "question" if asks else "project"
    session.emit("request.classified", kind=kind, reason="by its words: a small model is not asked")
    if kind == "project":
        return {"kind": kind}
    task = task_named("t1", "Answer the question", "", [], [])
    return {"kind": kind, "tasks": [task], "status": {"t1": "waiting"}}


def plan_small(state: RunState, session: Session) -> RunState:
    """One task per function that a failing test points at; tasks on one file follow each other."""
    session.lane("run").checkout(state["head"])
    tree = session.lane("run").path
    groups: dict[tuple[str, str], list[str]] = {}
    for test, output in failing_tests(state, session):
        places = locate(tree, test, output)
        if places:
            groups.setdefault((places[0].path, places[0].function), []).append(test)
    tasks: list[Task] = []
    for (path, function), tests in list(groups.items())[:MAX_TASKS]:
        before = [t["id"] for t in tasks if t["files"] == [path]]
        goal = f"Make {', '.join(tests)} pass by repairing `{function}` in {path}."
        task = task_named(f"t{len(tasks) + 1}", f"Repair {function} in {path}", goal, [path], tests)
        tasks.append({**task, "depends_on": before[-1:]})
    if not tasks:
        reason = (
            "a small model repairs Python functions that a failing test points at, and no failing test was found; "
            "name one with --check, or use a larger model"
        )
        return {"plans": state.get("plans", 0) + 1, "halt": {"outcome": "stuck", "reason": reason, "ends_run": True}}
    session.emit("plan.made", tasks=[summary(t) for t in tasks])
    status = {t["id"]: "waiting" for t in tasks}
    return {"tasks": tasks, "status": status, "plans": state.get("plans", 0) + 1}  # type: ignore[typeddict-item]


def failing_tests(state: RunState, session: Session) -> list[tuple[str, str]]:
    """Every failing test of the baseline with the output of its check."""
    baseline = session.baseline(state["baseline"])
    return [(test, session.run.artefacts.text(e["output"])) for e in baseline.evidence for test in e["failures"]]


def task_named(id: str, title: str, goal: str, files: list[str], tests: list[str]) -> Task:
    """A task that code planned."""
    return {
        "id": id,
        "title": title[:100],
        "goal": goal[:MAX_GOAL],
        "files": files,
        "depends_on": [],
        "tests": tests[:MAX_TESTS],
        "may_edit_tests": [],
        "may_edit_reason": "",
        "depth": 0,
    }


def infill(state: LaneState, session: Session, seat: Seat) -> LaneState:
    """The coder's turn: fill holes first, write the function anew after that."""
    return sampled("infill" if not state.get("attempts") else "rewrite", state, session, seat)


def sample_fix(state: LaneState, session: Session, seat: Seat) -> LaneState:
    """The fixer's turn: the function with its failing output, sampled afresh each time."""
    return sampled("fix", state, session, seat)


def sampled(strategy: Literal["infill", "rewrite", "fix"], state: LaneState, session: Session, seat: Seat) -> LaneState:
    """Propose candidates for the likeliest functions until the task's own failing tests pass."""
    agent: Literal["coder", "fixer"] = "fixer" if strategy == "fix" else "coder"
    brief = Brief(agent, "", "", state["start"], strategy, "whole", Sampling())
    lane = session.lane(state["lane"])
    lane.checkout(state["start"])
    output = "\n".join(session.run.artefacts.text(session.load(a["before"])["output"]) for a in state["acceptance"])
    for place in places_of(state, lane.path, output):
        source = (lane.path / place.path).read_bytes().decode("utf-8")
        judge = Judge(state, session, place.path)
        found = propose(
            strategy,
            Target.of(source, place.function),
            expectations(lane.path, state["task"]["tests"], place.function),
            "\n".join(report_of(test, output) for test in state["task"]["tests"]),
            DoorSampler(session, seat),
            judge,
            rounds=rounds_of(strategy, session),
            seed=int(session.settings.get("seed", 0)),
        )
        if found is not None:
            session.emit("edit.applied", lane=state["lane"], files=[place.path], how={place.path: described(found)})
            return record(Made(brief, judge.commit, [], session.model, found.tested), state, session)
    problem = Problem("test", "", 0, f"no {strategy} candidate made the task's tests pass")
    return record(Made(brief, state["start"], [problem], session.model), state, session)


def rounds_of(strategy: Literal["infill", "rewrite", "fix"], session: Session) -> int:
    """How many samples a strategy may take; those of a rewrite may be set."""
    chosen = session.settings.get("candidates") if strategy == "rewrite" else None
    return int(chosen) if chosen else ROUNDS[strategy]


def described(found: Found) -> str:
    """How a candidate came about."""
    return f"{found.strategy}: {found.samples} samples, {found.tested} tested"


def places_of(state: LaneState, tree: Path, output: str) -> list[Location]:
    """The functions that the task's failing tests point at, each once, likeliest first."""
    found = [place for test in state["task"]["tests"] for place in locate(tree, test, output)]
    return list({(p.path, p.function): p for p in found}.values())[:MAX_PLACES]


@dataclass
class Judge:
    """Runs the task's own failing tests on a candidate, in the sandbox; remembers the commit of the last one."""

    state: LaneState
    session: Session
    path: str
    commit: str = ""

    def __call__(self, source: str) -> bool:
        """True when every acceptance check passes with this source, and nothing that was green turns red."""
        lane = self.session.lane(self.state["lane"])
        lane.checkout(self.state["start"])
        (lane.path / self.path).write_bytes(source.encode("utf-8"))
        self.commit = lane.commit(f"{self.state['task']['id']}: candidate", [self.state["start"]])
        attempt: LaneState = {**self.state, "commit": self.commit}
        acceptance = [after(a, attempt, self.session, hurried=True) for a in self.state["acceptance"]]
        findings, _ = check_findings(attempt, acceptance, self.session, hurried=True)
        return not findings


@dataclass(frozen=True)
class DoorSampler:
    """The door as the small model's code step sees it: samples, and nothing where no answer came."""

    session: Session
    seat: Seat

    def infill(
        self, prefix: str, suffix: str, n_predict: int, stop: Sequence[str], temperature: float, seed: int
    ) -> str:
        """Text between prefix and suffix."""
        return self.session.door.infill(
            self.seat, prefix, suffix, stop=stop, n_predict=n_predict, temperature=temperature, seed=seed
        )

    def chat(self, system: str, user: str, max_tokens: int, temperature: float, seed: int) -> str:
        """One independent answer."""
        try:
            return self.session.door.ask(
                self.seat, system, user, max_tokens=max_tokens, temperature=temperature, seed=seed
            ).text
        except Unanswerable:
            return ""
