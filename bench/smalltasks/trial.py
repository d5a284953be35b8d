"""Trials of answers: the project of a task laid out in a folder, and an answer judged there in the sandbox."""

import ast
import copy
import json
import math
import sys
from pathlib import Path

from bench.smalltasks.judge import PASSED
from bench.smalltasks.task import Task
from workspace.sandbox import Sandbox

JUDGE = Path(__file__).with_name("judge.py")

BACKSTOP = 300.0
"""Seconds after which a judgement ends whatever it does; the judge itself counts CPU time."""


def lay_out(task: Task, folder: Path, source: str) -> None:
    """Write the project of a task with the given text of its module."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{task.name}.py").write_text(source, encoding="utf-8")
    (folder / f"test_{task.name}.py").write_text(task.tests, encoding="utf-8")


def passes_tests(task: Task, source: str, sandbox: Sandbox, folder: Path) -> bool:
    """Tell whether a module passes the tests that the project has."""
    lay_out(task, folder, source)
    return _judged(["tests", task.name], sandbox, folder) == PASSED


def is_right(task: Task, source: str, sandbox: Sandbox, folder: Path) -> bool:
    """Tell whether a module answers the hidden calls as the reference does."""
    lay_out(task, folder, source)
    calls = task.hidden()
    (folder / "calls.json").write_text(json.dumps([repr(arguments) for arguments in calls]), encoding="utf-8")
    told = _judged(["calls", task.name, "calls.json"], sandbox, folder)
    if not told:
        return False
    right = [task.reference(*copy.deepcopy(arguments)) for arguments in calls]
    given = json.loads(told)
    return len(given) == len(right) and all(map(_alike, given, right))


def _judged(arguments: list[str], sandbox: Sandbox, folder: Path) -> str | None:
    command = " ".join([sys.executable, "-S", str(JUDGE), *arguments])
    done = sandbox.run(command, folder, timeout=BACKSTOP, readable=[JUDGE.parent])
    return done.output.strip() if done.exit_code == 0 else None


def _alike(given: str, right: object) -> bool:
    try:
        value = ast.literal_eval(given)
    except (ValueError, SyntaxError):
        return False
    if isinstance(right, float) and isinstance(value, int | float):
        return math.isclose(value, right, rel_tol=1e-9, abs_tol=1e-9)
    return type(value) is type(right) and bool(value == right)
