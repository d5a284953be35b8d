"""The live picture of a run: plan tree with states, what each agent does now, the last check, and what was used."""

from collections import Counter
from collections.abc import Sequence

from rich.console import Console, Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from orchestrator.view import CheckView, Evidence, RunView, TaskView
from orchestrator.words import command_text, duration, number, one_line, short

SIGNS = {
    "waiting": ("○", "o", "dim"),
    "working": ("◐", ">", "cyan"),
    "verified": ("●", "+", "green"),
    "unverified": ("◌", "?", "yellow"),
    "failed": ("✗", "x", "red"),
    "stuck": ("✗", "x", "red"),
    "blocked": ("⊘", "-", "red"),
    "budget": ("■", "#", "yellow"),
    "provider": ("■", "#", "yellow"),
    "replaced": ("↷", "~", "dim"),
}
"""For each state of a task: its sign, the same where the terminal knows ASCII only, and its style."""

RESULT = r"  (?P<green>green)(?= · )|  (?P<red>red)(?= [(·])"
"""What a check said, in a plain line; each group has the style of its name."""

TIGHT = 14
"""Lines of a terminal below which the picture goes without what is only there for looks."""

WIDE = 110
"""Columns from which on a task's newest result stands beside it."""


def draw(view: RunView, console: Console, *, seconds: float, recent: Sequence[str] = ()) -> RenderableType:
    """The picture at this moment, no higher than the console.

    `seconds` is the time since the run began; `recent` holds lines of what happened, shown where there is room.
    """
    width, height = console.size
    gap: list[RenderableType] = [] if height < TIGHT else [Text("")]
    head = _head(view, width, seconds, tight=height < TIGHT)
    bars = [bars] if (bars := _budget_bars(view, seconds, width)) and height > 4 else []
    below = [*gap, *([_check_line(view.last_check, width)] if height > 3 else []), _used(view), *bars]
    room = max(1, height - 1 - len(head) - len(gap) - len(below))  # the last line is the cursor's
    if view.tasks:
        middle = _tasks(view, room, width, console.options.ascii_only)
        lines = min(room, len(view.tasks))
    else:
        middle, lines = [_line(f"  {' '.join(next(iter(doing(view)), ('',)))}", "cyan")], 1
    told = _recent(recent, room - lines - len(gap))
    return Group(*head, *gap, *middle, *(gap if told else []), *told, *below)


def _recent(lines: Sequence[str], room: int) -> list[Text]:
    told = [_line(line, "dim") for line in lines[-room:]] if room > 1 else []
    for line in told:
        line.highlight_regex(RESULT)
    return told


def sign(state: str, plain: bool = False) -> Text:
    """The sign of a task's state in its colour."""
    mark, ascii_mark, style = SIGNS.get(state, SIGNS["waiting"])
    return Text(ascii_mark if plain else mark, style)


def evidence_text(evidence: Evidence) -> Text:
    """What executions of one command said: red before, green after."""
    text = Text()
    text.append(*_colour(evidence.before))
    text.append(" → ", "dim")
    text.append(*_colour(evidence.after))
    return text


def _line(text: str, style: str) -> Text:
    """A text that takes one line, however narrow the terminal is."""
    return Text(text, style, no_wrap=True, overflow="ellipsis")


def _head(view: RunView, width: int, seconds: float, *, tight: bool) -> list[RenderableType]:
    head = Table.grid(expand=True)
    head.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
    head.add_column(justify="right", no_wrap=True)
    head.add_row(Text(one_line(view.request, width), "bold"), Text(duration(seconds), "bold"))
    about = " · ".join(
        part for part in (view.model and f"model {view.model}", view.kind, one_line(view.root, 60)) if part
    )
    return [head] if tight else [head, _line(one_line(about, width), "dim")]


def _now(view: RunView) -> str:
    """What happens while there is no plan yet."""
    if not view.base:
        return "takes a snapshot of the folder"
    if not view.checks and not view.model:
        return "looks for the project's checks"
    if len(view.baseline) < len(view.checks):
        return f"runs the checks as they are now: {command_text(view.checks[len(view.baseline)], 50)}"
    return "reads the request"


def doing(view: RunView) -> list[tuple[str, str]]:
    """Who is at work now, and on what."""
    lanes = [(agent_text(task), task.title or task.id) for task in view.tasks.values() if task.agent]
    if lanes or view.outcome:
        return lanes
    return [(one_line(view.agent or "orchestrator", 40), _now(view))] if view.agent or not view.tasks else []


def agent_text(task: TaskView) -> str:
    """The agent that works on a task, and which attempt it is."""
    attempt = task.attempt + (task.agent in ("coder", "fixer"))
    return f"{one_line(task.agent, 40)}{f' · attempt {attempt}' if attempt else ''}"


