"""The small-model step: what is asked, in which order, what is tested, and when it ends."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nodes.small import SAMPLES_A_ROUND, TEMPERATURES, TOKENS, Found, SmallStrategy, propose
from tools.functions import Target

SOURCE = '''def total(prices, discount):
    """What is paid."""
    full = sum(prices)
    return full + discount


def other():
    return 1
'''

UNWRITTEN = 'class Till:\n    def count(self):\n        """How many."""\n        raise NotImplementedError\n'

TESTS = "def test_total():\n    prices = [1, 2]\n    assert total(prices, 1) == 2\n"


@dataclass(frozen=True)
class Question:
    """One call, as a server would see it."""

    kind: str
    first: str
    second: str
    tokens: int
    temperature: float
    seed: int
    stop: tuple[str, ...] = ()


@dataclass
class Script:
    """A model at the other side of the boundary: gives the answers of a script, the last one for ever."""

    answers: list[str]
    asked: list[Question] = field(default_factory=list)

    def infill(
        self, prefix: str, suffix: str, n_predict: int, stop: tuple[str, ...], temperature: float, seed: int
    ) -> str:
        """Answer an infill."""
        self.asked.append(Question("infill", prefix, suffix, n_predict, temperature, seed, stop))
        return self._next()

    def chat(self, system: str, user: str, max_tokens: int, temperature: float, seed: int) -> str:
        """Answer a message."""
        self.asked.append(Question("chat", system, user, max_tokens, temperature, seed))
        return self._next()

    def _next(self) -> str:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@dataclass
class Judge:
    """Runs a candidate for real and asks what ``total([1, 2], 1)`` is; remembers what was tested."""

    run: list[str] = field(default_factory=list)

    def __call__(self, source: str) -> bool:
        """True when the discount is taken off."""
        self.run.append(source)
        namespace: dict[str, object] = {}
        exec(source, namespace)
        total = namespace["total"]
        try:
            return callable(total) and total([1, 2], 1) == 2
        except Exception:
            return False


def run(
    strategy: SmallStrategy, script: Script, judge: Judge, *, rounds: int = 4, tried: set[str] | None = None
) -> Found | None:
    """Propose for ``total``."""
    target = Target.of(SOURCE, "total")
    return propose(strategy, target, TESTS, "assert 4 == 2", script, judge, rounds=rounds, seed=100, tried=tried)


def fenced(body: str) -> str:
    """An answer of a chat."""
    return f"```python\ndef total(prices, discount):\n    {body}\n```"


def test_infill_fills_hole_after_hole_until_the_tests_pass() -> None:
    """The first line, then the last, whose answer passes; the label names the place."""
    script, judge = Script(["full = max(prices)", "return full - discount"]), Judge()
    found = run("infill", script, judge)
    assert found == Found(SOURCE.replace("full + discount", "full - discount"), "infill line 4", 2, 2)
    assert judge.run[-1] == found.source


def test_infill_shows_the_tests_above_and_nothing_below_the_function() -> None:
    """Assertions as comments, the function around the hole, limits and stops by the kind of hole."""
    script = Script(["return full - discount"])
    run("infill", script, Judge())
    line, tail = script.asked[:2]
    assert line.first.startswith("# ") and "# assert total(prices, 1) == 2" in line.first
    assert line.first.endswith('"""What is paid."""\n    ')
    assert line.second == "\n    return full + discount\n"
    assert (line.tokens, line.stop) == (TOKENS["line"], ("\n",))
    assert (tail.tokens, tail.second) == (TOKENS["tail"], "\n")


def test_an_unwritten_method_is_sampled_as_one_body_with_the_tests_beside_it() -> None:
    """One hole, as many samples as a round has, each with its own seed and the list of temperatures."""
    target = Target.of(UNWRITTEN, "Till.count")
    script = Script(["return 7"])
    judged: list[str] = []

    def judge(source: str) -> bool:
        judged.append(source)
        return False

    assert propose("infill", target, "assert Till().count() == 0", "", script, judge, rounds=1, seed=5) is None
    assert [q.seed for q in script.asked] == list(range(5000, 5000 + SAMPLES_A_ROUND))
    assert [q.temperature for q in script.asked] == [*TEMPERATURES, *TEMPERATURES][:SAMPLES_A_ROUND]
    assert all(q.first.endswith("        # assert Till().count() == 0\n        ") for q in script.asked)
    assert judged == [UNWRITTEN.replace("raise NotImplementedError", "return 7")]


def test_rewrite_hides_the_body_and_shows_the_tests() -> None:
    """Signature, docstring and tests; independent samples with other seeds and temperatures."""
    script, judge = Script(["no code", fenced("return 0"), fenced("return sum(prices) - discount")]), Judge()
    found = run("rewrite", script, judge)
    assert found is not None
    assert (found.strategy, found.samples, found.tested) == ("rewrite sample 3", 3, 2)
    assert found.source == SOURCE.replace(
        "full = sum(prices)\n    return full + discount", "return sum(prices) - discount"
    )
    assert [(q.seed, q.temperature) for q in script.asked] == [(100_000, 0.2), (100_001, 0.4), (100_002, 0.6)]
    assert len({(q.first, q.second) for q in script.asked}) == 1
    question = script.asked[0].second
    assert 'def total(prices, discount):\n    """What is paid."""' in question
    assert TESTS.strip() in question
    assert "full + discount" not in question


def test_fix_shows_the_code_and_the_failure() -> None:
    """And never an earlier answer: each sample is afresh."""
    script = Script([fenced("return 0")])
    assert run("fix", script, Judge(), rounds=6) is None
    assert len(script.asked) == 6
    assert all("full + discount" in q.second and "assert 4 == 2" in q.second for q in script.asked)
    assert not any("return 0" in q.second for q in script.asked)


def test_a_candidate_is_tested_once_whatever_the_strategy() -> None:
    """What infill tried is not run again by a later strategy that shares the set."""
    judge, tried = Judge(), set[str]()
    run("infill", Script(["return discount"]), judge, rounds=1, tried=tried)
    before = len(judge.run)
    assert run("rewrite", Script([fenced("return discount")]), judge, tried=tried) is None
    assert len(judge.run) == before
    assert len(tried) == before


@pytest.mark.parametrize(
    "answer", [fenced("return full + discount"), fenced("return eval('2')"), fenced("import socket\n    return 2")]
)
def test_what_the_gate_refuses_is_never_run(answer: str) -> None:
    """Unknown names aside, the gate speaks before the tests do."""
    judge = Judge()
    run("fix", Script([answer]), judge, rounds=1)
    assert not any("eval" in source or "socket" in source for source in judge.run)


def test_a_function_that_is_too_long_costs_no_sample() -> None:
    """It would not fit a small context."""
    source = "def total(prices, discount):\n" + "    prices = prices + [0]\n" * 400 + "    return 0\n"
    script = Script(["return 1"])
    target = Target.of(source, "total")
    assert propose("infill", target, TESTS, "", script, Judge(), rounds=1, seed=0) is None
    assert script.asked == []


ANSWERS = st.text("ab=:()\n `#\tdefreturn", max_size=40)


@settings(deadline=None)
@given(st.sampled_from(["infill", "rewrite", "fix"]), st.lists(ANSWERS, min_size=1, max_size=6), st.integers(0, 3))
def test_any_answers_end_within_the_rounds(strategy: SmallStrategy, answers: list[str], rounds: int) -> None:
    """No answer makes it ask more than the rounds allow, and every tested candidate keeps the rest of the file."""
    script, tested = Script(answers), list[str]()
    target = Target.of(SOURCE, "total")
    judge = iter(lambda: False, True)  # refuses for ever

    def refuse(source: str) -> bool:
        tested.append(source)
        return next(judge)

    assert propose(strategy, target, TESTS, "", script, refuse, rounds=rounds, seed=0) is None
    assert len(script.asked) == rounds * (16 if strategy == "infill" else 1)
    assert all(source.endswith("\n\n\ndef other():\n    return 1\n") for source in tested)
    assert len(set(tested)) == len(tested)
