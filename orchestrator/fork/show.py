"""A comparison for people: 80 columns, the answer first."""

from typing import TYPE_CHECKING

from orchestrator.fork.compare import Comparison, Side
from orchestrator.words import duration, number, one_line, short

if TYPE_CHECKING:
    from rich.console import Group

MOST_LINES = 60
"""Lines of a difference that are shown whole."""


def text_of(found: Comparison) -> str:
    """The comparison as plain text."""
    from io import StringIO

    from rich.console import Console

    console = Console(file=StringIO(), width=80, color_system=None, force_jupyter=False)
    console.print(shown(found))
    lines = console.file.getvalue().splitlines()  # type: ignore[attr-defined]
    return "\n".join(line.rstrip() for line in lines)


def shown(found: Comparison) -> "Group":
    """The comparison as it is printed."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold", expand=True)
    table.add_column("", style="dim", no_wrap=True, max_width=16)
    for side, name in ((found.a, "A"), (found.b, "B")):
        table.add_column(f"{name}  {side.run[:8]}", ratio=1, overflow="fold")
    for title, a, b in rows(found):
        style = "" if a == b else "cyan"
        table.add_row(title, Text(a, style), Text(b, style))
    for task in found.tasks:
        style = "" if task.a == task.b else "cyan"
        table.add_row(one_line(task.id, 16), Text(task.a or "-", style), Text(task.b or "-", style))
    return Group(Text(one_line(verdict(found), 300), "bold"), Text(""), table, Text(""), Text(ending(found)))


def verdict(found: Comparison) -> str:
    """In one sentence: where they part."""
    calls = number(found.shared, "call")
    if found.parting is None:
        return f"A and B are the same in all {calls}"
    a, b = found.parting.a, found.parting.b
    where = a if a == b or not b else b if not a else f"{a} in A and {b} in B"
    return f"{calls} in common; they part at {where}: {found.parting.how}"


def rows(found: Comparison) -> list[tuple[str, str, str]]:
    """The rows about whole runs; those that say nothing of either are left out."""
    a, b = found.a, found.b

    def cost(side: Side) -> str:
        return "not known" if side.cost is None else f"${side.cost:.4f}"

    every = [
        ("fork of", a.fork_of, b.fork_of),
        ("outcome", a.outcome, b.outcome),
        ("models", ", ".join(a.models), ", ".join(b.models)),
        ("steps", str(a.steps), str(b.steps)),
        ("attempts", str(a.attempts), str(b.attempts)),
        ("calls", str(a.calls), str(b.calls)),
        ("tokens", *(f"{short(side.prompt_tokens)} + {short(side.completion_tokens)}" for side in (a, b))),
        ("cost", cost(a), cost(b)),
        ("time", duration(a.seconds), duration(b.seconds)),
    ]
    rows = [(title, one_line(one, 200) or "-", one_line(other, 200) or "-") for title, one, other in every]
    return [row for row in rows if row[1:] not in (("-", "-"), ("not known", "not known"))]


def ending(found: Comparison) -> str:
    """How their last trees differ."""
    if found.same_files:
        return "both end with the same files"
    lines = [f"{number(len(found.files), 'file')} differ in the end (lines of A alone, of B alone):"]
    lines += [f"  {one_line(file.path, 60):<60} -{file.only_a} +{file.only_b}" for file in found.files[:20]]
    if len(found.files) > 20:
        lines.append(f"  and {len(found.files) - 20} more")
    return "\n".join(lines).replace("1 file differ ", "1 file differs ")
