"""The tasks for small models: red as given, right by their reference, and the judge tells one from the other."""

import copy
import json
import math
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from bench.small_models import finished
from bench.smalltasks import Task, all_tasks
from bench.smalltasks.contest import function_in, question
from bench.smalltasks.mutants import mutants
from bench.smalltasks.table import section, wilson
from bench.smalltasks.trial import is_right, passes_tests
from workspace.sandbox import Sandbox, choose_sandbox

TASKS = all_tasks()


@pytest.fixture(scope="module")
def sandbox() -> Sandbox:
    return choose_sandbox(unsafe=False)


def test_there_are_at_least_forty_different_tasks_of_both_kinds() -> None:
    """The study is about repairs and about unwritten functions."""
    assert len({task.name for task in TASKS}) == len(TASKS) >= 40
    assert {task.kind for task in TASKS} == {"repair", "write"}


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_a_task_is_red_as_given_and_its_reference_is_right(task: Task, sandbox: Sandbox, tmp_path: Path) -> None:
    """Tests see the fault, and neither tests nor hidden calls have anything against the reference."""
    assert not passes_tests(task, task.given, sandbox, tmp_path / "given")
    assert passes_tests(task, task.source, sandbox, tmp_path / "right")
    assert is_right(task, task.source, sandbox, tmp_path / "hidden")


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_tests_see_every_small_fault_that_hidden_calls_see(task: Task) -> None:
    """Who passes the tests for the wrong reason has done more than to slip once."""
    hidden = task.hidden()
    right = {repr(call): task.reference(*copy.deepcopy(call)) for call in [*task.calls, *hidden]}

    def wrong(function: Any, call: tuple[Any, ...]) -> bool:
        given = answer(function, call)
        expected = right[repr(call)]
        if isinstance(expected, float) and isinstance(given, int | float):
            return not math.isclose(given, expected, rel_tol=1e-9, abs_tol=1e-9)
        return type(given) is not type(expected) or given != expected

    for text, mutant in mutants(task):
        if not any(wrong(mutant, call) for call in task.calls):
            assert not [call for call in hidden if wrong(mutant, call)], text


def answer(function: Any, call: tuple[Any, ...]) -> Any:
    """What a function answers, or how it fails; one that loops is stopped."""
    try:
        with at_most(seconds=0.5):
            return function(*copy.deepcopy(call))
    except Exception as error:
        return error


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Raise TimeoutError in what takes longer, however little it computes."""

    def stop(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, stop)
    timer = signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, *timer)
        signal.signal(signal.SIGALRM, before)


def test_hidden_calls_find_what_tests_do_not(sandbox: Sandbox, tmp_path: Path) -> None:
    """An answer that only knows the tests passes them, and is not right."""
    task = next(task for task in TASKS if task.name == "digit_sum")
    learnt = "def digit_sum(number):\n    return {123: 6, -45: 9, 0: 0, 1009: 10}.get(number)\n"
    assert passes_tests(task, learnt, sandbox, tmp_path)
    assert not is_right(task, learnt, sandbox, tmp_path)


@pytest.mark.parametrize("answer", ["def clamp(:", "import os\nos._exit(0)\n", "def clamp(*a):\n    print([])\n"])
def test_an_answer_cannot_speak_for_the_judge(answer: str, sandbox: Sandbox, tmp_path: Path) -> None:
    """What does not run, ends the judge, or prints an answer of its own is not right."""
    task = next(task for task in TASKS if task.name == "clamp")
    assert not is_right(task, answer, sandbox, tmp_path)
    assert not passes_tests(task, answer, sandbox, tmp_path)


def test_the_rivals_question_shows_all_that_ours_knows() -> None:
    """A repair with its failing output, an unwritten function with its tests; the answer may come after other code."""
    repair = next(task for task in TASKS if task.kind == "repair")
    write = next(task for task in TASKS if task.kind == "write")

    assert repair.given in question(repair, "1 failed") and "1 failed" in question(repair, "1 failed")
    assert "NotImplementedError" not in question(write, "") and f"assert {write.name}(" in question(write, "")
    said = "```python\nassert clamp(1, 2, 3) == 2\n```\nHere:\n```python\ndef clamp(a, b, c):\n    return b\n```\n"
    assert function_in(said, "clamp") == "def clamp(a, b, c):\n    return b\n"
    assert function_in(said[:40], "clamp") is None


def test_only_tasks_that_every_way_has_tried_are_compared(tmp_path: Path) -> None:
    """A study that is not finished compares what can be compared."""
    rows = [
        {
            "size": "0.5b",
            "way": way,
            "task": task,
            "kind": "write",
            "solved": solved,
            "right": solved,
            "cpu": 2.0,
            "samples": 3,
        }
        for way, task, solved in (("once", "a", False), ("ours", "a", True), ("ours", "b", True))
    ]
    file = tmp_path / "results.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    table = section(finished(file))
    assert "| 0.5b | one shot | 1 | 0 (0 %) |" in table and "| 0.5b | **ours** | 1 | 1 (100 %) |" in table


def test_an_interval_holds_the_share_and_stays_within_bounds() -> None:
    """Ten of ten is no certainty."""
    low, high = wilson(10, 10)
    assert 0.7 < low < 0.73 and high == pytest.approx(1.0)
    assert wilson(0, 0) == (0.0, 1.0)
