"""Commands that drive a run: auto, plan, resume."""

import os
from argparse import Namespace
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from models.resolve import resolve
from orchestrator.arguments import flags_of
from orchestrator.attend import Output, attend, is_attended
from orchestrator.checkpoints import shared_saver
from orchestrator.condition import refuse_unsound
from orchestrator.config import stored
from orchestrator.errors import UsageError
from orchestrator.fold import view_of
from orchestrator.langgraph_settings import prepare_environment
from orchestrator.layers import load
from orchestrator.project import project_folder, request_text, state_folder
from orchestrator.view import RunView
from workspace.run import Run
from workspace.sandbox import choose_sandbox


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


def resume(options: Namespace) -> int:
    """Go on with a run of an earlier process."""
    return go_on(options.run, options)


def begin(options: Namespace, *, plan_only: bool) -> int:
    """Make a run and drive it, after everything that can be refused has been looked at."""
    home = state_folder(os.environ, make=True)
    request = request_text(options.request)
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
    output = Output(settings.headless, options.json, options.events)
    kept["attended"] = is_attended(settings.headless)
    run = Run.create(home, root, request, kept)
    return attend(run, home, output, plan_only=plan_only)


def go_on(name: str, options: Namespace) -> int:
    """Drive an existing run to its end."""
    home = state_folder(os.environ)
    run = Run.open(home, name)
    refuse_unsound(run)
    view = view_of(run.events.read())
    given = flags_of(options).get("budget", {})
    refuse_ended(run, view, more=bool(given))
    if given:
        run = with_limits(run, given)
    headless = bool(options.headless or run.settings.get("headless"))
    return attend(run, home, Output(headless, options.json, options.events))


def refuse_ended(run: Run, view: RunView, *, more: bool) -> None:
    """A run that has ended goes on only where it lacked no more than an answer, calls, or its provider."""
    if view.outcome in ("", "interrupted", "planned", "provider") or waits_for_answer(view.reason):
        return
    if view.outcome != "budget":
        raise UsageError(f"Run {run.id[:8]} has ended: {view.outcome}.", fix=f"See: orchestrator show {run.id[:8]}")
    if not more:
        raise UsageError(
            f"Run {run.id[:8]} has ended: {view.reason}.",
            fix=f"Allow more, such as: orchestrator resume {run.id[:8]} --max-calls 600",
        )


def with_limits(run: Run, given: Mapping[str, Any]) -> Run:
    """The run with these limits on its record, the others as they were; raises RunBusy."""
    with run.lock():
        return run.with_settings({**run.settings, "budget": {**run.settings.get("budget", {}), **given}})


def waits_for_answer(reason: str) -> bool:
    """True for a run that ended only because nobody was there to answer."""
    return reason.startswith("it waits for an answer")
