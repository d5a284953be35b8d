"""The end of a run in five seconds: how it ended, what proved it, what changed, what to do next."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from orchestrator.screen import evidence_text, sign
from orchestrator.view import CheckView, Evidence, RunView, TaskView
from orchestrator.words import clean, command_text, duration, listed, number, one_line, short

STYLES = {
    "verified": "bold green",
    "unverified": "bold yellow",
    "planned": "bold cyan",
    "interrupted": "bold yellow",
    "budget": "bold yellow",
    "": "bold cyan",
}
"""Style of an outcome; any other is bad news."""

MAX_TASKS = 12
"""Most tasks that are told one by one."""

MAX_LEFT = 6
"""Most tasks that are named as left."""

MAX_FILES = 12
"""Most changed files that are listed by name."""

MAX_BLOCKED = 5
"""Most things that were kept from happening that are told one by one."""


def summary(view: RunView, *, plain: bool = False) -> RenderableType:
    """The whole summary; `plain` keeps to ASCII signs."""
    parts: list[RenderableType] = [_outcome(view)]
    if view.answer:
        parts += [Text(""), Text(clean(view.answer))]
    if facts := _facts(view):
        parts += [Text(""), *facts]
    if view.tasks and view.kind != "question":
        parts += [Text(""), *_tasks(view, plain)]
    red = [check for check in view.final if not check.passed]
    if red:
        parts += [Text(""), *(_red(check) for check in red)]
    notes = _blocked(view) + [Text(f"warning: {one_line(text, 200)}", "yellow") for text in view.warnings[-5:]]
    if notes:
        parts += [Text(""), *notes]
    parts += [Text(""), _used(view), *_next_steps(view)]
    return Group(*parts)


def _facts(view: RunView) -> list[RenderableType]:
    """What changed, what proved it, what is left: one line each."""
    facts: list[tuple[str, Text]] = []
    if view.files or view.conflicts:
        facts.append(("changed", _files(view)))
    if view.tasks and view.kind != "question" and view.outcome != "planned":
        facts += [("proved", _proof(view)), ("left", _left(view))]
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True, style="bold")
    table.add_column(overflow="fold")
    for name, text in facts:
        table.add_row(name, text)
    return [table] if facts else []


def _proof(view: RunView) -> Text:
    """What executed commands said: of the tasks, and of the orchestrator's own run of the checks on the final tree."""
    turned = [task for task in view.tasks.values() if any(map(_turned, view.evidence(task)))]
    text = Text(f"{len(turned)} of {number(len(view.tasks), 'task')} ", "")
    text.append("red → green", "green" if turned else "dim")
    if view.final:
        green = sum(check.passed for check in view.final)
        text.append("; on the final tree ", "dim")
        text.append(f"{number(green, 'check')} green", "green" if green else "dim")
        if red := len(view.final) - green:
            text.append(f", {red} red", "red")
    return text


def _turned(evidence: Evidence) -> bool:
    before, after = evidence.before, evidence.after
    return before is not None and after is not None and not before.passed and after.passed


def _left(view: RunView) -> Text:
    """The tasks that are not verified."""
    left = [task for task in view.tasks.values() if task.state != "verified"]
    if not left:
        return Text("nothing", "green" if view.outcome == "verified" else "dim")
    told = [f"{one_line(task.id, 40)} ({one_line(task.state, 20)})" for task in left]
    return Text(listed(told, MAX_LEFT), "yellow")


def _outcome(view: RunView) -> Text:
    text = Text(one_line(view.outcome or "not finished", 40).upper(), STYLES.get(view.outcome, "bold red"))
    if view.reason:
        text.append(f"  {one_line(view.reason, 400)}", "default not bold")
    return text


