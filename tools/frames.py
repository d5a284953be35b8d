"""Frames: the places in source files that a failing test's output names, in the order of the traceback."""

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

PYTEST_HEADER = re.compile(r"^_+ (?P<name>[^\s_].*?) _+$", re.M)
"""Opens the report of one test; ``name`` is ``Class.test[param]``, or ``ERROR at setup of Class.test``."""

UNITTEST_HEADER = re.compile(r"^(?:FAIL|ERROR): (?P<name>.+)$", re.M)
"""Opens the report of one test; ``name`` is its id."""

RULE = re.compile(r"^={2,}(?: |=*$)", re.M)
"""Ends the last report of pytest."""

FRAME = re.compile(
    r"""^(?:\s*File "(?P<file>[^"\n]+\.py)", line (?P<no>\d+)|(?P<path>[^\s:"][^:"\n]*\.py):(?P<at>\d+):)""", re.M
)
"""A line of a traceback: Python's own form, or that of pytest."""


@dataclass(frozen=True)
class Frame:
    """A line that was running."""

    path: str
    line: int
    """1-based."""


def frames(tree: Path, test_id: str, output: str) -> list[Frame]:
    """The frames of this test's report that lie in the tree, outermost first."""
    report = report_of(test_id, output)
    found = []
    for match in FRAME.finditer(report):
        path = inside(tree, match["file"] or match["path"])
        if path is not None:
            found.append(Frame(path, int(match["no"] or match["at"])))
    return found


def report_of(test_id: str, output: str) -> str:
    """The part of the output that is about this test; all of it where nothing divides it into tests."""
    names = report_names(test_id)
    for header in (PYTEST_HEADER, UNITTEST_HEADER):
        starts = list(header.finditer(output))
        for i, match in enumerate(starts):
            if re.sub(r"^ERROR at (?:setup|teardown) of ", "", match["name"]) in names:
                end = starts[i + 1].start() if i + 1 < len(starts) else len(output)
                rule = RULE.search(output, match.end(), end) if header is PYTEST_HEADER else None
                return output[match.end() : rule.start() if rule else end]
        if starts:
            return ""
    return output


def report_names(test_id: str) -> set[str]:
    """What a report of this test may be headed with: by pytest, and by unittest of old and new versions of Python."""
    if "::" in test_id:
        plain, bracket, parameters = test_id.partition("[")
        return {".".join(plain.split("::")[1:]) + bracket + parameters}
    owner, _, name = test_id.rpartition(".")
    return {test_id, f"{name} ({test_id})", f"{name} ({owner})"}


def inside(tree: Path, named: str) -> str | None:
    """A named path relative to the tree, POSIX; None where it lies elsewhere or is no file."""
    path = Path(named.replace("\\", "/"))
    try:
        relative = path.relative_to(tree) if path.is_absolute() else path
    except ValueError:
        return None
    clean = PurePosixPath(relative)
    return str(clean) if ".." not in clean.parts and (tree / clean).is_file() else None
