"""What a prompt shows of a project: its files, its tests, and what the tests expect.

Faults that need a real file (an ambiguous line, a test to weaken, a function to lose) find it here.
"""

import re
from dataclasses import dataclass

from tests.modelserver.request import Request

_FILE = re.compile(
    r"^(?P<path>[\w.@/-]+\.\w+)(?: \([^)\n]*\))?:?\n(?P<ticks>`{3,})\w*\n(?P<text>.*?)^(?P=ticks)[ ]*$",
    re.DOTALL | re.MULTILINE,
)
_NUMBERED = re.compile(r"^ *\d+ ?[|:\t] ?", re.MULTILINE)
_TEST = re.compile(r"(^|/)(tests?|spec|__tests__)/|(^|/)test_|_test\.|\.(test|spec)\.")
_FUNCTION = re.compile(
    r"^(?P<indent>[ \t]*)(?:export |pub |async )*(?:def|function|fn|func)\s+(?P<name>\w+)[^\n]*\n"
    r"(?P<body>(?:(?P=indent)[ \t]+[^\n]*\n|[ \t]*\n(?=(?P=indent)[ \t]+\S)|(?P=indent)\}\n)*)",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Function:
    """A function in a file: its name and its whole text."""

    name: str
    text: str

    @property
    def public(self) -> bool:
        """Whether others may call it, by its name."""
        return not self.name.startswith("_")


def files_shown(request: Request) -> dict[str, str]:
    """Return the text of each file that a prompt shows in a fence under its path, without line numbers."""
    found: dict[str, str] = {}
    for match in _FILE.finditer(request.user):
        text = match["text"]
        numbered = text.count("\n") > 0 and len(_NUMBERED.findall(text)) >= text.count("\n")
        found.setdefault(match["path"], _NUMBERED.sub("", text) if numbered else text)
    return found


def tests_shown(request: Request) -> dict[str, str]:
    """Return the test files that a prompt shows."""
    return {path: text for path, text in files_shown(request).items() if is_test(path)}


def is_test(path: str) -> bool:
    """Whether a path is that of a test."""
    return _TEST.search(path) is not None


def functions_in(text: str) -> list[Function]:
    """Return the functions of a text at the outermost level, in order."""
    return [Function(match["name"], match[0]) for match in _FUNCTION.finditer(text) if not match["indent"]]


def expectation(test: str) -> tuple[str, str] | None:
    """Return the first line of a test that compares with `==`, and the value that it expects."""
    for line in test.splitlines(keepends=True):
        if re.match(r"\s*assert ", line) and "==" in line:
            return line, line.rpartition("==")[2].strip()
        if found := re.search(r"(?:assert\w*[.!]?\w*|Equal)\((.+),\s*([^,()]+)\)", line):
            return line, found[2].strip()
    return None


def repeated_line(text: str) -> str | None:
    """Return a line that occurs more than once in a text, the longest of them; None if there is none."""
    lines = [line for line in text.splitlines(keepends=True) if line.strip()]
    return max((line for line in lines if lines.count(line) > 1), key=len, default=None)
