"""Proof: an exit code of zero counts only where the test runner itself says that tests ran.

Code under test can end the process early, skip the test, or lose it by a new name; a filter that matches nothing is
content with nothing. None of that shows in the exit code.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Runner:
    """A test runner whose words are known."""

    command: re.Pattern[str]
    """Recognises its command line."""
    selection: re.Pattern[str]
    """Recognises a command that names the tests to run."""
    ran: Callable[[str, bool], bool]
    """Whether the output says that tests ran; told whether they were selected."""


def proves_nothing(command: str, output: str) -> bool:
    """True where a command of a known runner ended well, but no test that it should have run is said to have passed.

    A whole suite may be skipped by its own rules; tests that were named must really pass. What hides the runner's
    words (a pipe, a redirection) and runners that are not known are taken at their exit code.
    """
    if re.search(r"[|>]|--(?:collect-only|co|help|version|json|list)\b", command):
        return False
    known = [runner for runner in RUNNERS if runner.command.search(command)]
    return any(not runner.ran(output, bool(runner.selection.search(command))) for runner in known)


def pytest_ran(output: str, selected: bool) -> bool:
    """From the summary, or from the dots where the summary is switched off."""
    if selected:
        return _says(r"\b[1-9]\d* passed|^\.+[ \t]+\[", output) and not _says(r"\b[1-9]\d* skipped", output)
    return _says(r"\b[1-9]\d* (?:passed|skipped|xfailed|xpassed|deselected)|^[.sxX]+[ \t]+\[", output)


def unittest_ran(output: str, selected: bool) -> bool:
    """``Ran 3 tests`` and ``OK``, without a skipped one among tests that were named."""
    return _says(r"^Ran [1-9]\d* tests?", output) and _says(r"^OK$" if selected else r"^OK\b", output)


def go_ran(output: str, selected: bool) -> bool:
    """``ok  package`` with anything to run in it."""
    return not selected or _says(r"^ok[ \t]+\S+(?!.*\[no tests to run\])", output)


def cargo_ran(output: str, selected: bool) -> bool:
    """A result with at least one passed test."""
    return not selected or _says(r"^test result: ok\. [1-9]\d* passed", output)


def node_ran(output: str, selected: bool) -> bool:
    """A count of passed tests above zero."""
    return not selected or _says(r"^(?:#|\u2139) pass [1-9]", output)


def _says(pattern: str, output: str) -> bool:
    return re.search(pattern, output, re.M) is not None


RUNNERS = (
    Runner(re.compile(r"\bpytest\b"), re.compile(r"\bpytest\b.*\.py\b"), pytest_ran),
    Runner(re.compile(r"-m unittest\b"), re.compile(r"-m unittest (?!discover)\S*\w|\s-k\b"), unittest_ran),
    Runner(re.compile(r"\bgo test\b"), re.compile(r"\s-run\b"), go_ran),
    Runner(re.compile(r"\bcargo test\b"), re.compile(r"\s--(?:test|exact)\b"), cargo_ran),
    Runner(re.compile(r"\bnode --test\b"), re.compile(r"--test-name-pattern"), node_ran),
)
