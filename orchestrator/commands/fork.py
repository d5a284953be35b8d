"""The command ``fork``: a new run that goes on otherwise from a step of another one."""

import os
import sys
from argparse import Namespace
from functools import partial
from pathlib import Path
from typing import Any

from models.resolve import resolve
from orchestrator.arguments import flags_of
from orchestrator.attend import attend, is_attended
from orchestrator.checkpoints import database_of
from orchestrator.commands.start import output_of
from orchestrator.drive import drive
from orchestrator.errors import UsageError
from orchestrator.fork.steps import Step, found, steps_of
from orchestrator.langgraph_settings import prepare_environment
from orchestrator.project import state_folder
from orchestrator.result import line_of
from orchestrator.watch import console_on
from orchestrator.words import duration, number, one_line
from workspace.move import journal
from workspace.run import Run
from workspace.sandbox import choose_sandbox


def fork(options: Namespace) -> int:
    """List the steps of a run, or make a fork at one of them and drive it to its end."""
    home = state_folder(os.environ)
    run = Run.open(home, options.run)
    steps = steps_of(run.events.read())
    if options.steps:
        return listed(run, steps, options)
    if not options.at:
        raise UsageError("At which step?", fix=f"List them: orchestrator fork {run.id[:8]} --steps")
    prepare_environment(os.environ)
    from orchestrator.fork.make import Otherwise, merged
    from orchestrator.fork.make import fork as made

    step, given, notice = found(steps, options.at), otherwise(options), ""
    if run.settings.get("apply", True) and given.get("apply", True) and in_files(run):
        given["apply"] = False
        notice = f"the change of {run.id[:8]} is in your files, so they are left alone (orchestrator undo {run.id[:8]})"
    settings = merged(run.settings, given)
    # Looked at now, so that a model or a sandbox that is missing leaves no run behind.
    resolve(None, None, settings, os.environ, home)
    choose_sandbox(unsafe=bool(settings.get("unsafe")))
    output = output_of(options, bool(options.headless or settings.get("headless")), None)
    given["attended"] = is_attended(output.headless)
    prompts = dict(pair(text, "--prompt") for text in options.prompt or ())
    new = made(run, home, step, Otherwise(given, {agent: text_of(name) for agent, name in prompts.items()}))
    told = f"fork {new.id[:8]} of {run.id[:8]} goes on at {step.name}: {number(step.number - 1, 'step')} shared"
    print("\n".join(filter(None, (told, notice))), file=output.human())
    return attend(new, home, output, partial(drive, new, home))


def in_files(run: Run) -> bool:
    """Whether the change of a run is in the user's files."""
    move = journal(run)
    return move is not None and move["state"] != "undone"


def otherwise(options: Namespace) -> dict[str, Any]:
    """The settings that the flags change."""
    given = {name: value for name, value in flags_of(options).items() if name in ("budget", "model", "apply")}
    agents = dict(pair(text, "--agent-model") for text in options.agent_model or ())
    return {**given, "agents": {agent: {"model": spec} for agent, spec in agents.items()}} if agents else given


def pair(text: str, flag: str) -> tuple[str, str]:
    """ROLE=VALUE in two; raises UsageError."""
    agent, equals, value = text.partition("=")
    if not (agent and equals and value):
        raise UsageError(f"{flag} {text} says not whose and what.", fix=f"Write it as {flag} fixer=...")
    return agent, value


def text_of(name: str) -> str:
    """The text of a prompt's file; raises UsageError."""
    try:
        return Path(name).expanduser().read_text("utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        why = getattr(fault, "strerror", None) or "it is no text"
        raise UsageError(f"The prompt {name} cannot be read ({why}).", fix="Name a text file.") from None


def listed(run: Run, steps: list[Step], options: Namespace) -> int:
    """Print the steps of a run: for people, or one JSON line each."""
    if options.json:
        for step in steps:
            about = {"number": step.number, "step": step.name, "attempt": step.attempt, "calls": step.calls}
            print(line_of({"v": 1, "run": run.id, **about, "began": round(step.began, 3), "came": step.came}))
        return 0
    if not steps:
        raise UsageError(f"Run {run.id[:8]} has no steps yet.", fix=f"See: orchestrator show {run.id[:8]}")
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="dim", expand=True)
    for title, right in {"#": True, "step": False, "at": True, "calls": True}.items():
        table.add_column(title, justify="right" if right else "left", no_wrap=True)
    table.add_column("came of it", ratio=1, no_wrap=True, overflow="ellipsis")
    for step in steps:
        calls = str(step.calls or "")
        table.add_row(str(step.number), step.name, duration(step.began), calls, Text(one_line(step.came, 200)))
    console_on(sys.stdout).print(table)
    if not (database_of(run) or run.checkpoints_path.exists()):
        return 0  # a run of one agent alone: it has steps, and nothing to go on from
    example = next((step for step in steps if step.agent == "fixer"), steps[-1]).name
    print(f"\nGo on otherwise from one of them:\n  orchestrator fork {run.id[:8]} --at {example} --model NAME")
    return 0
