"""Places: the lines of files that a test runner's output points at, whatever language it speaks."""

import re
from collections.abc import Collection, Iterator
from typing import NamedTuple

from workspace.output import clipped

FRAME = re.compile(
    r"""
      ^\ {2,}File\ "(?P<python>[^"\n<>]+\.pyi?)",\ line\ (?P<python_line>\d+)          # a traceback of Python
    | ^E\ +File\ "(?P<syntax>[^"\n<>]+\.pyi?)",\ line\ (?P<syntax_line>\d+)            # a syntax error, by pytest
    | ^file\ (?P<fixture>[^\n,<>]+\.py),\ line\ (?P<fixture_line>\d+)                  # a missing fixture, by pytest
    | ^(?P<pytest>[^\s:"<>][^:"\n<>]*\.pyi?):(?P<pytest_line>\d+):                     # a traceback of pytest
    | ^\s+(?:at|\u276f)\ (?:[^\n(]*\()?(?P<node>[^\s()<>:]+\.[cm]?[jt]sx?):(?P<node_line>\d+):\d+\)?
    | ^(?P<load>[^\s:<>]+\.[cm]?[jt]sx?):(?P<load_line>\d+)$                           # a file that node cannot load
    | \bpanicked\ at\ (?P<rust>[^\s:<>]+\.rs):(?P<rust_line>\d+):
    | ^\s*-->\ (?P<rustc>[^\s:<>]+\.rs):(?P<rustc_line>\d+):
    | ^\s*(?:\./)?(?P<go>[^\s:<>]+\.go):(?P<go_line>\d+)(?::|\s|$)
    | ^\s+at\ [\w.$/<>]+\((?P<java>\w+\.(?:java|kt|scala|groovy)):(?P<java_line>\d+)\)
    | ^\[ERROR\]\ (?P<javac>\S+\.(?:java|kt)):\[(?P<javac_line>\d+)
    | (?P<end>^(?:E\s|={4,}|__+\ |[\w.]+(?:Error|Exception)\b))                       # a traceback ends
    """,
    re.M | re.X,
)
"""One place a line. Python's tracebacks end with the innermost frame, all others begin with it."""

OUTERMOST_FIRST = ("python", "syntax", "pytest")


class Place(NamedTuple):
    """A line of a file."""

    path: str
    line: int
    """1-based."""


def places(output: str, files: Collection[str]) -> list[Place]:
    """The places in the project that the output points at, each once, those that were running last first.

    ``files`` are the project's files; a place elsewhere, or one whose file is not clear, is left out.
    """
    found: list[Place] = []
    traceback: list[Place] = []
    for _, (kind, named, line) in located(output):
        if kind == "end":
            found, traceback = [*found, *traceback], []
        elif path := resolved(named, files):
            if kind in OUTERMOST_FIRST:
                traceback.insert(0, Place(path, line))
            else:
                found.append(Place(path, line))
    return list(dict.fromkeys([*found, *traceback]))


def located(output: str) -> Iterator[tuple[re.Match[str], tuple[str, str, int]]]:
    """Every place as the output names it: who speaks, file, line; and the ends of tracebacks, as ``end``."""
    for match in FRAME.finditer(output):
        kind = next(name for name, value in match.groupdict().items() if value is not None)
        yield match, (kind, match[kind].removeprefix("./"), 0 if kind == "end" else int(match[f"{kind}_line"]))


def resolved(named: str, files: Collection[str]) -> str | None:
    """The project's file behind a name: the file itself, or the only one that ends so. None where there is none."""
    if named in files:
        return named
    ending = [path for path in files if path.endswith(f"/{named}")]
    return ending[0] if len(ending) == 1 else None


def excerpt(text: str, line: int, *, around: int = 8) -> str:
    """The lines around one, each with its number; the one itself is marked. Empty where the text has no such line."""
    lines = text.splitlines()
    if not 1 <= line <= len(lines):
        return ""
    first, last = max(1, line - around), min(len(lines), line + around)
    width = len(str(last))
    return "\n".join(
        f"{'>' if number == line else ' '} {number:{width}} | {clipped(lines[number - 1], LONGEST)}".rstrip()
        for number in range(first, last + 1)
    )


LONGEST = 200
"""Most characters of one line of an excerpt."""
