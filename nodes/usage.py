"""Usage: where the project defines and uses the names that matter, as agents read it."""

import re
from collections.abc import Iterable

from nodes.session import Session
from nodes.state import Finding
from nodes.toolbox import Toolbox
from workspace.output import clipped

MAX_NAMES = 3
"""Most names that one prompt shows the usage of."""

MAX_SHOWN = 1500
"""Most characters for one name."""

_HUNK = re.compile(r"^@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@")
_QUOTED = re.compile(r"['\"`]([A-Za-z_][\w.]*)['\"`]")
_CALLED = re.compile(r"\b([A-Za-z_]\w*)\(")


def uses_of(names: Iterable[str], toolbox: Toolbox) -> str:
    """Where code uses these names; those that the project does not know are left out."""
    return found_by("references", names, toolbox, limit=8)


def definitions_of(findings: Iterable[Finding], toolbox: Toolbox) -> str:
    """How the project really defines what the findings name, so that a repair guesses nothing."""
    text = "\n".join(finding["message"] for finding in findings)
    return found_by("symbol", [*_QUOTED.findall(text), *_CALLED.findall(text)], toolbox, limit=2)


def found_by(tool: str, names: Iterable[str], toolbox: Toolbox, *, limit: int) -> str:
    """What a tool says about the first few names that it finds anything for."""
    shown: list[str] = []
    for name in dict.fromkeys(names):
        answer = toolbox.use(tool, name=name, limit=limit)
        if not answer.refused and not answer.text.startswith("0 "):
            shown.append(clipped(answer.text, MAX_SHOWN))
        if len(shown) == MAX_NAMES:
            break
    return "\n".join(shown)


def changed_names(diff: str, session: Session, lane: str) -> list[str]:
    """Public functions, classes and the like that a difference touches, by name, as they are on the lane now."""
    index = session.index(lane)
    names: list[str] = []
    for path, spans in changed_lines(diff).items():
        for symbol in index.outline(path):
            touched = any(symbol.start < end and first <= symbol.end for first, end in spans)
            if touched and symbol.kind not in ("variable", "constant") and not symbol.name.startswith("_"):
                names.append(symbol.name)
    return list(dict.fromkeys(names))


def changed_lines(diff: str) -> dict[str, list[tuple[int, int]]]:
    """By file that still exists, the lines (first, behind the last) that a unified difference adds or passes."""
    spans: dict[str, list[tuple[int, int]]] = {}
    path = ""
    for line in diff.splitlines():
        if line.startswith("+++ "):
            path = line[4:].removeprefix("b/") if line != "+++ /dev/null" else ""
        elif path and (hunk := _HUNK.match(line)):
            first = int(hunk[1])
            spans.setdefault(path, []).append((first, first + int(hunk[2] or 1)))
    return spans
