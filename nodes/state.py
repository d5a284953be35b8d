"""What flows through the graph: JSON-plain, versioned, bounded.

File bodies, diffs, logs and long records live in the run's folder; the state holds their ids.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from workspace.checks import Evidence

VERSION = 1
"""Version of the state's shape; a checkpoint of another version is refused, never guessed at."""

Outcome = Literal["verified", "unverified", "failed", "budget", "stuck", "provider", "interrupted"]
"""How a task or a run ended. Only executed evidence makes ``verified``."""

Kind = Literal["question", "small", "project"]
"""What a request is: answered without an edit, done as one task, or planned."""

Status = Literal["waiting", "verified", "unverified", "failed", "stuck", "budget", "provider", "replaced", "blocked"]
"""Where a task stands. ``replaced`` = split or replanned; ``blocked`` = something that it depends on never came."""

Strategy = Literal["code", "fix", "reground", "rewrite", "infill"]
"""How an attempt was made."""


RUNGS = ("fix", "reground", "rewrite")
"""What may follow a failed attempt."""


class Finding(TypedDict):
    """One thing that is wrong with an attempt, from a tool or a reviewer."""

    source: Literal["syntax", "static", "edit", "test", "review", "guard", "merge"]
    file: str
    line: int
    """1-based; 0 where no line is known."""
    message: str
    fingerprint: str
    """Equal for the same fault whatever the line: tells a repeated state."""


class Verdict(TypedDict):
    """The reviewer's judgement of one attempt."""

    passed: bool
    evidence: bool
    """True when an executed check stands behind it: red before, green after."""
    findings: list[Finding]
    output: str
    """Artefact id of the trimmed real output that belongs to the findings; empty where there is none."""


class Attempt(TypedDict):
    """One try at a task."""

    number: int
    strategy: Strategy
    model: str
    format: Literal["blocks", "whole"]
    candidates: int
    """How many answers were written and checked, of which this one held best."""
    commit: str
    tree: str
    grounding: int
    """How many searches had been made when it began: tells a regrounded attempt from a rewritten one."""
    refused: bool
    """True when nothing was written: the answer could not be read, applied or was stopped by a guard."""
    passed: bool
    repeated: bool
    """True when the same tree failed with the same findings before."""
    problem: str
    """What was wrong with it, in one line; empty where it passed."""


class Acceptance(TypedDict):
    """What must be red before and green after."""

    command: str
    origin: Literal["given", "written"]
    path: str
    """The file that the reviewer wrote; empty for a given check."""
    reason: str
    """Why it was red before: assertion, missing_name, …"""
    before: str
    after: str
    """Artefact ids of the two evidence records; empty until known."""


class Task(TypedDict):
    """One atomic piece of the request."""

    id: str
    title: str
    goal: str
    """What must be true afterwards; empty = the whole request."""
    files: list[str]
    depends_on: list[str]
    tests: list[str]
    """Failing tests of the user's that this task must turn green."""
    may_edit_tests: list[str]
    """Existing tests that the request itself asks to change, see ``may_edit_reason``."""
    may_edit_reason: str
    depth: int
    """How often it was split off from another task."""


class Carry(TypedDict):
    """What a lane takes along when a task comes back: artefact ids, empty where there is nothing."""

    reason: str
    """Why it came back."""
    diff: str
    """What was done."""
    record: str
    """The earlier lane's record: the test that judged it there judges it here."""


class TestsChanged(TypedDict):
    """Existing tests that a task was allowed to change, and did."""

    files: list[str]
    reason: str
    removed: list[str]
    """What they no longer assert."""


class LaneResult(TypedDict):
    """What a lane hands to the orchestrator."""

    task: str
    lane: str
    outcome: Outcome
    base: str
    commit: str
    attempts: int
    reason: str
    ends_run: bool
    """True where nothing can be asked any more; the limit of one task ends that task alone."""
    record: str
    """Artefact id of the whole record: acceptance, attempts, last verdict."""


class Halt(TypedDict):
    """Why no further model call is made."""

    outcome: Outcome
    reason: str
    ends_run: bool
    """False for the limit of one task, which ends that task alone."""


def merge_results(old: dict[str, LaneResult], new: Mapping[str, LaneResult]) -> dict[str, LaneResult]:
    """Reducer of parallel lanes: the newest result of each task."""
    return {**old, **new}


class Word(TypedDict):
    """What a person said when asked for approval."""

    approved: bool
    text: str
    """What should be different; empty where nothing was said."""


class Pending(TypedDict):
    """An end that waits for its change to be approved."""

    outcome: Outcome
    reason: str
    head: str
    """Commit of the change."""


class RunInput(TypedDict):
    """What starts a run."""

    request: Annotated[str, Field(title="Request", description="What should be done, in plain words.")]
    root: Annotated[str, Field(title="Folder", description="The project folder; it is changed only at the end.")]
    run: NotRequired[
        Annotated[str, Field(title="Run", description="Id of an existing run folder; leave empty to make one.")]
    ]


