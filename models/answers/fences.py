"""Code fences: where they open and close in an answer, nested ones included."""

import re
from dataclasses import dataclass

from models.reading import spoken

_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})\s*([^`\n]*?)\s*$")

SHELL_LIKE = frozenset(
    {"bash", "sh", "shell", "console", "zsh", "text", "txt", "plaintext", "output", "log", "diff", "powershell", "cmd"}
)
"""Languages of fences that show commands or output, and are no files."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A line that opens or closes a fence: its run of backticks or tildes, and what follows it."""

    run: str
    info: str

    @property
    def language(self) -> str:
        """First word of the info string, in lower case."""
        return re.split(r"[\s:{]", self.info, maxsplit=1)[0].lower()

    def closes(self, opening: "Mark") -> bool:
        """Whether this line can close a fence: same character, at least as long, nothing behind it."""
        return not self.info and self.run[0] == opening.run[0] and len(self.run) >= len(opening.run)


def lines_of(text: str) -> list[str]:
    """Return the lines of an answer without its thoughts; all line endings are one."""
    return spoken(text.replace("\r\n", "\n").replace("\r", "\n")).split("\n")


def mark(line: str) -> Mark | None:
    """Return the fence mark that a line is, None for any other line."""
    found = _FENCE.match(line)
    return Mark(found[1], found[2]) if found else None


def closing(lines: list[str], opened_at: int) -> int | None:
    """Return the line that closes the fence opened at `opened_at`, None if none does.

    A mark with an info string inside opens an inner fence of its own (a Markdown file that shows code).
    """
    first = mark(lines[opened_at])
    assert first is not None
    inner: list[Mark] = []
    for at in range(opened_at + 1, len(lines)):
        found = mark(lines[at])
        if found is None:
            continue
        if found.info and found.run[0] == first.run[0] and len(found.run) >= len(first.run):
            inner.append(found)
        elif inner and found.closes(inner[-1]):
            inner.pop()
        elif found.closes(first):
            return at
    return None


def fence_for(content: str) -> str:
    """Return a fence that is longer than any run of backticks at the start of a line of `content`."""
    runs = [len(run) for run in re.findall(r"^\s*(`+)", content, re.MULTILINE)]
    return "`" * max(3, *(run + 1 for run in runs), 3)


def body(lines: list[str]) -> str:
    """Return lines as text, each with its line ending."""
    return "".join(f"{line}\n" for line in lines)
