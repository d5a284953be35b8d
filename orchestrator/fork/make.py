"""Making a fork: everything before the step is taken over as it stands, the rest is left to be driven."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nodes.roles import ROLES
from orchestrator.condition import refuse_unsound
from orchestrator.errors import UsageError
from orchestrator.fork.history import before, checkpoints_of, commits, copied
from orchestrator.fork.records import cut_events, cut_journal
from orchestrator.fork.steps import Step
from prompts import defect
from workspace.lanes import open_lane
from workspace.run import Run
from workspace.twin import twin


@dataclass(frozen=True)
class Otherwise:
    """What a fork does otherwise than the run that it comes from."""

    settings: Mapping[str, Any] = field(default_factory=dict)
    """Keys of the configuration, as a layer over those of the run."""
    prompts: Mapping[str, str] = field(default_factory=dict)
    """Templates by agent, in place of the usual ones."""
    root: Path | None = None
    """Another folder with the same project; None for that of the run."""


def fork(run: Run, home: Path, step: Step, otherwise: Otherwise) -> Run:
    """Make a run that shares with another one what came before a step. The other run is only read.

    Raises UsageError where there is no checkpoint before the step or something of `otherwise` cannot be,
    RootUnusable where the project folder has gone, RunBroken and RunNewer.
    """
    refuse_unknown(otherwise)
    checkpoints = checkpoints_of(run)
    if not checkpoints:
        raise UsageError(f"Run {run.id[:8]} has no checkpoints to go on from.", fix="Fork a run of the whole team.")
    refuse_unsound(run)
    at = before(step, checkpoints)
    settings = {**merged(run.settings, otherwise.settings), "fork": {"run": run.id, "step": step.name}}
    refuse_missing_recording(settings, home)
    with twin(run, home, settings, root=otherwise.root) as new:
        if otherwise.prompts:
            texts = {agent: new.artefacts.put(text) for agent, text in otherwise.prompts.items()}
            new = new.with_settings({**settings, "prompts": {**settings.get("prompts", {}), **texts}})
        calls = cut_journal(run.journal_path, new.journal_path, step, cut_events(run, new, step))
        copied(run, new, checkpoints, at)
        for lane, commit in commits(at, checkpoints).items():
            if commit:
                open_lane(new, lane).checkout(commit)
        new.events.emit(
            "run.forked",
            source=run.id,
            step=step.name,
            number=step.number,
            shared={"steps": step.number - 1, "calls": calls},
            changed=changed(otherwise),
        )
    return Run.open(home, new.id)


def refuse_unknown(otherwise: Otherwise) -> None:
    """Raise UsageError for an agent that is not of the team, or a prompt that lacks a part."""
    for agent in {**otherwise.settings.get("agents", {}), **otherwise.prompts}:
        if agent not in ROLES:
            raise UsageError(f"There is no agent {agent!r}.", fix=f"The team is: {', '.join(ROLES)}.")
    for agent, text in otherwise.prompts.items():
        if problem := defect(agent, text):
            raise UsageError(f"The prompt for the {agent} cannot be used: {problem}.", fix=f"See prompts/{agent}.md.")


def refuse_missing_recording(settings: Mapping[str, Any], home: Path) -> None:
    """Raise RunNotFound or RunAmbiguous where the run that is to be replayed is not one."""
    spec = str(settings.get("model", {}).get("spec") or "")
    if spec.startswith("replay:"):
        Run.open(home, spec.removeprefix("replay:"))


def merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """One layer of settings over another; sections are merged, everything else is replaced."""
    both = dict(below)
    for name, value in above.items():
        old = both.get(name)
        both[name] = merged(old, value) if isinstance(value, Mapping) and isinstance(old, Mapping) else value
    return both


def changed(otherwise: Otherwise) -> dict[str, Any]:
    """What is told of the change: the settings, and whose prompts are other ones."""
    told = {name: value for name, value in otherwise.settings.items() if name not in ("apply", "attended", "headless")}
    return {**told, "prompts": sorted(otherwise.prompts)} if otherwise.prompts else told
