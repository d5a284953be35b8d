"""Failures: which tests failed, read from what test runners print."""

import re
from collections.abc import Callable, Iterator

from workspace.node_output import node_failures

MOST = 50
"""Most tests that are named."""


def parse(output: str) -> list[str]:
    """The ids of the failed tests, each once, in the order of the output; none where no known runner speaks."""
    found = dict.fromkeys(name for reader in READERS for name in reader(output))
    if not found:
        found = dict.fromkeys(make_failures(output))
    return list(found)[:MOST]


def pytest_failures(output: str) -> Iterator[str]:
    """From the short summary: ``FAILED tests/test_a.py::test_b[1 - 2] - AssertionError``."""
    pattern = r"^(?:SUB)?(?:FAILED|FAIL|ERROR)\S* ([^\s:]+\.py(?:::[^\s\[]+)*(?:\[.*?\](?= - |$))?)(?: - |$| )"
    yield from re.findall(pattern, output, re.M)


def unittest_failures(output: str) -> Iterator[str]:
    """From the headings: ``FAIL: test_b (tests.test_a.Case.test_b)``, which older versions end before the method."""
    for name, place in re.findall(r"^(?:FAIL|ERROR): ([\w.]+) \(([\w.<>]+)\)", output, re.M):
        if "_FailedTest" in place:
            yield name
        else:
            yield place if place.endswith(f".{name}") else f"{place}.{name}"


def go_failures(output: str) -> Iterator[str]:
    """Package and test, ``example.com/shop.TestSum/empty``; the package alone where it did not compile."""
    waiting: list[str] = []
    for line in output.splitlines():
        if test := re.match(r"\s*--- FAIL: (\S+)", line):
            waiting.append(test[1])
        elif package := re.match(r"(FAIL|ok)\s+(\S+\.?\S*)(?:\s|$)", line):
            if package[1] == "FAIL":
                yield from (f"{package[2]}.{test}" for test in waiting)
                if not waiting and ("[build failed]" in line or "[setup failed]" in line):
                    yield package[2]
            waiting = []
    yield from waiting


def cargo_failures(output: str) -> Iterator[str]:
    """The path of the test inside its crate: ``tests::adds``, or of a documentation test."""
    yield from re.findall(r"^test (.+?) \.\.\. FAILED$", output, re.M)


def javascript_failures(output: str) -> Iterator[str]:
    """Of jest, suite and name with an angle between, and of vitest, ``test/a.test.js > suite > name``."""
    yield from re.findall(r"^[ \t]*● (.+ \u203a .+)$", output, re.M)
    yield from re.findall(r"^[ \t]*FAIL[ \t]+(\S+\.[cm]?[jt]sx?(?: > .+)?)$", output, re.M)


def mocha_failures(output: str) -> Iterator[str]:
    """From the list at the end: suites and test, one below the other, ``cart > sums up``."""
    _, counted, listed = output.partition(" failing\n")
    for names in re.findall(r"^ +\d+\) (.+?(?:\n {6,}\S.*?)*?):\n", listed if counted else "", re.M):
        yield " > ".join(part.strip() for part in names.splitlines())


def jvm_failures(output: str) -> Iterator[str]:
    """Of maven, ``shop.SumTest.adds``, and of gradle, ``SumTest.adds``."""
    for line in output.splitlines():
        if "<<< FAILURE!" in line or "<<< ERROR!" in line:
            if old := re.search(r"(\w+)\(([\w.$]+)\)", line):
                yield f"{old[2]}.{old[1]}"
            elif new := re.match(r"\[ERROR\]\s+([\w.$]+)\b", line):
                yield new[1]
        elif gradle := re.match(r"(\w[\w.$]*) > ([\w ]+)(?:\(\))? FAILED$", line):
            yield f"{gradle[1]}.{gradle[2]}"


def make_failures(output: str) -> Iterator[str]:
    """The targets that failed, ``make test``: all there is where the runner behind them is not known."""
    pattern = r"^g?make(?:\[\d+\])?: \*\*\* \[(?:[^\]]*: )?([^\]:]+)\] Error"
    yield from (f"make {target}" for target in re.findall(pattern, output, re.M))


READERS: tuple[Callable[[str], Iterator[str]], ...] = (
    pytest_failures,
    unittest_failures,
    go_failures,
    cargo_failures,
    node_failures,
    javascript_failures,
    mocha_failures,
    jvm_failures,
)
