"""A model by chance: each task has a difficulty, each try a draw, each failure a kind; all of it by seed.

Difficulty is Beta(κp, κ(1-p)): with a small κ most tasks are easy or hopeless. A second try succeeds with the task's
own chance times a factor, a larger one when the request shows the output of the failing check. Draws are keyed by
seed, task and number of the try, never by the words of a prompt or by order: what asks the same task for the same
number of tries meets the same draws, so that ways of working can be compared in pairs.
"""

import random
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tests.modelserver import faults as _registered  # noqa: F401 - the catalogue is filled by importing it
from tests.modelserver.catalogue import Turn, kinds_of, struck
from tests.modelserver.dialects.openai import Dialect
from tests.modelserver.edits import edits_in
from tests.modelserver.reply import Reply
from tests.modelserver.request import Request
from tests.modelserver.rules import Rule, Says

WEAK: Mapping[str, float] = {
    "wrong_logic": 0.38,
    "malformed_edit": 0.16,
    "badedit": 0.12,
    "undefined": 0.08,
    "syntax": 0.05,
    "lazy": 0.05,
    "nofile": 0.04,
    "no_call": 0.04,
    "falsedone": 0.04,
    "test_edit": 0.02,
    "length": 0.02,
}
"""Shares of the kinds of faults among the faulty answers of a weak model."""

MIDDLE: Mapping[str, float] = {
    "wrong_logic": 0.62,
    "badedit": 0.08,
    "malformed_edit": 0.07,
    "undefined": 0.07,
    "falsedone": 0.05,
    "no_call": 0.03,
    "syntax": 0.02,
    "lazy": 0.02,
    "nofile": 0.02,
    "length": 0.02,
}
"""The same for a large open model; what the source gives as "all others" is spread evenly over the last four."""


@dataclass(frozen=True)
class Task:
    """One task: its id, the right answer to it, and the text by which a prompt is known to be about it.

    `lines` are those by which a change is known to be right work; none are the new lines of the right answer's edits.
    """

    id: str
    right: Says
    marker: str
    lines: tuple[str, ...] = ()

    def answer(self, request: Request) -> Reply:
        """Return the right answer to a request."""
        return Rule(self.right).answer(request)


@dataclass(frozen=True)
class Chances:
    """How good the model is.

    `p`: the mean chance of a first try. `kappa`: how alike the tasks are (None: all have the chance p). `with_evidence`
    and `without_evidence`: the factors of a further try. `mix`: shares of the kinds of faults. `accepts_wrong` and
    `refuses_right`: the errors of its reviews.
    """

    p: float
    kappa: float | None = 0.8
    with_evidence: float = 0.5
    without_evidence: float = 0.3
    mix: Mapping[str, float] = field(default_factory=lambda: WEAK)
    accepts_wrong: float = 0.0
    refuses_right: float = 0.0


INDEPENDENT = {"kappa": None, "with_evidence": 1.0, "without_evidence": 1.0}
"""The settings under which every try is a fresh one: a second curve, never the only one."""


@dataclass(frozen=True)
class Draw:
    """One try as it was drawn: its chance, and the fault that came ("" for a right answer)."""

    task: str
    attempt: int
    chance: float
    fault: str


