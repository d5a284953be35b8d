"""A run as a few lines of Markdown, for hosts that show text: the plan, who works, what was used; and its end."""

from pathlib import Path

from nodes.roles import ROLES
from orchestrator.screen import SIGNS
from orchestrator.view import CheckView, RunView, TaskView
from orchestrator.words import command_text, duration, listed, number, one_line, short

MAX_TASKS = 20
"""Most tasks that are listed."""

ESCAPED = str.maketrans({sign: f"\\{sign}" for sign in "\\`*_[]<>#|"})
"""Signs that Markdown would take for its own."""


def progress(view: RunView) -> str:
    """What happens now."""
    return "\n".join([*plan_lines(view), "", team_line(view), used_line(view)]).strip()


def report(view: RunView, path: Path | None = None) -> str:
    """How it ended, what proved it, what changed, what to do next."""
    parts = [f"**{(view.outcome or 'not finished').upper()}** {plain(view.reason, 400)}".strip()]
    if view.answer:
        parts.append(view.answer)
    if view.tasks and view.kind != "question":
        parts.append("\n".join(plan_lines(view)))
    if view.files:
        state = "applied to your files" if view.applied else "not applied"
        parts.append(f"{number(len(view.files), 'file')} {state}: {listed([code(f) for f in view.files], 12)}")
    parts += [f"Blocked: {plain(text)}" for text in view.blocked[:5]]
    parts += [f"Warning: {plain(text)}" for text in view.warnings[-5:]]
    parts.append(used_line(view))
    parts.append(next_line(view) + (f" Report: {code(str(path))}" if path else ""))
    return "\n\n".join(parts)


def plan_lines(view: RunView) -> list[str]:
    """The plan as a list with the state of each task; before there is one, what is being done."""
    if not view.tasks:
        return [f"{plain(view.request, 200)}"]
    shown = list(view.tasks.values())[:MAX_TASKS]
    more = len(view.tasks) - len(shown)
    return [task_line(view, task) for task in shown] + ([f"- and {number(more, 'more task')}"] if more else [])


def task_line(view: RunView, task: TaskView) -> str:
    """One task: sign, name, who works at it or what proved it."""
    sign = SIGNS.get(task.state, SIGNS["waiting"])[0]
    return f"- {sign} {code(task.id)} {plain(task.title, 100)}{doing(view, task)}"


def doing(view: RunView, task: TaskView) -> str:
    """What is to be said beside a task's name."""
    if task.agent:
        attempt = task.attempt + (task.agent in ("coder", "fixer"))
        return f" — {task.agent}" + (f", attempt {attempt}" if attempt else "")
    if task.state in ("waiting", "working"):
        return ""
    if task.state == "verified" and (evidence := view.evidence(task)):
        before, after = colour(evidence[0].before), colour(evidence[0].after)
        return f" — {before} → {after}: {code(command_text(evidence[0].command, 60))}"
    return f" — {task.state}" + (f": {plain(task.reason)}" if task.reason else "")


def colour(check: CheckView | None) -> str:
    """What an execution said."""
    return "not run" if check is None else "green" if check.passed else "red"


def team_line(view: RunView) -> str:
    """The six agents, those at work in bold."""
    busy = {view.agent, *(task.agent for task in view.tasks.values())}
    return " · ".join(f"**{name}**" if name in busy else name for name in ROLES)


def used_line(view: RunView) -> str:
    """Calls, tokens, money, time."""
    parts = [number(view.calls, "model call"), f"{short(view.prompt_tokens)} + {short(view.completion_tokens)} tokens"]
    parts += [f"${view.cost:.4f}"] if view.cost else []
    parts += [plain(view.model, 60)] if view.model else []
    return ", ".join([*parts, duration(view.seconds)])


def next_line(view: RunView) -> str:
    """The run's name and the one step that makes most sense now."""
    name = view.id[:8]
    steps = {
        "planned": "Carry it out with `/auto` and no text.",
        "interrupted": f"Go on with `orchestrator resume {name}`.",
        "budget": f"Allow more with `orchestrator resume {name} --max-calls 600`.",
        "provider": f"Go on with `orchestrator resume {name}`.",
    }
    step = steps.get(view.outcome, "")
    if view.waits:
        return f"Run `{name}`. Answer with `/answer-auto` and yes, no, or what should be different."
    if view.applied:
        step = "Take it back with `/undo-auto`."
    elif view.files and view.outcome != "failed":
        step = f"Apply it with `orchestrator apply {name}`."
    return f"Run `{name}`. {step}".strip()


def plain(text: str, width: int = 200) -> str:
    """Text as one line that Markdown takes for text."""
    return one_line(text, width).translate(ESCAPED)


def code(text: str) -> str:
    """Text as Markdown's code, whatever it holds."""
    line = one_line(text, 200)
    fence = "`" * (1 + max((len(run) for run in line.split("`") if not run), default=0)) if "`" in line else "`"
    return f"{fence} {line} {fence}" if "`" in line else f"`{line}`"
