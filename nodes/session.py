"""What a node may hold: everything is reopened from the run's folder, in any process."""

import json
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Any, Literal, Protocol, cast

from langgraph.runtime import Runtime
from pydantic import Field
from pydantic.dataclasses import dataclass as checked
from typing_extensions import TypedDict

from models.budget import Budget, Limits
from models.door import Door
from models.errors import BudgetSpent, ProviderError
from models.journal import Journal
from models.profiles import profile_of
from models.resolve import Resolved, resolve
from models.seat import Seat
from nodes.hiding import opened_secrets
from nodes.permission import Denied, Gate, Permission, everything
from nodes.state import VERSION, Halt, LaneResult, LaneState, RunState
from prompts import instead
from tools.search import Index
from workspace.checks import Check, CheckRunner, Evidence
from workspace.errors import RunNewer
from workspace.lanes import Lane, open_lane
from workspace.output import trim
from workspace.run import Run, state_home
from workspace.sandbox import choose_sandbox

Emit = Callable[..., object]
"""Writes one event: type, then its fields by name."""

ENDS = (BudgetSpent, ProviderError, Denied)
"""What ends a lane, or a run, honestly."""

MAX_OUTPUT = 60_000
"""Most characters of one check's output that are kept."""


@checked(frozen=True)
class Context:
    """What a caller of the graph may set; the rest stands in the run's folder, or in the configuration.

    All but the state directory count only where the caller starts a run that has no folder yet.
    """

    home: Annotated[str, Field(title="State directory", description="Empty: the usual one.")] = ""
    model: Annotated[str, Field(title="Model", description="Name at the endpoint, local, or local:1.5b.")] = ""
    base_url: Annotated[str, Field(title="Endpoint", description="OpenAI-compatible address.")] = ""
    checks: Annotated[
        list[str], Field(title="Checks", description="Commands that must pass in the end.", max_length=20)
    ] = field(default_factory=list)
    max_calls: Annotated[
        int | None, Field(title="Model calls", description="Most model calls of the run.", ge=1, le=100_000)
    ] = None
    parallel: Annotated[int, Field(title="Parallel tasks", description="Worked on at a time.", ge=1, le=32)] = 2
    apply: Annotated[bool, Field(title="Apply", description="Bring what was verified into your files.")] = True
    approve_plan: Annotated[bool, Field(title="Approve the plan", description="Ask before a plan is carried out.")] = (
        False
    )
    approve_apply: Annotated[bool, Field(title="Approve the change", description="Ask before it is applied.")] = False


@dataclass(frozen=True)
class Baseline:
    """The checks of a project and what they said before anything was changed."""

    checks: list[Check] = field(default_factory=list)
    evidence: list[Evidence] = field(default_factory=list)
    unable: list[str] = field(default_factory=list)
    """Commands of the user's that cannot run here at all: they judge nothing, and nothing is verified without them."""

    def failing(self) -> list[str]:
        """Ids of the tests that failed before, in the order of the checks, each once."""
        return list(dict.fromkeys(name for e in self.evidence for name in e["failures"]))

    def of(self, command: str) -> Evidence | None:
        """What this command said before; None where it was not run."""
        return next((e for e in self.evidence if e["command"] == command), None)


class Observed(TypedDict):
    """A check's evidence and its output, as the journal keeps them."""

    evidence: Evidence
    text: str


