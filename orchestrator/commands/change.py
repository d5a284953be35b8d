"""Commands that change what a run did or does: cancel, apply, undo."""

import os
import signal
import time
from argparse import Namespace
from contextlib import suppress

from orchestrator.errors import UsageError
from orchestrator.fold import view_of
from orchestrator.project import state_folder
from orchestrator.result import line_of
from orchestrator.signals import ignored
from orchestrator.view import RunView
from orchestrator.words import listed, number
from workspace.apply import apply as apply_change
from workspace.apply import recover
from workspace.apply import undo as undo_change
from workspace.errors import EventsLost, RunBusy
from workspace.move import journal
from workspace.run import Run
from workspace.sweep import sweep

PATIENCE = 10.0
"""Seconds that a cancelled run may take to end."""


def cancel(options: Namespace) -> int:
    """Interrupt the process that drives a run, and wait until it has let go."""
    run = Run.open(state_folder(os.environ), options.run)
    pid = driver_of(run)
    if pid is None:
        raise UsageError(f"Run {run.id[:8]} is not being driven.", fix=f"See: orchestrator show {run.id[:8]}")
    if pid == 0:
        raise UsageError(f"The process that drives run {run.id[:8]} is not known.", fix="End it where it was started.")
    os.kill(pid, signal.SIGTERM)
    end = time.monotonic() + PATIENCE
    while driver_of(run) is not None:
        if time.monotonic() > end:
            raise UsageError(
                f"The process {pid} does not let go of run {run.id[:8]}.", fix=f"End it with: kill -9 {pid}"
            )
        time.sleep(0.05)
    print(f"Interrupted. Go on with: orchestrator resume {run.id[:8]}")
    return 0


def driver_of(run: Run) -> int | None:
    """The id of the process that drives a run now, 0 where it is not known, None where none does."""
    try:
        with run.lock():
            return None
    except RunBusy as busy:
        return busy.pid


def apply(options: Namespace) -> int:
    """Bring the verified change into the user's files."""
    run = Run.open(state_folder(os.environ), options.run)
    with run.lock(), ignored():
        catch_up(run)
        view = view_of(run.events.read())
        refuse_unfinished(run, view)
        done = apply_change(run, view.base, view.head)
        run.events.emit("run.applied", files=done.files)
    return said(run, options, "applied", done.files, f"Take it back with: orchestrator undo {run.id[:8]}")


def catch_up(run: Run) -> None:
    """Finish a step that a crash interrupted, and tell of one that was finished when the crash came before the word."""
    sweep(run)
    recover(run)
    move, told = journal(run), view_of(run.events.read()).applied
    files = [step["path"] for step in move["steps"]] if move else []
    if move and move["state"] == "applied" and not told:
        run.events.emit("run.applied", files=files)
    if move and move["state"] == "undone" and told:
        run.events.emit("run.undone", files=files)


def refuse_unfinished(run: Run, view: RunView) -> None:
    """Only what a finished run stands by is applied."""
    name = run.id[:8]
    if view.applied:
        raise UsageError(f"Run {name} is applied already.", fix=f"Take it back with: orchestrator undo {name}")
    if view.outcome in ("", "interrupted", "planned"):
        raise UsageError(f"Run {name} is not finished.", fix=f"Go on with: orchestrator resume {name}")
    if view.head == view.base:
        raise UsageError(f"Run {name} changed nothing that was verified.", fix=f"See: orchestrator show {name}")
    if view.outcome == "failed" and not view.refused:
        raise UsageError(f"Run {name} failed its last check: {view.reason}.", fix=f"See: orchestrator diff {name}")


def undo(options: Namespace) -> int:
    """Restore what a run changed, byte for byte."""
    run = Run.open(state_folder(os.environ), options.run)
    with run.lock(), ignored():
        # The journal of the step decides: events that are lost keep nobody from having their files back.
        with suppress(EventsLost):
            catch_up(run)
        files = undo_change(run)
        run.events.emit("run.undone", files=files)
    return said(run, options, "undone", files, f"Apply it again with: orchestrator apply {run.id[:8]}")


def said(run: Run, options: Namespace, what: str, files: list[str], next_step: str) -> int:
    """Tell what was done to which files."""
    if options.json:
        print(line_of({"v": 1, "run": run.id, what: True, "files": files}))
    else:
        print(f"{number(len(files), 'file')} {what}: {listed(files, 12)}\n{next_step}")
    return 0
