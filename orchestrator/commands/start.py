"""Commands that start or drive a run: auto, plan, fix, search, review, resume."""

import os
from argparse import Namespace
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from pathlib import Path
from threading import Event
from typing import Any

from models.resolve import resolve
from nodes.permission import Permission, everything
from orchestrator.arguments import flags_of
from orchestrator.attend import Output, Work, attend, is_attended
from orchestrator.checkpoints import shared_saver
from orchestrator.condition import refuse_unsound
from orchestrator.config import stored
from orchestrator.drive import drive
from orchestrator.errors import UsageError
from orchestrator.fold import view_of
from orchestrator.langgraph_settings import prepare_environment
from orchestrator.layers import load
from orchestrator.project import project_folder, request_text, state_folder
from orchestrator.question import Ask, first
from orchestrator.result import Result
from orchestrator.solo import alone, reviewer, searcher
from orchestrator.view import RunView
from orchestrator.watch import Display
from workspace.run import Run
from workspace.sandbox import choose_sandbox

REPAIR = "Repair these errors, and nothing else:\n\n{errors}"
"""What `fix` asks of the team."""


@dataclass(frozen=True)
class Hosted:
    """What a program that hosts a run brings along: how it is shown, and whom it asks."""

    display: Display
    permission: Permission
    ask: Ask
    attended: bool = False
    """Whether a person is there who may answer a question later, by a command of the host's."""


def auto(options: Namespace) -> int:
    """The whole loop; with ``--plan`` on a plan that was made before."""
    if options.plan:
        if options.request:
            raise UsageError("--plan carries its own request.", fix="Leave TASK away.")
        return go_on(options.plan, options)
    return begin(options, plan_only=False)


def plan(options: Namespace) -> int:
    """Decompose only."""
    return begin(options, plan_only=True)


def fix(options: Namespace) -> int:
    """Repair the errors that are given, verified like any change."""
    options.request = REPAIR.format(errors=request_text(options.errors))
    return begin(options)


def search(options: Namespace) -> int:
    """The searcher alone."""
    return searching(options, request_text(options.what))


def searching(options: Namespace, what: str, hosted: Hosted | None = None) -> int:
    """Start a run that only searches."""
    return start(options, what, lambda run, home: alone(run, home, searcher(what)), hosted)


def review(options: Namespace) -> int:
    """The reviewer alone."""
    return reviewing(options, options.revision or "")


def reviewing(options: Namespace, revision: str, hosted: Hosted | None = None) -> int:
    """Start a run that only reviews."""
    request = f"review {revision or 'what is not committed yet'}"
    return start(options, request, lambda run, home: alone(run, home, reviewer(revision)), hosted)


def resume(options: Namespace) -> int:
    """Go on with a run of an earlier process."""
    return go_on(options.run, options)


def begin(options: Namespace, *, plan_only: bool = False, hosted: Hosted | None = None) -> int:
    """Start the whole loop, or its plan alone."""
    permission = hosted.permission if hosted else everything

    def work(run: Run, home: Path) -> Work:
        return partial(drive, run, home, plan_only=plan_only, permission=permission)

    return start(options, request_text(options.request), work, hosted)


def start(options: Namespace, request: str, work: Callable[[Run, Path], Work], hosted: Hosted | None = None) -> int:
    """Make a run and have it worked on, after everything that can be refused has been looked at."""
    home = state_folder(os.environ, make=True)
    root = project_folder(options.root, home)
    settings = load(root, os.environ, flags_of(options)).settings
    kept = stored(settings)
    if settings.model.spec and settings.model.spec.startswith("replay:"):
        kept["model"]["spec"] = f"replay:{Run.open(home, settings.model.spec.removeprefix('replay:')).id}"
    # Looked at now, so that missing native tools, model, sandbox or database leave no run behind.
    import_module("tools.search")
    resolve(None, None, kept, os.environ, home)
    choose_sandbox(unsafe=settings.unsafe)
    if settings.checkpoints:
        prepare_environment(os.environ)
        with shared_saver(settings.checkpoints):
            pass
    output = output_of(options, settings.headless, hosted)
    kept["attended"] = hosted.attended if hosted else is_attended(output.headless)
    run = Run.create(home, root, request, kept)
    return attend(run, home, output, work(run, home), hosted.ask if hosted else None)


def output_of(options: Namespace, headless: bool, hosted: Hosted | None) -> Output:
    """Where the output goes: to the terminal as the flags say, or to the host."""
    output = Output(headless, options.json, options.events, options.manner or "")
    return replace(output, headless=True, display=hosted.display) if hosted else output


def go_on(name: str, options: Namespace, hosted: Hosted | None = None) -> int:
    """Drive an existing run to its end."""
    home = state_folder(os.environ)
    run = Run.open(home, name)
    refuse_unsound(run)
    view = view_of(run.events.read())
    given = {name: values for name, values in flags_of(options).items() if name in ("budget", "model")}
    refuse_ended(run, view, more="budget" in given)
    if given:
        run = with_changes(run, given)
    headless = bool(options.headless or run.settings.get("headless"))
    permission = hosted.permission if hosted else everything
    work: Work = partial(drive, run, home, permission=permission)
    if answer := getattr(options, "answer", None):
        if not view.waits:
            raise UsageError(f"Run {run.id[:8]} has asked nothing.", fix="Leave --answer away.")
        work = partial(answered, answer, work)
    return attend(run, home, output_of(options, headless, hosted), work, hosted.ask if hosted else None)


def answered(words: str, work: Work, ask: Ask | None, interrupted: Event) -> Result:
    """Go on with the answer to what the run waits for; whoever is there answers what comes after it."""
    return work(first(words, ask), interrupted)


def refuse_ended(run: Run, view: RunView, *, more: bool) -> None:
    """A run that has ended goes on only where it lacked no more than an answer, calls, or its provider."""
    if view.outcome in ("", "interrupted", "planned", "provider") or view.waits:
        return
    if view.outcome != "budget":
        raise UsageError(f"Run {run.id[:8]} has ended: {view.outcome}.", fix=f"See: orchestrator show {run.id[:8]}")
    if not more:
        raise UsageError(
            f"Run {run.id[:8]} has ended: {view.reason}.",
            fix=f"Allow more, such as: orchestrator resume {run.id[:8]} --max-calls 600",
        )


def with_changes(run: Run, given: Mapping[str, Mapping[str, Any]]) -> Run:
    """The run with these limits, or this model, on its record, the rest as it was; raises RunBusy."""
    changed = {name: {**run.settings.get(name, {}), **values} for name, values in given.items()}
    with run.lock():
        return run.with_settings({**run.settings, **changed})