class Session:
    """One run, opened: its workspace, model door, native index, budget and event sink.

    Raises NoModel where no model can be had, and SandboxMissing where commands cannot be confined and ``--unsafe``
    was not given.
    """

    def __init__(self, run: Run, env: Mapping[str, str], home: Path, permission: Permission = everything) -> None:
        self.run = run
        self.settings: dict[str, Any] = dict(run.settings)
        self.secrets = opened_secrets(run, home, env)
        run.events.hide = self.secrets.hide_all
        self.emit = run.events.emit
        prompts: Mapping[str, str] = self.settings.get("prompts", {})
        self.templates = {agent: run.artefacts.text(text) for agent, text in prompts.items()}
        """Prompts of a fork, by the names of the templates in whose place they stand."""
        self.gate = Gate(permission, self.emit)
        resolved = chosen_model(self.settings, env, home, self.emit)
        self.model = resolved.name
        self.alone = resolved.kind == "embedded"
        """True where no other model can be asked."""
        self.journal = opened_journal(run, resolved, home)
        self.budget = opened_budget(self.settings.get("budget", {}), self.journal)
        self.door = Door(resolved, self.journal, self.budget, self.emit, self.settings, self.secrets)
        sandbox = choose_sandbox(unsafe=bool(self.settings.get("unsafe")))
        self.emit("sandbox.chosen", kind=sandbox.kind, text=sandbox.describe())
        self.checks = CheckRunner(run, sandbox)
        self._lock = threading.Lock()
        self._indexes: dict[str, Index] = {}
        self._lanes: dict[str, Lane] = {}

    def lane(self, name: str) -> Lane:
        """The lane of this name; made on first use."""
        with self._lock:
            if name not in self._lanes:
                self._lanes[name] = open_lane(self.run, name)
            return self._lanes[name]

    def index(self, name: str) -> Index:
        """The native index over a lane's files, brought up to date."""
        lane = self.lane(name)
        with self._lock:
            index = self._indexes.get(name)
            if index is None:
                index = self._indexes[name] = Index(lane.path, git_index=lane.tree.index)
                return index
        index.refresh()
        return index

    def run_check(self, command: str, lane: str, commit: str, *, when: Literal["before", "after"]) -> Evidence:
        """Run a command on a commit, whatever was seen before and whatever time the run has left.

        Raises Denied where the user does not allow the command.
        """
        return self._executed(command, lane, commit, when, self._check_seconds())

    def check(
        self,
        command: str,
        lane: str,
        commit: str,
        *,
        when: Literal["before", "after"],
        look: int = 1,
        within: float | None = None,
    ) -> Evidence:
        """What a command says on a commit's tree, run once: a node that starts over is handed what it saw before.

        A second ``look`` runs it again, once as well. ``within`` are seconds after which it is given up, where that is
        less than the usual time. Raises BudgetSpent where the run's time is over, before the
        command or in the middle of it: a check that was cut for that judges nothing; and Denied like :meth:`run_check`.
        """
        tree = self.run.repository.tree_of(commit)
        key = f"check/{when}/{tree}/{command}" + (f"/look {look}" if look > 1 else "")

        def compute() -> Observed:
            evidence = self._check_in_time(command, lane, commit, when, within)
            return {"evidence": evidence, "text": trim(self.run.artefacts.text(evidence["output"]), MAX_OUTPUT)}

        observed = cast("Observed", self.journal.observe(key, cast("Any", compute)))
        evidence: Evidence = {**observed["evidence"], "output": self.run.artefacts.put(observed["text"])}
        evidence.setdefault("unable", "")  # a journal of an earlier version does not say
        self.emit(
            "check.finished",
            lane=lane,
            command=command,
            passed=evidence["passed"],
            exit_code=evidence["exit_code"],
            failures=evidence["failures"],
            seconds=evidence["seconds"],
            when=when,
        )
        return evidence

    def _check_in_time(
        self, command: str, lane: str, commit: str, when: Literal["before", "after"], within: float | None
    ) -> Evidence:
        """Run a command within the time that the run has left.

        What the orchestrator checks itself, at merges, has its time: verified work is kept when the run's is over.
        """
        usual, left = self._check_seconds(), self.budget.remaining_seconds()
        usual = usual if within is None else min(usual, within)
        if left is None or left >= usual or (lane == "run" and when == "after"):
            return self._executed(command, lane, commit, when, usual)
        if left > 0:
            evidence = self._executed(command, lane, commit, when, left)
            if not evidence["timed_out"]:
                return evidence
            self.emit("warning", text=f"`{command}` was cut after {left:.1f} s, when the time of the run was over")
        raise BudgetSpent("seconds", self.budget.limits.seconds or 0.0, round(self.budget.elapsed(), 1))

    def _executed(
        self, command: str, lane: str, commit: str, when: Literal["before", "after"], seconds: float
    ) -> Evidence:
        """Run a command that is allowed, with a network where the user's configuration gives it one."""
        network = any(fnmatchcase(command, pattern) for pattern in self.settings.get("network", []))
        self.gate.require(command, "It may use the network." if network else "")
        return self.checks.run(command, self.lane(lane), when=when, commit=commit, timeout=seconds, network=network)

    def _check_seconds(self) -> float:
        return float(self.settings.get("timeout_check", 600))

    def store(self, value: object) -> str:
        """Keep a JSON-plain value as an artefact; returns its id."""
        return self.run.artefacts.put(json.dumps(value, ensure_ascii=False, sort_keys=True))

    def load(self, artefact: str) -> Any:
        """The value behind an id of :meth:`store`."""
        return json.loads(self.run.artefacts.text(artefact))

    def baseline(self, artefact: str) -> Baseline:
        """The baseline behind its id."""
        return Baseline(**self.load(artefact)) if artefact else Baseline()


def chosen_model(settings: Mapping[str, Any], env: Mapping[str, str], home: Path, emit: Emit) -> Resolved:
    """Which model serves the run, announced with its reason."""
    resolved = resolve(None, None, settings, env, home)
    emit("model.chosen", model=resolved.name, reason=resolved.reason, profile=resolved.profile.name)
    return resolved


def opened_journal(run: Run, resolved: Resolved, home: Path) -> Journal:
    """The run's calls and observations, with the recording behind it when the run is a replay."""
    source = Run.open(home, resolved.name).journal_path if resolved.kind == "replay" else None
    return Journal(run.journal_path, source)


