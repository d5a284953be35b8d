"""The reviewer's tests by chance: as good as the model is, and wrong in the ways in which tests are wrong."""

import random
import threading
from collections.abc import Mapping

from bench.study.job import Step, mistaken_test, thin_test, told_test
from tests.modelserver.faults.reviews import WEAK_TESTS
from tests.modelserver.oracle import Oracle, Task
from tests.modelserver.request import Request

FAULTS: Mapping[str, float] = {
    "thin": 0.3,
    "wrong_value": 0.3,
    "green_already": 0.15,
    "not_runnable": 0.15,
    "no_test": 0.1,
}
"""Shares of what is wrong with a faulty test: `thin` checks the first example alone, `wrong_value` expects what the
goal does not say and is never green. No source has rates: judgement.
"""

STANDS = "THE TEST STANDS."


class TestWriter:
    """Writes the test of one step; draws are keyed by seed, step and number of the try. Safe for parallel requests."""

    __test__ = False

    def __init__(self, step: Step, oracle: Oracle, *, perfect: bool) -> None:
        self._step = step
        self._oracle = oracle
        self._perfect = perfect
        self._seen: list[str] = []
        self._lock = threading.Lock()

    def writes(self, request: Request) -> str:
        """The answer to a request for a test, or for a better one; none is needed where all of them are given."""
        if not self._step.told:
            return "NOT TESTABLE: its tests are there already"
        kind = self._drawn(request)
        text = _text(self._step, kind)
        path = next((line.split("`")[1] for line in request.user.splitlines() if "`tests/" in line), "tests/test_it.py")
        return f"{path}\n```python\n{text}```\n"

    def restates(self, request: Request) -> str:
        """The answer to the question whether the test is right: another test, or that it stands."""
        right = told_test(self._step)
        if right in request.user or self._drawn(request):
            return STANDS
        path = next(line for line in request.user.splitlines() if line.startswith("tests/"))
        return f"{path}\n```python\n{right}```\n"

    def _drawn(self, request: Request) -> str:
        """What is wrong with this try; empty where nothing is."""
        with self._lock:
            if request.digest not in self._seen:
                self._seen.append(request.digest)
            number = self._seen.index(request.digest) + 1
        chances = self._oracle.chances
        factor = chances.with_evidence if request.shows_failure else chances.without_evidence
        name = f"{self._step.id}/test"
        draw = random.Random(f"{self._oracle.seed}/{name}/{number}")
        if self._perfect or draw.random() < (factor if number > 1 else 1.0) * self._oracle.difficulty(
            Task(name, "", "")
        ):
            return ""
        return draw.choices(list(FAULTS), weights=list(FAULTS.values()))[0]


def _text(step: Step, kind: str) -> str:
    if not kind:
        return told_test(step)
    if kind == "thin":
        return thin_test(step)
    return mistaken_test(step) if kind == "wrong_value" else _as_unittest(WEAK_TESTS["py"][kind])


def _as_unittest(test: str) -> str:
    """A function that tests, as a method: the projects are tested with the standard library."""
    if "def test" not in test:
        return test
    body = "\n".join(f"    {line}" if line else "" for line in test.replace("():", "(self):").splitlines())
    return f"import unittest\n\n\nclass TestGoal(unittest.TestCase):\n{body}\n"