def _tasks(view: RunView, plain: bool) -> list[RenderableType]:
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, style="dim")
    table.add_column(overflow="fold")
    # What is not verified is what a person wants to know; of the rest, as many as one can take in.
    kept = sorted(view.tasks.values(), key=lambda task: task.state == "verified")[:MAX_TASKS]
    for task in view.tasks.values():
        if task in kept:
            table.add_row(sign(task.state, plain), one_line(task.id, 16), Group(*_task_lines(view, task)))
    more = len(view.tasks) - len(kept)
    return [table, Text(f"and {number(more, 'more task')}", "dim")] if more else [table]


def _task_lines(view: RunView, task: TaskView) -> list[Text]:
    lines = [Text(one_line(task.title, 100))]
    for evidence in view.evidence(task):
        line = evidence_text(evidence)
        line.no_wrap, line.overflow = True, "ellipsis"
        line.append(f"  {command_text(evidence.command, 50)}", "dim")
        lines.append(line)
    if task.state not in ("verified", "working"):
        reason = task.reason or ("; ".join(task.findings[:2]) if task.findings else "")
        lines.append(Text(one_line(f"{task.state}: {reason}" if reason else task.state, 200), "yellow"))
        if task.attempts:
            lines.append(Text(one_line(f"tried: {', '.join(task.attempts)}", 200), "dim"))
    return lines


def _red(check: CheckView) -> Text:
    """A check that is red on the final tree."""
    return Text.assemble(("red", "red"), (f"  {command_text(check.command, 60)}{_failures(check)}", "dim"))


def _failures(check: CheckView) -> str:
    return f" ({number(len(check.failures), 'failure')})" if check.failures else ""


def _files(view: RunView) -> Text:
    if view.conflicts:
        names = ", ".join(one_line(name, 100) for name in view.conflicts[:MAX_FILES])
        return Text(f"not applied, you changed the same lines meanwhile: {names}", "yellow")
    state = "undone" if view.undone else "applied to your files" if view.applied else "not applied yet"
    text = Text(f"{number(len(view.files), 'file')} {state}: ", "default")
    text.append(", ".join(one_line(name, 100) for name in view.files[:MAX_FILES]), "cyan")
    if len(view.files) > MAX_FILES:
        text.append(f" and {len(view.files) - MAX_FILES} more", "dim")
    return text


def _blocked(view: RunView) -> list[Text]:
    """What the guards have kept from happening."""
    lines = [Text(f"blocked: {one_line(text, 200)}", "yellow") for text in view.blocked[:MAX_BLOCKED]]
    more = len(view.blocked) - MAX_BLOCKED
    return [*lines, Text(f"blocked: {more} more", "yellow")] if more > 0 else lines


def _used(view: RunView) -> Text:
    cost = "" if not view.cost else f", ${view.cost:.4f}"
    tokens = f"{short(view.prompt_tokens)} + {short(view.completion_tokens)} tokens"
    model = f" by {one_line(view.model, 60)}" if view.model else ""
    return Text(f"{number(view.calls, 'model call')}{model}, {tokens}{cost}, {duration(view.seconds)}", "dim")


def _next_steps(view: RunView) -> list[Text]:
    """The commands that make sense now."""
    name = one_line(view.id, 100)[:8]
    steps: list[tuple[str, str]] = []
    if view.files or view.head != view.base:
        steps.append(("see the change", f"orchestrator diff {name}"))
    if view.waits:
        steps.append(("answer", f"orchestrator resume {name} --answer yes"))
    if view.applied:
        steps.append(("take it back", f"orchestrator undo {name}"))
    elif view.files and (view.outcome != "failed" or view.refused):
        steps.append(("apply it", f"orchestrator apply {name}"))
    if view.outcome == "planned":
        steps.append(("carry it out", f"orchestrator auto --plan {name}"))
    elif view.outcome in ("interrupted", ""):
        steps.append(("go on", f"orchestrator resume {name}"))
    steps.append(("see it again", f"orchestrator show {name}"))
    width = max(len(what) for what, _ in steps)
    return [Text.assemble((f"{what:<{width}}  ", "dim"), command) for what, command in steps]
