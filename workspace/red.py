"""Red: why a check failed. An acceptance must be red because of the code, never because of the test or the machine."""

import re
from typing import Literal

from workspace.failures import parse
from workspace.places import OUTERMOST_FIRST, located
from workspace.protected import is_test_path
from workspace.reasons import (
    ASSERTION,
    BROKEN_TEST,
    CANNOT_RUN,
    CRASH,
    FAILED,
    MISSING_MODULE,
    MISSING_NAME,
    NO_TESTS,
    SYNTAX,
    TIMED_OUT,
    UNKNOWN_NAME,
)

Reason = Literal["assertion", "missing_name", "broken_code", "broken_test", "no_tests", "timeout", "other"]
"""``assertion``: what is asserted is not so, or the code under test crashed; ``missing_name``: what the test names is
not there yet; ``broken_code``: the code cannot be loaded; the rest says nothing about the code.
"""

RIGHT: tuple[Reason, ...] = ("assertion", "missing_name", "broken_code")
"""Why an acceptance may be red before the work is done."""

NEVER_RAN = (126, 127)
"""Exit codes of a shell that could not start a program."""


def red_reason(output: str) -> Reason:
    """Why a check is red, from its output."""
    if TIMED_OUT.search(output):
        return "timeout"
    if NO_TESTS.search(output) and not parse(output):
        return "no_tests"
    if BROKEN_TEST.search(output):
        return "broken_code" if SYNTAX.search(output) and raised_in_code(output, SYNTAX) else "broken_test"
    if UNKNOWN_NAME.search(output) and raised_in_test(output, UNKNOWN_NAME):
        return "broken_test"
    if MISSING_NAME.search(output):
        return "missing_name"
    if ASSERTION.search(output) or raised_in_code(output, CRASH):
        return "assertion"
    return "assertion" if FAILED.search(output) and not raised_in_test(output, CRASH) else "other"


def cannot_run(exit_code: int, output: str) -> str:
    """The line that says why a command never got as far as a test; empty where it did, or may have."""
    if exit_code == 0 or any(not name.startswith("make ") for name in parse(output)):
        return ""
    if line := CANNOT_RUN.search(output):
        return line[0].strip()
    return (output.strip().splitlines() or ["the program was not found"])[-1] if exit_code in NEVER_RAN else ""


def missing_modules(output: str) -> list[str]:
    """What could not be imported, each once: modules, packages and crates as the output names them."""
    found = (next(value for value in match.groups() if value) for match in MISSING_MODULE.finditer(output))
    return list(dict.fromkeys(found))


def raised_in_code(output: str, what: re.Pattern[str]) -> bool:
    """True where something of this kind was raised in a file of the project that is no test."""
    return any(path is not None and not is_test_path(path) for path in raised_at(output, what))


def raised_in_test(output: str, what: re.Pattern[str]) -> bool:
    """True where everything of this kind was raised in a test, as far as the output says."""
    paths = [path for path in raised_at(output, what) if path is not None]
    return bool(paths) and all(is_test_path(path) for path in paths)


def raised_at(output: str, what: re.Pattern[str]) -> list[str | None]:
    """The file in which each error of this kind was raised; None where the output does not say."""
    marks = [(match.start(), *place[:2]) for match, place in located(output) if place[0] != "end"]
    return [innermost(marks, match.start()) for match in what.finditer(output)]


def innermost(marks: list[tuple[int, str, str]], at: int) -> str | None:
    """The frame that raised what stands at an offset: Python and node name it above, all others below."""
    above = [(kind, path) for start, kind, path in marks if start < at]
    if above and above[-1][0] in (*OUTERMOST_FIRST, "load"):
        return above[-1][1]
    below = (path for start, _, path in marks if start >= at and not path.startswith(("/usr/", "/rustc/", "node:")))
    return next(below, None)