def opened_budget(wanted: Mapping[str, Any], journal: Journal) -> Budget:
    """What may be spent; what earlier processes of this run have spent counts."""
    limits = Limits(**{name: wanted.get(name) for name in ("calls", "tokens", "cost", "seconds")})
    spent = journal.spent()
    per_lane = Limits(*(wanted.get(f"task_{name}") for name in ("calls", "tokens", "cost")))
    return Budget(limits, spent.usage, per_lane=per_lane, lanes=spent.lanes, seconds=spent.seconds)


def is_small(session: Session, state: LaneState | None = None) -> bool:
    """True where the model's profile is the small one: it is sampled, never asked for judgement.

    A lane whose task was escalated is judged by the model that it was escalated to.
    """
    if state is not None and (model := state.get("model")):
        return profile_of(model).name == "small"
    return session.door.profile.name == "small"


_open: dict[tuple[str, str], Session] = {}
_opening = threading.Lock()


def open_session(run_id: str, context: Context | None, permission: Permission = everything) -> Session:
    """The session of a run: one per process, so that lanes share one model server, budget and event log.

    `permission` is asked before anything is executed or the user's files change; it is that of the first opening.
    """
    home = Path(context.home) if context and context.home else state_home(os.environ)
    with _opening:
        key = (str(home), run_id)
        if key not in _open:
            _open[key] = Session(Run.open(home, run_id), os.environ, home, permission)
        return _open[key]


def close_session(session: Session) -> None:
    """Let go of a run: its model server ends, the next opening starts afresh."""
    with _opening:
        for key in [k for k, s in _open.items() if s is session]:
            del _open[key]
    session.door.close()


class LaneNode(Protocol):
    """A lane's agent as LangGraph calls it."""

    def __call__(self, state: LaneState, *, runtime: Runtime[Context]) -> LaneState:
        """Give the state's update."""
        ...


class RunNode(Protocol):
    """An agent of the outer graph as LangGraph calls it."""

    def __call__(self, state: RunState, *, runtime: Runtime[Context]) -> RunState:
        """Give the state's update."""
        ...


def lane_agent(name: str, work: Callable[[LaneState, Session, Seat], LaneState]) -> LaneNode:
    """A lane's agent as a graph node: seated, announced, and stopped honestly when a budget or the provider ends."""

    def node(state: LaneState, *, runtime: Runtime[Context]) -> LaneState:
        if state.get("halt"):
            return {}
        session = open_session(state["run"], runtime.context)
        seat = Seat(state["lane"], name, state.get("attempt", 0))
        session.emit("agent.started", lane=seat.lane, agent=name, attempt=seat.attempt)
        try:
            with instead(session.templates):
                update = work(state, session, seat)
        except ENDS as end:
            update = halted_lane(state, halt_of(end))
        session.emit("agent.finished", lane=seat.lane, agent=name, attempt=seat.attempt)
        return update

    node.__name__ = name
    return node


def run_agent(name: str, work: Callable[[RunState, Session, Seat], RunState]) -> RunNode:
    """An agent of the outer graph as a node, see :func:`lane_agent`."""

    def node(state: RunState, *, runtime: Runtime[Context]) -> RunState:
        if state.get("v", VERSION) != VERSION:
            raise RunNewer(f"the checkpoint of run {state['run']}", state["v"], VERSION)
        session = open_session(state["run"], runtime.context)
        seat = Seat("run", name, state.get("visits", 0))
        session.emit("agent.started", lane=seat.lane, agent=name, attempt=seat.attempt)
        try:
            with instead(session.templates):
                update = work(state, session, seat)
        except ENDS as end:
            update = {"halt": halt_of(end)}
        session.emit("agent.finished", lane=seat.lane, agent=name, attempt=seat.attempt)
        return update

    node.__name__ = name
    return node


def halt_of(end: BudgetSpent | ProviderError | Denied) -> Halt:
    """The record of why no further call is made."""
    if isinstance(end, BudgetSpent):
        return {"outcome": "budget", "reason": str(end), "ends_run": end.lane is None}
    if isinstance(end, Denied):
        return {"outcome": "unverified", "reason": str(end), "ends_run": True}
    return {"outcome": "provider", "reason": str(end), "ends_run": True}


def halted_lane(state: LaneState, halt: Halt) -> LaneState:
    """A lane that ends here, with what it has."""
    result: LaneResult = {
        "task": state["task"]["id"],
        "lane": state["lane"],
        "outcome": halt["outcome"],
        "base": state["base"],
        "commit": "",
        "attempts": state.get("attempt", 0),
        "reason": halt["reason"],
        "ends_run": halt["ends_run"],
        "record": "",
    }
    return {"halt": halt, "results": {result["task"]: result}}
