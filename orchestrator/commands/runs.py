"""Commands that look at runs: runs, show, diff."""

import os
import sys
from argparse import Namespace
from pathlib import Path

from orchestrator.commands.prune import prune
from orchestrator.errors import UsageError
from orchestrator.fold import view_of
from orchestrator.project import state_folder
from orchestrator.result import line_of, result_of
from orchestrator.summary import STYLES, summary
from orchestrator.view import RunView
from orchestrator.watch import console_on
from orchestrator.words import clean, duration, listed, number, one_line
from workspace.errors import RunBroken, RunNewer
from workspace.run import Run, list_runs, unreadable

NEWEST = 20
"""Runs that are listed without --all."""


def runs(options: Namespace) -> int:
    """One line for each run, the newest first; or the action on them."""
    if options.action == "prune":
        return prune(options)
    if options.action == "compare":
        from orchestrator.commands.compare import compare

        return compare(options)
    if options.action == "serve":
        from orchestrator.commands.serve import serve

        return serve(options)
    found = list_runs(state_folder(os.environ))
    shown = found if options.all else found[:NEWEST]
    views = [(run, seen(run)) for run in shown]
    if options.json:
        for run, view in views:
            print(line_of(brief(run, view)))
        return 0
    if broken := unreadable(state_folder(os.environ)):
        print(f"{number(len(broken), 'run folder')} cannot be read: {listed(broken)}", file=sys.stderr)
    if not found:
        print('There is no run yet. Start one: orchestrator auto "fix the failing tests"')
        return 0
    print_table(views)
    if len(shown) < len(found):
        print(f"and {len(found) - len(shown)} older: orchestrator runs --all")
    return 0


def seen(run: Run) -> RunView:
    """The view of a run in a list: one that cannot be read says so, and hides none of the others."""
    try:
        return view_of(run.events.read())
    except RunNewer:
        return RunView(outcome="newer")
    except RunBroken:
        return RunView(outcome="damaged")


def brief(run: Run, view: RunView) -> dict[str, object]:
    """A run in one record."""
    return {
        "v": 1,
        "run": run.id,
        "created": run.created,
        "root": str(run.root),
        "request": run.request,
        "outcome": view.outcome or "open",
        "tasks": len(view.tasks),
        "verified": view.count("verified"),
        "calls": view.calls,
        "seconds": round(view.seconds, 1),
        "applied": view.applied,
    }


def print_table(views: list[tuple[Run, RunView]]) -> None:
    """The list for people."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="dim", expand=True)
    for title, width in {"run": 8, "started": 16, "outcome": 11, "tasks": 5, "calls": 5, "time": 7}.items():
        table.add_column(title, width=width, no_wrap=True, justify="left" if width >= 8 else "right")
    table.add_column("request", ratio=1, no_wrap=True, overflow="ellipsis")
    for run, view in views:
        outcome = view.outcome or "open"
        table.add_row(
            run.id[:8],
            run.created[:16].replace("T", " "),
            Text(outcome, STYLES.get(view.outcome, "red")),
            f"{view.count('verified')}/{len(view.tasks)}",
            str(view.calls),
            duration(view.seconds),
            Text(one_line(run.request, 200)),
        )
    console_on(sys.stdout).print(table)


def show(options: Namespace) -> int:
    """How a run went, from its events alone; as summary, as result object, or as a picture."""
    run = Run.open(state_folder(os.environ), options.run)
    events = list(run.events.read())
    if not events:
        raise UsageError(
            f"Run {run.id[:8]} has written nothing down yet.", fix="Start it: orchestrator resume " + run.id[:8]
        )
    if options.play or options.cast or options.film:
        from orchestrator.commands.film import film

        return film(options, events)
    if options.svg:
        from orchestrator.picture import write_picture

        write_picture(events, Path(options.svg))
        print(f"written: {clean(options.svg)}")
        return 0
    if options.json:
        endings = [event for event in events if event["type"] == "run.finished"]
        print(line_of(result_of(endings[-1]) if endings else brief(run, view_of(events))))
        return 0
    view = view_of(events)
    console = console_on(sys.stdout)
    from rich.text import Text

    console.print(Text(clean(run.request), "bold"))
    console.print(Text(f"{one_line(str(run.root), 200)} · {run.created[:16].replace('T', ' ')} · {run.id}", "dim"))
    if origin := run.settings.get("fork"):
        console.print(Text(f"a fork of {origin['run'][:8]}, from {one_line(origin['step'], 80)} on", "dim"))
    console.print()
    console.print(summary(view, plain=console.options.ascii_only))
    return 0


def diff(options: Namespace) -> int:
    """The change of a run as a patch; coloured where a person looks at it, byte-exact where a program reads it."""
    run = Run.open(state_folder(os.environ), options.run)
    view = view_of(run.events.read())
    if not view.base:
        raise UsageError(f"Run {run.id[:8]} has no snapshot yet.", fix=f"Start it: orchestrator resume {run.id[:8]}")
    patch = run.repository.diff(view.base, view.head)
    if not sys.stdout.isatty():
        sys.stdout.buffer.write(patch.encode("utf-8", "surrogateescape"))
        return 0
    console = console_on(sys.stdout)
    from rich.text import Text

    for line in patch.splitlines():
        console.print(Text(clean(line), style_of(line)), soft_wrap=True)
    if not patch:
        print("Nothing was changed.")
    return 0


def style_of(line: str) -> str:
    """Colour of a line of a patch."""
    if line.startswith(("diff ", "index ", "--- ", "+++ ")):
        return "bold"
    return {"+": "green", "-": "red", "@": "cyan"}.get(line[:1], "")
