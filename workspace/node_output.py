"""The two formats of node's own test runner: TAP, and the one for people."""

import re
from collections.abc import Iterator

_DURATION = r"(?: \([\d.]+m?s\))?"


def node_failures(output: str) -> Iterator[str]:
    """Names of the failed tests; a suite is named only where it failed by itself."""
    yield from tap_failures(output)
    suites = set(re.findall(rf"^[ \t]*▶ (.+?){_DURATION}$", output, re.M))
    for name in re.findall(rf"^[ \t]*✖ (.+?){_DURATION}$", output, re.M):
        if name not in suites and name != "failing tests:":
            yield name


def tap_failures(output: str) -> Iterator[str]:
    """Names after ``not ok``, those aside that are to be skipped or done, or that failed by their children alone."""
    lines = output.splitlines()
    for number, line in enumerate(lines):
        point = re.match(r"(\s*)not ok \d+ (?:- )?(.*?)(?: # (?:time=|duration).*)?$", line)
        if point and not re.search(r" # (TODO|SKIP)\b", line, re.I) and not _by_children(lines, number, point[1]):
            yield point[2].strip()


def _by_children(lines: list[str], number: int, indent: str) -> bool:
    """True when the block below a test point says that only its children failed."""
    for line in lines[number + 1 : number + 30]:
        if "failureType: 'subtestsFailed'" in line:
            return True
        if line.startswith(f"{indent}  ...") or not line.startswith(f"{indent}  "):
            return False
    return False