class RunState(TypedDict, total=False):
    """State of the outer graph."""

    v: int
    run: str
    request: str
    root: str
    kind: str
    base: str
    """Commit of the snapshot of the user's tree."""
    head: str
    """Commit that holds all merged tasks."""
    baseline: str
    """Artefact id of the checks and their evidence on ``base``."""
    ladder: list[str]
    """The rungs that follow a failed attempt in every lane; chosen by the model's profile."""
    tasks: list[Task]
    status: dict[str, Status]
    dispatched: dict[str, int]
    """How often each task was sent to a lane."""
    bases: dict[str, str]
    """Lane → the commit that it goes on from, where a limit had cut it off; the others start from the head."""
    carry: dict[str, Carry]
    escalated: dict[str, str]
    """Task → the stronger model that has taken it over."""
    results: Annotated[dict[str, LaneResult], merge_results]
    left: list[str]
    """Records of tasks that were split or planned anew (artefact ids): the tests that judged them keep a say."""
    integrated: dict[str, str]
    """Task → lane whose result has been taken in."""
    visits: int
    """How often the orchestrator has been here."""
    plans: int
    replan: str
    """Why a new plan is wanted; empty when none is."""
    question: str
    """What only a person can answer; empty when nothing is open."""
    answers: list[str]
    approval: Literal["", "plan", "apply"]
    """What waits for a person's approval; empty when nothing does."""
    word: Word | None
    """What the person said, until the orchestrator has taken it in."""
    agreed: int
    """Number of plans when a person approved the last one; -1 before."""
    pending: Pending | None
    halt: Halt | None
    outcome: str
    reason: str
    answer: str
    applied: bool
    files: list[str]
    flaky: list[str]
    """Tests that were both red and green on one tree."""


class RunOutput(TypedDict, total=False):
    """What a finished run shows."""

    run: str
    outcome: str
    reason: str
    answer: str
    applied: bool
    files: list[str]
    flaky: list[str]


class LaneState(TypedDict, total=False):
    """State of one task's lane."""

    v: int
    run: str
    request: str
    kind: str
    lane: str
    """Name of the lane: the task's id, with a number from its second dispatch on."""
    task: Task
    base: str
    baseline: str
    ladder: list[str]
    grounding: int
    context: str
    """Artefact id of the searcher's findings."""
    specified: bool
    start: str
    """Commit that attempts start from: the base and the reviewer's test."""
    acceptance: list[Acceptance]
    restated: bool
    carry: Carry | None
    commit: str
    attempt: int
    attempts: list[Attempt]
    refused: list[Finding]
    """Why the newest answer was not written; empty when it was."""
    verdict: Verdict | None
    seen: list[str]
    """Fingerprints of failed states: tree and findings."""
    reviewed: bool
    """True once the reviewer's opinion has sent a green attempt back: it may do so once."""
    green: str
    """The commit that the opinion has sent back although its checks accept it; empty where there is none."""
    format: Literal["blocks", "whole"]
    """The answer format of the next attempt; changed after an answer that could not be used."""
    model: str
    """The model that the task was escalated to; empty where none was."""
    halt: Halt | None
    results: Annotated[dict[str, LaneResult], merge_results]


class LaneOutput(TypedDict):
    """What a lane writes into the outer state."""

    results: Annotated[dict[str, LaneResult], merge_results]


def same_words(text: str) -> str:
    """A goal as it is compared with others."""
    return " ".join(text.lower().split())


def records_of(names: Iterable[str], state: RunState) -> list[str]:
    """What the lanes of these tasks have recorded, as far as they have (artefact ids)."""
    results = state.get("results", {})
    return [record for name in names if name in results and (record := results[name]["record"])]


def list_items(text: str) -> list[str]:
    """The items of the list that a request or a goal holds; none where it holds no list."""
    return re.findall(r"^\s*(?:[-*+]|\d+[.)])\s+(.+)$", text, re.MULTILINE)


def summary(task: Task) -> dict[str, object]:
    """A task as the event stream shows it."""
    shown = ["id", "title", "depends_on", "files"]
    if task["may_edit_tests"]:
        shown += ["may_edit_tests", "may_edit_reason"]
    return {k: v for k, v in task.items() if k in shown}


def goal_of(state: LaneState) -> str:
    """What the lane's task is about, in words."""
    return state["task"]["goal"] or state["request"]


def ready_tasks(state: RunState) -> list[Task]:
    """The waiting tasks whose dependencies are merged, in plan order."""
    status = state.get("status", {})
    done = {name for name, where in status.items() if where in ("verified", "unverified", "replaced")}
    return [t for t in state.get("tasks", []) if status.get(t["id"]) == "waiting" and done.issuperset(t["depends_on"])]


def evidence_brief(evidence: Evidence) -> dict[str, object]:
    """The part of an evidence record that a result object shows."""
    return {
        "when": evidence["when"],
        "command": evidence["command"],
        "exit_code": evidence["exit_code"],
        "passed": evidence["passed"],
        "tree": evidence["tree"],
        "seconds": round(evidence["seconds"], 2),
        "output": evidence["output"],
        "failures": evidence["failures"][:20],
    }


def attempt_brief(attempt: Attempt) -> dict[str, object]:
    """The part of an attempt that a result object shows."""
    shown = ("number", "strategy", "model", "format", "candidates", "passed", "problem")
    return {name: attempt.get(name) for name in shown}


def ended(outcome: Outcome, reason: str, *, files: Sequence[str] = (), applied: bool = False) -> RunState:
    """The end of the run, as the state keeps it; ``files`` are those of the change, applied or not."""
    return {"outcome": outcome, "reason": reason, "applied": applied, "files": list(files)}
