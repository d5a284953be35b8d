"""Runs as tables, for notebooks: ``from orchestrator.runs import load, runs``. Needs pandas (extra ``notebooks``).

runs()                       one row for each run of this machine, the newest first
run = load("last")           one run
run.attempts                 one row for each attempt: task, strategy, verdict, findings
print(run.prompt(3))         what the model was asked in the fourth call
print(run.diff_of(0))        what the first attempt changed
"""

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from models.asked import Asked, read
from orchestrator.fold import view_of
from orchestrator.report.gather import answer_of, question_of
from orchestrator.report.story import told
from orchestrator.view import RunView
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
}  # fmt: skip
"""The columns of each table, also where it has no row."""


def runs(home: str | Path | None = None) -> pd.DataFrame:
    """One row for each run that is not damaged; `home` is the state directory, the user's where it is left out."""
    rows = []
    for run in list_runs(folder(home)):
        with suppress(RunBroken):
            rows.append(brief(run))
    return table("runs", rows)


def load(name: str = "last", home: str | Path | None = None) -> "LoadedRun":
    """One run, by its id, by 4 or more characters of it, or the newest one.

    Raises RunNotFound, RunAmbiguous or RunBroken.
    """
    return LoadedRun(Run.open(folder(home), name))


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


class LoadedRun:
    """One run: its tables are read once, when they are asked for first."""

    def __init__(self, run: Run) -> None:
        self.run = run

    def __repr__(self) -> str:
        return f"<run {self.run.id[:8]}: {self.view.outcome or 'open'}, {len(self.view.tasks)} tasks>"

    @cached_property
    def view(self) -> RunView:
        """What the terminal shows of the run."""
        return view_of(self.run.events.read())

    @cached_property
    def events(self) -> pd.DataFrame:
        """Every event: its time (UTC), type, lane and agent, and all of its fields as one record."""
        rows = list(self.run.events.read())
        return pd.DataFrame(
            {
                "seq": [event["seq"] for event in rows],
                "time": pd.to_datetime([event["time"] for event in rows]),
                "type": [event["type"] for event in rows],
                "lane": [event.get("lane", "") for event in rows],
                "agent": [event.get("agent", "") for event in rows],
                "fields": rows,
            }
        )

    @cached_property
    def tasks(self) -> pd.DataFrame:
        """Every task of the plan; `red` and `green` are what its commands said before and after."""
        return table("tasks", map(self._task, self.view.tasks.values()))

    def _task(self, task: Any) -> dict[str, Any]:
        proofs = self.view.evidence(task)
        return {
            "task": task.id,
            "title": task.title,
            "state": task.state,
            "reason": task.reason,
            "depends_on": list(task.depends_on),
            "attempts": len(task.attempts),
            "red": bool(proofs) and all(p.before is not None and not p.before.passed for p in proofs),
            "green": bool(proofs) and all(p.after is not None and p.after.passed for p in proofs),
        }

    @cached_property
    def attempts(self) -> pd.DataFrame:
        """Every judged attempt, in the order of lanes and numbers."""
        return table("attempts", self._attempts())

    def _attempts(self) -> Iterable[dict[str, Any]]:
        for lane in told(self.run.events.read(), []).values():
            for attempt in lane.attempts.values():
                if not (said := attempt.verdict):
                    continue
                task = self.view.task_of(lane.name)
                yield {
                    "lane": lane.name,
                    "task": task.id if task else "",
                    "number": attempt.number,
                    "strategy": attempt.strategy,
                    "model": said.get("model", ""),
                    "format": said.get("format", ""),
                    "candidates": said.get("candidates", 1),
                    "state": attempt.state,
                    "findings": [str(finding) for finding in said.get("findings", [])],
                    "commit": said.get("commit", ""),
                }

    @cached_property
    def calls(self) -> pd.DataFrame:
        """Every call of a model, in the order in which it was first sent; cost in US dollars, None where unknown."""
        return table("calls", map(_call, self._asked))

    @cached_property
    def checks(self) -> pd.DataFrame:
        """Every executed check."""
        found = (event for event in self.run.events.read() if event["type"] == "check.finished")
        return table("checks", ({**event, "time": pd.Timestamp(event["time"])} for event in found))

    @cached_property
    def findings(self) -> pd.DataFrame:
        """Everything that was wrong with an attempt, one row each."""
        rows = (
            {"lane": row["lane"], "attempt": row["number"], "strategy": row["strategy"], "finding": finding}
            for row in self._attempts()
            for finding in row["findings"]
        )
        return table("findings", rows)

    @cached_property
    def plan(self) -> pd.DataFrame:
        """The edges of the plan's graph: a task, and one that must be done first."""
        return table("plan", ({"task": t.id, "needs": n} for t in self.view.tasks.values() for n in t.depends_on))

    @cached_property
    def _asked(self) -> list[Asked]:
        return read(self.run.journal_path).calls

    def prompt(self, call: int) -> str:
        """What a call has asked, by its row in `calls`; each part under the role that speaks."""
        return "\n\n".join(f"[{role}]\n{text}" for role, text in question_of(self._asked[call]))

    def answer(self, call: int) -> str:
        """What came back; empty where nothing did."""
        return "\n\n".join(text for _, text in answer_of(self._asked[call]))

    def diff(self, old: str = "", new: str = "") -> str:
        """The unified difference between two commits; of the snapshot and the head where they are left out."""
        return self.run.repository.diff(old or self.view.base, new or self.view.head)

    def diff_of(self, attempt: int) -> str:
        """What an attempt has changed, by its row in `attempts`; empty where nothing was written."""
        commit = str(self.attempts["commit"].iloc[attempt])
        return self.diff(f"{commit}^", commit) if commit else ""

    def files(self, commit: str = "") -> list[str]:
        """The files of a tree, of the head's where no commit is named."""
        return self.run.repository.files(commit or self.view.head)

    def read(self, path: str, commit: str = "") -> str:
        """A file of a tree as text; raises FileNotFoundError."""
        data = self.run.repository.read(commit or self.view.head, path)
        if data is None:
            raise FileNotFoundError(f"{path} is not in {commit or 'the head'} of run {self.run.id[:8]}")
        return data.decode("utf-8", "replace")


def _call(asked: Asked) -> dict[str, Any]:
    answer = asked.answer
    used: Mapping[str, Any] = answer["usage"] if answer else {}
    return {
        "lane": asked.key.lane,
        "agent": asked.key.agent,
        "attempt": asked.key.attempt,
        "call": asked.key.ordinal,
        "model": asked.model,
        "sends": asked.sends,
        "prompt_tokens": used.get("prompt_tokens", 0),
        "completion_tokens": used.get("completion_tokens", 0),
        "cost": used.get("cost"),
        "seconds": answer["seconds"] if answer else None,
        "finish": answer["finish"] if answer else None,
    }
