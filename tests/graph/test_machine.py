"""A state machine over the whole graph: whatever the model, the endpoint and the budget do, the end is honest.

Each example scripts a model out of right, wrong, useless and cheating answers, lays faults of the endpoint over them,
sets limits, stops the process between any two steps and goes on in a new one.
"""

import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.graph.harness import Driven
from tests.modelserver.request import Request
from tests.modelserver.scenario import FaultRule, Rule, Scenario, contains
from tests.modelserver.server import Server

SOURCE = 'def net(gross, rate):\n    """Price without tax."""\n    return gross * rate\n'
TEST = "grep -q 'return gross / rate' price.py\n"
FILES = {"price.py": SOURCE, "tests/test_price.sh": TEST}
CHECK = "sh tests/test_price.sh"
RIGHT = "    return gross / rate\n"

BODIES = {
    "right": RIGHT,
    "wrong": "    return gross - rate\n",
    "other": "    return gross + rate\n",
    "same": "    return gross * rate\n",
    "broken": "    return (gross\n",
    "lazy": "    # ... rest of the code unchanged ...\n",
}
TEXTS = {
    "prose": "The tests pass now.",
    "cheat": "tests/test_price.sh\n```\n<<<<<<< SEARCH\n" + TEST + "=======\ntrue\n>>>>>>> REPLACE\n```\n",
    "escape": "../outside.py\n```\nx = 1\n```\n",
    "nothing": " ",
}
ANSWERS = st.lists(st.sampled_from([*BODIES, *TEXTS]), min_size=1, max_size=4)
REVIEWS = {
    "accept": {"accept": True, "findings": []},
    "object": {"accept": False, "findings": [{"file": "price.py", "line": 3, "problem": "rate may be zero"}]},
    "contradict": {"accept": False, "findings": []},
}
DECISIONS = {
    "stop": {"choice": "stop", "reason": "nothing is left"},
    "ask": {"choice": "ask", "reason": "unclear", "question": "what now?"},
    "split": {"choice": "split", "reason": "too large", "parts": [
        {"title": "First half", "goal": "net() divides the gross price", "files": ["price.py"]},
        {"title": "Second half", "goal": "net() divides by the rate", "files": ["price.py"]},
    ]},
    "same": {"choice": "replan", "reason": "the plan is wrong"},
}  # fmt: skip
FAULTS = ("e429", "e500", "e503", "html", "badbody", "reset", "truncate", "empty", "think", "length", "schema_miss",
          "e500_toolparse", "e401", "e429_quota")  # fmt: skip
ROLES = ("orchestrator", "searcher", "coder", "reviewer", "fixer")
OUTCOMES = {"verified", "unverified", "failed", "budget", "stuck", "provider"}


def answer(name: str) -> Any:
    """What the model says for a name, in the format that it is asked for."""

    def say(request: Request) -> str:
        if name in TEXTS:
            return TEXTS[name]
        whole = SOURCE.replace("    return gross * rate\n", BODIES[name])
        if "Answer with whole files" in request.text:
            return f"price.py\n```python\n{whole}```\n"
        return f"price.py\n```\n<<<<<<< SEARCH\n    return gross * rate\n=======\n{BODIES[name]}>>>>>>> REPLACE\n```\n"

    return say


def in_turn(role: str, names: list[str]) -> list[Rule]:
    """The answers of an agent to its first, second … question, the last one for ever."""
    rules = [Rule(answer(name), role=role, nth=n) for n, name in enumerate(names[:-1], 1)]
    return [*rules, Rule(answer(names[-1]), role=role)]


