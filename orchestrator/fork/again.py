"""A run driven again inside this process: as a fork that goes on otherwise, or as a replay that proves the record."""

import os
import shutil
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.resolve import resolve
from nodes.hiding import SALT, opened_secrets
from orchestrator.attend import announce
from orchestrator.drive import drive
from orchestrator.errors import UsageError
from orchestrator.fold import view_of
from orchestrator.fork.history import answers_since, before, checkpoints_of
from orchestrator.fork.make import Otherwise, fork, merged
from orchestrator.fork.steps import RUN, Step, found, steps_of
from orchestrator.langgraph_settings import prepare_environment
from orchestrator.question import Ask
from orchestrator.result import Result
from workspace.run import Run
from workspace.sandbox import choose_sandbox


@dataclass(frozen=True)
class Replayed:
    """What came of a run when it was driven again from its journal, beside what had come of it."""

    outcome: str
    tree: str
    """The tree of its head: git's name for all of its files and what is in them."""
    was_outcome: str
    was_tree: str
    calls: int
    """Answers that were taken from the journal."""
    reason: str
    """Why it ended as it did."""

    @property
    def same(self) -> bool:
        """Whether the outcome and every byte of every file are the same."""
        return (self.outcome, self.tree) == (self.was_outcome, self.was_tree)


def forked(run: Run, step: Step, given: Mapping[str, Any], prompts: Mapping[str, str], root: Path | None) -> Run:
    """Make a fork and drive it to its end; raises UsageError, NoModel, SandboxMissing and what `fork` raises."""
    home = run.folder.parents[1]
    settings = merged(run.settings, given)
    resolve(None, None, settings, os.environ, home)
    choose_sandbox(unsafe=bool(settings.get("unsafe")))
    prepare_environment(os.environ)
    new = fork(run, home, step, Otherwise({**given, "headless": True, "attended": False}, prompts, root))
    driven(new, home)
    return new


def driven(run: Run, home: Path, ask: Ask | None = None) -> Result:
    """Drive a run to its end; nobody is shown anything, and nobody asked unless `ask` answers."""
    run.events.hide = opened_secrets(run, home, os.environ).hide_all
    with run.lock():
        announce(run, known=True)
        return drive(run, home, ask, threading.Event())


def replayed(run: Run, root: Path | None = None) -> Replayed:
    """Drive a run again from its journal alone, in a folder aside that is gone afterwards.

    A fork is replayed from its step on: what it shares with the other run is that run's.
    """
    prepare_environment(os.environ)
    view, steps = view_of(run.events.read()), steps_of(run.events.read())
    if not steps:
        raise UsageError(f"Run {run.id[:8]} has no steps to replay.", fix=f"See: orchestrator show {run.id[:8]}")
    step = found(steps, run.settings["fork"]["step"]) if run.settings.get("fork") else steps[0]
    home = run.folder.parents[1]
    with tempfile.TemporaryDirectory(prefix="replay-", ignore_cleanup_errors=True) as folder:
        aside = Path(folder)
        (aside / "runs").mkdir()
        (aside / "runs" / run.id).symlink_to(run.folder.resolve())
        if (home / SALT).exists():
            shutil.copyfile(home / SALT, aside / SALT)
        settings = {
            "model": {"spec": f"replay:{run.id}"},
            "apply": False,
            "approve_apply": False,
            "headless": True,
            "attended": False,
            "checkpoints": None,
        }
        new = fork(run, aside, step, Otherwise(settings, {}, root))
        said = iter(answers_since(step, checkpoints_of(run)))
        result, now = driven(new, aside, lambda question: next(said, None)), view_of(new.events.read())
        return Replayed(
            outcome=result["outcome"],
            tree=tree_of(new, now.head),
            was_outcome=view.outcome,
            was_tree=tree_of(run, view.head),
            calls=result["usage"]["calls"],
            reason=result["reason"],
        )


def tree_of(run: Run, commit: str) -> str:
    """The tree of a commit; empty where there is none."""
    return run.repository.tree_of(commit) if commit else ""


def commit_before(run: Run, step: Step) -> str:
    """The commit with which a step began; raises UsageError where nothing had been kept by then."""
    prepare_environment(os.environ)
    values = before(step, checkpoints_of(run)).checkpoint["channel_values"]
    names = ("head",) if step.lane == RUN else ("commit", "start", "base")
    found = next((str(values[name]) for name in names if values.get(name)), "") or run.repository.ref("heads/base")
    if not found:
        raise UsageError(f"Nothing had been kept when {step.name} began.", fix="Choose a later step.")
    return found