class Oracle:
    """Answers tasks by chance. Safe for parallel requests; `draws` records every try in the order of asking.

    A request with the bytes of an earlier one is the same try and gets the same answer; another `seed` or temperature
    in the request is another try.
    """

    def __init__(self, tasks: Sequence[Task], chances: Chances, *, seed: int) -> None:
        self.tasks = tuple(tasks)
        self.chances = chances
        self.seed = seed
        self.draws: list[Draw] = []
        self._tries: dict[str, list[str]] = {}
        self._lock = threading.Lock()

    def difficulty(self, task: Task) -> float:
        """Return the chance of a first try at a task."""
        if self.chances.kappa is None:
            return self.chances.p
        alpha = self.chances.kappa * self.chances.p
        return self._random(task.id, "difficulty").betavariate(alpha, self.chances.kappa - alpha)

    def rules(self, *roles: str) -> list[Rule]:
        """Return one rule for each task and role: it answers the prompts of the role that are about the task."""
        return [
            Rule(self.writes(task), when=_about(task), role=role, name=f"{role} {task.id}")
            for role in roles
            for task in self.tasks
        ]

    def writes(self, *tasks: Task) -> Callable[[Request], Reply]:
        """Return what answers requests that are about these tasks: each is drawn by itself, the answers are joined."""

        def answer(request: Request) -> Reply:
            replies = [self._try(task, request) for task in tasks]
            return replies[0] if len(replies) == 1 else _joined(replies)

        return answer

    def judges(self, task: Task, accept: str, refuse: str) -> Callable[[Request], str]:
        """Return what answers reviews of a task: right but for the errors of the chances.

        A request shows right work when it holds the task's lines.
        """

        def answer(request: Request) -> str:
            right = _holds(request, task)
            nth = self._number(f"{task.id}/review", request)
            error = self.chances.refuses_right if right else self.chances.accepts_wrong
            mistaken = self._random(task.id, "review", nth).random() < error
            return accept if right != mistaken else refuse

        return answer

    def _try(self, task: Task, request: Request) -> Reply:
        attempt = self._number(task.id, request)
        factor = 1.0
        if attempt > 1:
            factor = self.chances.with_evidence if request.shows_failure else self.chances.without_evidence
        chance = self.difficulty(task) * factor
        draw = self._random(task.id, "try", attempt)
        right = draw.random() < chance
        kind, reply = ("", task.answer(request)) if right else self._faulty(task, request, draw)
        with self._lock:
            self.draws.append(Draw(task.id, attempt, chance, kind))
        return reply

    def _faulty(self, task: Task, request: Request, draw: random.Random) -> tuple[str, Reply]:
        """Return a faulty answer of a drawn kind; of another kind where that one does not apply to the answer."""
        due = task.answer(request)
        kinds = list(self.chances.mix)
        first = draw.choices(kinds, weights=list(self.chances.mix.values()))[0]
        for kind in dict.fromkeys([first, "wrong_logic", "badedit", "no_call"]):
            turn = Turn(due, request, {}, draw, 1, 1, Dialect(), {}, task.answer)
            outcome = struck(kinds_of(kind), turn)
            if isinstance(outcome, Reply):
                return kind, outcome
        return "no_call", Reply("I am not sure how to do that.")

    def _number(self, key: str, request: Request) -> int:
        """Return the number, from 1, of this request among the different ones with a key."""
        with self._lock:
            seen = self._tries.setdefault(key, [])
            if request.digest not in seen:
                seen.append(request.digest)
            return seen.index(request.digest) + 1

    def _random(self, *key: object) -> random.Random:
        return random.Random("/".join(map(str, (self.seed, *key))))


def _about(task: Task) -> Callable[[Request], bool]:
    return lambda request: task.marker in request.text


def _holds(request: Request, task: Task) -> bool:
    said = {line.strip().lstrip("+ ") for line in request.user.splitlines()}
    lines = task.lines or _new_lines(task.answer(request))
    return bool(lines) and all(line.strip() in said for line in lines)


def _new_lines(reply: Reply) -> tuple[str, ...]:
    found = edits_in(reply)
    return tuple(
        line
        for edit in (found.all if found is not None else ())
        for line in edit.new.splitlines()
        if line.strip() and line not in (edit.old or "").splitlines()
    )


def _joined(replies: Sequence[Reply]) -> Reply:
    """Return the answers one after the other; cut off where the first of them was."""
    ends = next((number for number, each in enumerate(replies, 1) if each.finish == "length"), len(replies))
    kept = replies[:ends]
    text = "\n".join(each.text or "" for each in kept)
    return replace(kept[-1], text=text, tool_calls=tuple(call for each in kept for call in each.tool_calls))
