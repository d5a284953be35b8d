"""The command ``orchestrator``: one command line in, one exit code out."""

import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from orchestrator.arguments import parse
from orchestrator.errors import UsageError
from orchestrator.exits import FAILED, INTERRUPTED, USAGE

if TYPE_CHECKING:
    from argparse import Namespace

Command = Callable[["Namespace"], int]

HOME_OF_COMMAND = {
    "auto": "start",
    "plan": "start",
    "fix": "start",
    "search": "start",
    "review": "start",
    "resume": "start",
    "fork": "fork",
    "runs": "runs",
    "show": "runs",
    "diff": "runs",
    "watch": "watch",
    "report": "report",
    "cancel": "change",
    "apply": "change",
    "undo": "change",
    "agents": "agents",
    "model": "model",
    "tools": "tools",
    "doctor": "doctor",
    "init": "init",
    "config": "config",
    "completion": "completion",
    "host": "host",
    "opencode": "opencode",
    "acp": "acp",
    "studio": "studio",
    "batch": "batch",
    "worker": "worker",
}
"""The module of :mod:`orchestrator.commands` that holds a command; only the one that is asked for is imported."""


def main(argv: Sequence[str] | None = None) -> int:
    """Carry out a command line and return its exit code; a person never sees a traceback."""
    arguments = sys.argv[1:] if argv is None else list(argv)
    try:
        code = carry_out(arguments)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        # The reader of the output has gone (`orchestrator runs | head`): nothing is left to say, nor to flush at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    except UsageError as fault:
        return refused(str(fault), USAGE, arguments)
    except Exception as fault:
        from orchestrator.faults import explained

        message, code = explained(fault)
        return refused(message, code, arguments)


def carry_out(arguments: Sequence[str]) -> int:
    """Parse, find the command's module, call it."""
    try:
        options = parse(arguments or ["--help"])
    except SystemExit as done:
        # Help or version was printed; without arguments nothing was asked for.
        return int(done.code or 0) if arguments else USAGE
    if options.command is None:
        raise UsageError("No command is given.", fix="See: orchestrator --help")
    from orchestrator.imports import collector_paused

    with collector_paused():
        module = import_module(f"orchestrator.commands.{HOME_OF_COMMAND[options.command]}")
    command: Command = getattr(module, options.command)
    return command(options)


def refused(message: str, code: int, arguments: Sequence[str]) -> int:
    """Say in one sentence why nothing (more) was done; with --json also as a result object."""
    from orchestrator.words import clean

    print(f"orchestrator: {clean(message)}", file=sys.stderr)
    if "--json" in arguments:
        from orchestrator.result import refusal

        print(refusal(message, code))
    return code
