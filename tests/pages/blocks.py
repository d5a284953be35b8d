"""What of a page can be run: its marked blocks, in order.

A comment above a fenced block marks it: ``<!-- run -->`` runs the lines that begin with ``$``, which must succeed,
``<!-- run: exit 1 -->`` wants that exit code, ``<!-- file: NAME -->`` writes the block into a file. Below a command
stands what it must print, a line for a line; ``…`` is any text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

_MARKED = re.compile(
    r"^<!-- (?P<what>run|file)(?:: (?P<how>[^>]+?))? -->\n(?P<fence>`{3,})(?P<language>\w*)\n(?P<text>.*?)^(?P=fence)$",
    re.MULTILINE | re.DOTALL,
)


@dataclass
class Command:
    """One command line, its exit code, and what it must say."""

    line: str
    exit: int = 0
    says: list[str] = field(default_factory=list)

    def missing(self, output: str) -> list[str]:
        """What it must say and did not."""
        return [said for said in self.says if not re.search(_pattern(said), output)]


@dataclass(frozen=True)
class File:
    """A file to be written."""

    name: str
    text: str


def blocks(page: Path) -> Iterator[Command | File]:
    """Every marked step of a page."""
    for found in _MARKED.finditer(page.read_text("utf-8")):
        if found["what"] == "file":
            yield File(found["how"], found["text"])
        else:
            yield from commands(found["text"], int((found["how"] or "exit 0").removeprefix("exit ")))


def commands(text: str, exit: int) -> Iterator[Command]:
    """The commands of a block; only the last one has the exit code that is not zero."""
    found: list[Command] = []
    for line in text.splitlines():
        if line.startswith("$ "):
            found.append(Command(line[2:]))
        elif line.strip():
            found[-1].says.append(line.strip())
    if found:
        found[-1].exit = exit
    yield from found


def _pattern(said: str) -> str:
    """Words in this order on one line, whatever spaces lie between them."""
    parts = [r"\s+".join(map(re.escape, part.split())) for part in said.split("…")]
    return ".*".join(parts)