class Runs(RuleBasedStateMachine):
    """One run: scripted first, then driven, crashed and resumed until it ends."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="machine-"))
        self.faults: list[FaultRule] = []
        self.rules: list[Rule] = []
        self.budget: dict[str, int] = {"calls": 60, "task_calls": 40}
        self.server: Server | None = None
        self.driven: Driven | None = None
        self.end: dict[str, Any] | None = None

    @initialize(
        coder=ANSWERS, fixer=ANSWERS, review=st.sampled_from([*REVIEWS]), decision=st.sampled_from([*DECISIONS])
    )
    def script(self, coder: list[str], fixer: list[str], review: str, decision: str) -> None:
        """What the model is like."""
        small = {"kind": "small", "title": "Repair the net price", "files": ["price.py"], "tests": []}
        self.rules = [
            Rule(json.dumps(DECISIONS[decision]), role="orchestrator", when=contains("is stuck")),
            Rule(json.dumps(small), role="orchestrator"),
            Rule('{"files": ["price.py"], "words": ["net"]}', role="searcher"),
            Rule(json.dumps(REVIEWS[review]), role="reviewer", when=contains("Checks that passed")),
            Rule("NOT TESTABLE: it is a script", role="reviewer"),
            *in_turn("coder", coder),
            *in_turn("fixer", fixer),
        ]

    @precondition(lambda self: self.driven is None)
    @rule(kind=st.sampled_from(FAULTS), role=st.sampled_from(ROLES), nth=st.integers(1, 3), times=st.integers(1, 3))
    def fault(self, kind: str, role: str, nth: int, times: int) -> None:
        """The endpoint fails."""
        self.faults.append(FaultRule(kind, role=role, nth=nth, times=times))

    @precondition(lambda self: self.driven is None)
    @rule(calls=st.integers(1, 12), of_task=st.booleans())
    def limit(self, calls: int, of_task: bool) -> None:
        """Little may be spent."""
        self.budget["task_calls" if of_task else "calls"] = calls

    @precondition(lambda self: self.end is None)
    @rule(steps=st.integers(1, 6))
    def go_on_and_stop(self, steps: int) -> None:
        """A process drives the run for some steps and is gone."""
        self.drive(steps)

    @precondition(lambda self: self.end is None)
    @rule()
    def go_on_to_the_end(self) -> None:
        """A process drives the run to its end."""
        self.drive()
        assert self.end is not None, "it does not end"

    @precondition(lambda self: self.end is not None)
    @rule()
    def look_again(self) -> None:
        """A finished run is opened once more: nothing is asked, and its end stands."""
        assert self.server is not None and self.driven is not None
        calls = self.server.counters["calls"]
        assert self.driven.drive() == self.end
        assert self.server.counters["calls"] == calls

    def drive(self, steps: int = 200) -> None:
        """Start the server and the run with the first step."""
        if self.driven is None:
            self.server = Server(Scenario("machine", self.rules, faults=self.faults))
            self.server.start()
            request = "The net price is wrong: repair it."
            self.driven = Driven.of(self.folder, self.server, FILES, request, budget=self.budget, checks=[CHECK])
        self.end = self.driven.drive(steps)

    @invariant()
    def the_judge_is_untouched(self) -> None:
        """Nothing that a model says changes the test in the user's folder, or writes outside it."""
        if self.driven is not None:
            assert (self.driven.run.root / "tests/test_price.sh").read_text() == TEST
            assert not (self.driven.run.root.parent / "outside.py").exists()

    @invariant()
    def nothing_is_asked_too_often(self) -> None:
        """No question is answered three times, and none is sent past the budget."""
        if self.server is not None:
            assert self.server.counters["identical"] <= 2
            assert self.server.counters["calls"] <= self.budget["calls"]

    @invariant()
    def the_end_is_honest(self) -> None:
        """Verified means that the check passes in the folder; anything but a delivered change leaves it as it was."""
        if self.end is None or self.driven is None:
            return
        assert self.end["outcome"] in OUTCOMES
        root = self.driven.run.root
        passes = subprocess.run(["sh", "tests/test_price.sh"], cwd=root, check=False).returncode == 0
        if self.end["outcome"] == "verified":
            assert passes
            assert self.end["applied"]
        if not self.end.get("applied"):
            assert (root / "price.py").read_text() == SOURCE
        else:
            assert "rest of the code" not in (root / "price.py").read_text()

    def teardown(self) -> None:
        """End what is still under way, look once more, and clean up."""
        if self.driven is not None and self.end is None:
            self.drive()
            assert self.end is not None, "it does not end"
            self.the_end_is_honest()
            self.nothing_is_asked_too_often()
        if self.server is not None:
            self.server.stop()
        shutil.rmtree(self.folder)


TestRuns = Runs.TestCase
TestRuns.settings = settings(
    max_examples=12,
    stateful_step_count=6,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],  # an example is a whole run: shrinking would take minutes
    suppress_health_check=list(HealthCheck),
)