def _tasks(view: RunView, room: int, width: int, plain: bool) -> list[RenderableType]:
    """The tasks as a tree by dependency; where they do not all fit, the settled ones give way first."""
    depths = _depths(view)
    shown = _window(list(view.tasks.values()), room)
    table = Table.grid(padding=(0, 1), expand=True)
    table.add_column(no_wrap=True, overflow="ellipsis", ratio=3)
    table.add_column(no_wrap=True, overflow="ellipsis", ratio=2)
    if width >= WIDE:
        table.add_column(no_wrap=True, overflow="ellipsis", ratio=3)
    for task in shown:
        name = Text("  " + "  " * min(depths[task.id], 6))
        name.append_text(sign(task.state, plain))
        name.append(f" {one_line(task.id, 16)} ", "dim")
        name.append(
            one_line(task.title, width), "" if task.state == "working" else SIGNS.get(task.state, ("", "", ""))[2]
        )
        table.add_row(name, _doing(view, task), *([_newest(task, width)] if width >= WIDE else []))
    rest = [task for task in view.tasks.values() if task not in shown]
    return [table, _line(f"    and {_counted(rest)}", "dim")] if rest else [table]


def _counted(tasks: Sequence[TaskView]) -> str:
    """How many tasks these are, and in which states."""
    states = Counter(one_line(task.state, 20) for task in tasks)
    return f"{number(len(tasks), 'more task')}: {', '.join(f'{n} {state}' for state, n in states.items())}"


def _newest(task: TaskView, width: int) -> Text:
    """What was last found about a task: its findings, else its last check."""
    if task.findings:
        return Text(one_line(task.findings[0], width), "yellow")
    if not task.checks:
        return Text("")
    check = task.checks[-1]
    return Text.assemble(_colour(check), ("  " + command_text(check.command, width // 3), "dim"))


def _depths(view: RunView) -> dict[str, int]:
    """How deep each task stands in the tree: one more than the deepest task that it waits for."""
    depths: dict[str, int] = {}
    for task in view.tasks.values():  # a plan lists a task after what it depends on; anything else counts as a root
        depths[task.id] = max((depths[d] + 1 for d in task.depends_on if d in depths), default=0)
    return depths


def _window(tasks: list[TaskView], room: int) -> list[TaskView]:
    if len(tasks) <= room:
        return tasks
    order = {"working": 0, "failed": 1, "stuck": 1, "waiting": 2}
    kept = sorted(tasks, key=lambda task: order.get(task.state, 3))[: max(0, room - 1)]
    return [task for task in tasks if task in kept]


def _doing(view: RunView, task: TaskView) -> Text:
    if task.agent:
        return Text(agent_text(task), "cyan")
    if task.state == "working":
        return Text("" if task.checks or task.attempt else "queued", "dim")
    evidence = view.evidence(task)
    if evidence and task.state in ("verified", "unverified"):
        return evidence_text(evidence[0])
    return Text(one_line(task.reason or task.state, 60), "dim")


def _colour(check: CheckView | None) -> tuple[str, str]:
    if check is None:
        return "not run", "dim"
    return ("green", "green") if check.passed else ("red", "red")


def _check_line(check: CheckView | None, width: int) -> Text:
    if check is None:
        return _line("  no check has run yet", "dim")
    text = _line("  last check  ", "dim")
    text.append(command_text(check.command, max(20, width - 36)))
    text.append("  ")
    text.append(*_colour(check))
    text.append(f"  {check.seconds:.1f} s", "dim")
    return text


def _used(view: RunView) -> Text:
    parts = [
        number(view.calls, "call"),
        f"{short(view.prompt_tokens)} + {short(view.completion_tokens)} tokens",
        f"{view.count('verified')}/{len(view.tasks)} verified",
    ]
    if view.cost:
        parts.append(f"${view.cost:.2f}")
    return _line("  " + " · ".join(parts), "dim")


def _budget_bars(view: RunView, seconds: float, width: int) -> RenderableType | None:
    """How much of each limit is used; None where nothing is limited."""
    budget = view.settings.get("budget", {})
    tokens = view.prompt_tokens + view.completion_tokens
    spent = {"calls": float(view.calls), "tokens": float(tokens), "cost": view.cost or 0.0, "seconds": seconds}
    limited = [(name, spent[name], float(budget[name])) for name in spent if budget.get(name)]
    if not limited or width < 40:
        return None
    figures = [f"{short(int(used))}/{short(int(limit))} {name}" for name, used, limit in limited]
    bar = min(20, (width - 2 - sum(len(text) + 2 for text in figures)) // len(figures))
    if bar < 3:
        return _line("  " + " · ".join(figures), "dim")
    cells: list[RenderableType] = [Text("")]
    for (_, used, limit), text in zip(limited, figures, strict=True):
        cells += [ProgressBar(total=limit, completed=min(used, limit), width=bar), _line(text, "dim")]
    grid = Table.grid(padding=(0, 1))
    grid.add_row(*cells)
    return grid
