"""The model of the study: plans and classifies right, and writes code, tests and reviews by chance."""

import json
import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.study.job import Example, Job, Step
from bench.study.testing import TestWriter
from tests.modelserver.conditions import When, both, contains
from tests.modelserver.oracle import INDEPENDENT, Chances, Oracle, Task
from tests.modelserver.reply import Reply
from tests.modelserver.request import Request
from tests.modelserver.right import right
from tests.modelserver.rules import Rule
from tests.modelserver.scenario import Scenario

ACCEPTS_WRONG, REFUSES_RIGHT = 0.3, 0.1
"""How often a review lets wrong work pass, and sends right work back."""

REPLANS = 1
"""How often the model asks for another plan when a task is stuck, before it gives up."""

NOTHING_TO_DO = Reply("The code does that already; there is nothing to change.")
AGAIN = " Take another way than the plan before."


@dataclass(frozen=True)
class Skill:
    """How good the model is: `kappa` None is the model whose tries are all independent."""

    p: float
    kappa: float | None

    def chances(self) -> Chances:
        """The same for the oracle."""
        apart = INDEPENDENT if self.kappa is None else {"kappa": self.kappa}
        return Chances(self.p, accepts_wrong=ACCEPTS_WRONG, refuses_right=REFUSES_RIGHT, **apart)


def oracle_for(job: Job, chances: Chances, seed: int) -> Oracle:
    """The model's draws for the steps of a job; the first tries are the same whoever asks."""
    return Oracle([task_of(job, step) for step in job.steps], chances, seed=seed)


def task_of(job: Job, step: Step) -> Task:
    """A step as the oracle knows it; a prompt is about it where its goal stands there."""
    return Task(f"{job.name}/{step.id}", _right_work(step), step.goal, job.new_lines(step))


class Model:
    """The scenario of one run. `whole` is the model that takes every request for one task; `tests` false errs never."""

    def __init__(
        self,
        job: Job,
        skill: Skill,
        seed: int,
        *,
        whole: bool = False,
        perfect_tests: bool = False,
        replans: int = REPLANS,
    ) -> None:
        self.job = job
        self.oracle = oracle_for(job, skill.chances(), seed)
        self._whole = whole
        self._perfect_tests = perfect_tests
        self._replans = replans
        self._lock = threading.Lock()

    def scenario(self) -> Scenario:
        """The rules of every agent."""
        kind = "small" if self._whole else "project"
        return Scenario(
            "model",
            [
                Rule(self._classify(kind), contains("Say what the request is"), role="orchestrator", name="classify"),
                Rule(self._decide, contains("Choose one of:"), role="orchestrator", name="decide"),
                Rule(self._plan, role="planner", name="plan"),
                Rule(self._where, role="searcher", name="search"),
                *([*self._work(self.job.request, self._all(), self.oracle.tasks)] if self._whole else []),
                *(
                    rule
                    for step, task in zip(self.job.steps, self.oracle.tasks, strict=True)
                    for rule in self._work(step.goal, step, [task])
                ),
            ],
        )

    def _all(self) -> Step:
        """The whole request as one step."""
        steps = self.job.steps
        told: tuple[Example, ...] = tuple(example for step in steps if not step.given for example in step.told)
        return Step("all", self.job.name, self.job.request, {}, "\n".join(step.imports for step in steps), told, ())

    def _work(self, about: str, step: Step, tasks: Sequence[Task]) -> list[Rule]:
        """What coder, fixer and reviewer say about one task."""
        here = contains(about)
        writer = TestWriter(step, self.oracle, perfect=self._perfect_tests)
        lines = tuple(line for task in tasks for line in task.lines)
        judged = Task(step.id, "", about, lines)
        path = next(iter(step.texts), next(iter(self.job.steps[0].texts)))
        refusal = json.dumps({"accept": False, "findings": [{"file": path, "line": 1, "problem": "It is not done."}]})
        accepted = json.dumps({"accept": True, "findings": []})
        writes = self.oracle.writes(*tasks)
        return [
            Rule(writes, here, role="coder", name=f"code {step.id}"),
            Rule(writes, here, role="fixer", name=f"fix {step.id}"),
            Rule(writer.writes, _both(here, "Write the test file"), role="reviewer", name=f"test {step.id}"),
            Rule(writer.restates, _both(here, "You wrote this test"), role="reviewer", name=f"restate {step.id}"),
            Rule(
                self.oracle.judges(judged, accepted, refusal),
                _both(here, "Checks that passed:"),
                role="reviewer",
                name=f"review {step.id}",
            ),
        ]

    def _classify(self, kind: str) -> Callable[[Request], str]:
        def answer(request: Request) -> str:
            files = [path for step in self.job.steps for path in step.texts][:6]
            tests = [name for step in self.job.steps for name in _failing(request, step)][:8]
            return json.dumps({"kind": kind, "title": f"The {self.job.name} job", "files": files, "tests": tests})

        return answer

    def _plan(self, request: Request) -> str:
        stay = re.search(r"Tasks that are done already and stay: (.*)\. Plan only", request.user)
        replanned = stay is not None
        done = {name.removesuffix("-again"): name for name in (stay[1].split(", ") if stay else ()) if name != "none"}
        names = {step.id: done.get(step.id, f"{step.id}-again" if replanned else step.id) for step in self.job.steps}
        tasks = [
            {
                "id": names[step.id],
                "title": step.title,
                "goal": step.goal + (AGAIN if replanned else ""),
                "files": list(step.texts),
                "depends_on": [names[other] for other in step.depends_on],
                "covers": [f"R{number}"],
                "tests": _failing(request, step),
            }
            for number, step in enumerate(self.job.steps, 1)
            if step.id not in done
        ]
        return json.dumps({"tasks": tasks})

    def _decide(self, request: Request) -> str:
        offered = re.search(r"Choose one of: (.*)\.", request.user)
        with self._lock:
            again = self._replans > 0 and offered is not None and "replan" in offered[1]
            self._replans -= again
        choice = "replan" if again else "stop"
        return json.dumps({"choice": choice, "reason": "It did not work as it was planned."})

    def _where(self, request: Request) -> str:
        files = [path for path in self.job.project if path in request.user and not path.startswith("tests/")]
        return json.dumps({"files": files[:6], "words": []})


def _both(when: When, words: str) -> When:
    return both(when, contains(words))


def _failing(request: Request, step: Step) -> list[str]:
    """The failing tests of a step, as the prompt names them."""
    module = f"test_{step.id.replace('-', '_')}"
    listed = re.search(r"^Tests that fail now.*?^```text\n(.*?)^```", request.user, re.DOTALL | re.MULTILINE)
    names = listed[1].splitlines() if listed else []
    return [name for name in names if re.search(rf"\b{module}\b|\bTest{step.case}\b", name)]


def _right_work(step: Step) -> Callable[[Request], Reply]:
    answer = right(step.texts)

    def work(request: Request) -> Reply:
        reply = answer(request)
        return reply if reply.text else NOTHING_TO_DO

    return work
