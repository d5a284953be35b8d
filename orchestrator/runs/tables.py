"""The tables of runs: their columns, and one row for each run."""

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pandas as pd

from orchestrator.fold import view_of
from workspace.errors import RunBroken
from workspace.run import Run, list_runs, state_home

COLUMNS: Mapping[str, list[str]] = {
    "runs": ["run", "created", "outcome", "exit", "request", "root", "model", "tasks", "verified", "calls",
             "prompt_tokens", "completion_tokens", "cost", "seconds", "applied"],
    "tasks": ["task", "title", "state", "reason", "depends_on", "attempts", "red", "green"],
    "attempts": ["lane", "task", "number", "strategy", "model", "format", "candidates", "state", "findings", "commit"],
    "calls": ["lane", "agent", "attempt", "call", "model", "sends", "prompt_tokens", "completion_tokens", "cost",
              "seconds", "finish"],
    "checks": ["time", "lane", "when", "command", "passed", "exit_code", "seconds", "failures"],
    "findings": ["lane", "attempt", "strategy", "finding"],
    "plan": ["task", "needs"],
    "steps": ["number", "step", "lane", "agent", "visit", "attempt", "began", "seconds", "calls", "came"],
}  # fmt: skip
"""The columns of each table, also where it has no row."""


def runs(home: str | Path | None = None) -> pd.DataFrame:
    """One row for each run that is not damaged; `home` is the state directory, the user's where it is left out."""
    rows = []
    for run in list_runs(folder(home)):
        with suppress(RunBroken):
            rows.append(brief(run))
    return table("runs", rows)


def folder(home: str | Path | None) -> Path:
    """The state directory."""
    return Path(home) if home is not None else state_home(os.environ)


def brief(run: Run) -> dict[str, Any]:
    """A run in one row."""
    view = view_of(run.events.read())
    return {
        "run": run.id,
        "created": pd.Timestamp(run.created),
        "outcome": view.outcome or "open",
        "exit": view.exit,
        "request": run.request,
        "root": str(run.root),
        "model": view.model,
        "tasks": len(view.tasks),
        "verified": view.count("verified"),
        "calls": view.calls,
        "prompt_tokens": view.prompt_tokens,
        "completion_tokens": view.completion_tokens,
        "cost": view.cost,
        "seconds": view.seconds,
        "applied": view.applied,
    }


def table(name: str, rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """A table with the columns of its kind."""
    return pd.DataFrame(list(rows), columns=COLUMNS[name])
