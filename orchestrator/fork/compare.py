"""Two runs side by side: where they part, and what came of each."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from models.asked import Asked, read
from models.seat import CallKey
from orchestrator.fold import view_of
from orchestrator.fork.steps import Step, steps_of
from orchestrator.view import RunView
from workspace.run import Run


@dataclass(frozen=True)
class Side:
    """One of two runs that are compared."""

    run: str
    fork_of: str
    """The run and the step that it is a fork of, such as ``1234abcd at t1:fixer:1``; empty where it is none."""
    outcome: str
    models: list[str]
    """Every model that has answered, the most asked one first."""
    steps: int
    attempts: int
    calls: int
    prompt_tokens: int
    completion_tokens: int
    cost: float | None
    """US dollars; None where a price is not known."""
    seconds: float
    applied: bool


@dataclass(frozen=True)
class Parting:
    """The first call in which two runs differ."""

    a: str
    """The step of the first run in which it was made; empty where that run has no such call."""
    b: str
    how: str
    """What is different, in one sentence."""


@dataclass(frozen=True)
class TaskPair:
    """A task of either run: its state and how its attempts were made; empty where a run has no such task."""

    id: str
    title: str
    a: str
    b: str


@dataclass(frozen=True)
class FilePair:
    """A file that is not the same in the end: lines that only the first and only the second run has."""

    path: str
    only_a: int
    only_b: int


@dataclass(frozen=True)
class Comparison:
    """Two runs side by side."""

    a: Side
    b: Side
    shared: int
    """Calls that are the same in both: the same question at the same place, and the same answer."""
    parting: Parting | None
    """None where every call is the same."""
    tasks: list[TaskPair]
    files: list[FilePair]
    diff: str
    """The unified difference from the end of the first run to the end of the second."""

    @cached_property
    def same_files(self) -> bool:
        """Whether both end with the same files."""
        return not self.files

    def record(self) -> dict[str, Any]:
        """All of it as one JSON-plain record."""
        return {"v": 1, **asdict(self), "same_files": self.same_files}

    def __str__(self) -> str:
        from orchestrator.fork.show import text_of

        return text_of(self)


def compare(a: Run, b: Run) -> Comparison:
    """Compare two runs, of one project or of two; raises RunBroken and RunNewer."""
    events = [list(run.events.read()) for run in (a, b)]
    views, steps = [view_of(each) for each in events], [steps_of(each) for each in events]
    calls = [read(run.journal_path).calls if run.journal_path.exists() else [] for run in (a, b)]
    shared, parting = parted(calls[0], calls[1], steps[0], steps[1])
    diff = ends_differ(a, b, views[0], views[1])
    sides = [side(run, view, of, asked) for run, view, of, asked in zip((a, b), views, steps, calls, strict=True)]
    return Comparison(sides[0], sides[1], shared, parting, tasks(*views), files_of(diff), diff)


def side(run: Run, view: RunView, steps: Sequence[Step], calls: Sequence[Asked]) -> Side:
    """One run in numbers."""
    answered = [asked.answer["model"] for asked in calls if asked.answer]
    origin: Mapping[str, Any] = run.settings.get("fork") or {}
    return Side(
        run=run.id,
        fork_of=f"{origin['run'][:8]} at {origin['step']}" if origin else "",
        outcome=view.outcome or "open",
        models=sorted(set(answered), key=lambda name: (-answered.count(name), name)),
        steps=len(steps),
        attempts=sum(len(task.attempts) for task in view.tasks.values()),
        calls=view.calls,
        prompt_tokens=view.prompt_tokens,
        completion_tokens=view.completion_tokens,
        cost=view.cost,
        seconds=round(view.seconds, 1),
        applied=view.applied,
    )


def parted(
    a: Sequence[Asked], b: Sequence[Asked], steps_a: Sequence[Step], steps_b: Sequence[Step]
) -> tuple[int, Parting | None]:
    """How many calls are the same at the same place, and the first that is not."""
    there, here = {asked.key: asked for asked in b}, {asked.key: asked for asked in a}
    same = {key for key, asked in here.items() if key in there and difference(asked, there[key]) == ""}
    first_a = next((asked for asked in a if asked.key not in same), None)
    first_b = next((asked for asked in b if asked.key not in same), None)
    first = first_a or first_b
    if first is None:
        return len(same), None
    other = there.get(first.key) if first is first_a else None
    if other is not None:
        how = difference(first, other)
        return len(same), Parting(step_at(first.key, steps_a), step_at(other.key, steps_b), how)
    names = (step_at(first_a.key, steps_a) if first_a else "", step_at(first_b.key, steps_b) if first_b else "")
    how = "they take different ways" if first_a and first_b else f"only {'A' if first_a else 'B'} goes on"
    return len(same), Parting(*names, how)


def difference(a: Asked, b: Asked) -> str:
    """What is different between two calls at one address; empty where nothing is."""
    if a.request != b.request:
        return "another question is asked"
    if a.answer is None or b.answer is None:
        return "" if a.answer is b.answer else f"only {'A' if a.answer else 'B'} was answered"
    if (a.answer["text"], a.answer["calls"]) == (b.answer["text"], b.answer["calls"]):
        return ""
    one, other = a.answer["model"], b.answer["model"]
    by = f": {one} in A, {other} in B" if one != other else f" by {one}"
    return f"the same question is answered otherwise{by}"


def step_at(key: CallKey, steps: Sequence[Step]) -> str:
    """The name of the step in which a call was made."""
    return next((step.name for step in reversed(steps) if step.seat == key[:3]), f"{key.lane}:{key.agent}")


def tasks(a: RunView, b: RunView) -> list[TaskPair]:
    """The tasks of both, in the order of their plans."""
    ids = dict.fromkeys([*a.tasks, *b.tasks])
    return [TaskPair(name, (a.tasks.get(name) or b.tasks[name]).title, stand(a, name), stand(b, name)) for name in ids]


def stand(view: RunView, name: str) -> str:
    """Where a task stands in a run, and how it got there."""
    task = view.tasks.get(name)
    return "" if task is None else ": ".join(filter(None, (task.state, " → ".join(task.attempts))))


def ends_differ(a: Run, b: Run, one: RunView, other: RunView) -> str:
    """The difference between the ends of two runs; empty where one of them has no snapshot."""
    if not (one.head and other.head):
        return ""
    return a.repository.beside(b.repository).diff(one.head, other.head)


def files_of(diff: str) -> list[FilePair]:
    """The files of a difference with their counts of lines."""
    found: list[FilePair] = []
    path, gone, come = "", 0, 0
    for line in [*diff.splitlines(), "diff --git a/ b/"]:
        if line.startswith("diff --git "):
            if path:
                found.append(FilePair(path, gone, come))
            path, gone, come = line.partition(" b/")[2], 0, 0
        elif line.startswith("-") and not line.startswith("--- "):
            gone += 1
        elif line.startswith("+") and not line.startswith("+++ "):
            come += 1
    return found
