"""One run, loaded: its tables, texts, trees, and what can be made of it."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from models.asked import Asked, read
from orchestrator.fold import view_of
from orchestrator.fork.again import Replayed, commit_before, forked, replayed
from orchestrator.fork.steps import Step, found, steps_of
from orchestrator.report.gather import answer_of, question_of
from orchestrator.report.story import told
from orchestrator.runs.tables import folder, table
from orchestrator.view import RunView
from workspace.run import Run


def load(name: str = "last", home: str | Path | None = None) -> "LoadedRun":
    """One run, by its id, by 4 or more characters of it, or the newest one.

    Raises RunNotFound, RunAmbiguous or RunBroken.
    """
    return LoadedRun(Run.open(folder(home), name))


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

    @cached_property
    def steps(self) -> pd.DataFrame:
        """Every visit of an agent: where a fork can begin. `began` counts seconds from the run's start."""
        return table("steps", map(_step, self._steps))

    @cached_property
    def _steps(self) -> list[Step]:
        return steps_of(self.run.events.read())

    def step(self, at: str | int) -> Step:
        """A step by its number, as LANE:AGENT:VISIT, or as LANE:ATTEMPT; raises UsageError."""
        return found(self._steps, str(at))

    def commit(self, at: str | int = "") -> str:
        """The commit of a step (what it began with), or the one that is named; of the head where it is left out."""
        if isinstance(at, str) and (not at or (set(at) <= set("0123456789abcdef^~") and len(at) >= 7)):
            return at or self.view.head
        return commit_before(self.run, self.step(at))

    def diff(self, old: str | int = "", new: str | int = "") -> str:
        """The unified difference between two commits or steps; from the snapshot to the head where left out."""
        return self.run.repository.diff(self.commit(old or self.view.base), self.commit(new))

    def diff_of(self, attempt: int) -> str:
        """What an attempt has changed, by its row in `attempts`; empty where nothing was written."""
        row = self.attempts.iloc[attempt]
        if row["state"] == "refused" or not row["commit"]:
            return ""  # its commit is the one that it was to build upon
        return self.diff(f"{row['commit']}^", row["commit"])

    def files(self, at: str | int = "") -> list[str]:
        """The files of a tree, by commit or step; of the head's where it is left out."""
        return self.run.repository.files(self.commit(at))

    def read(self, path: str, at: str | int = "") -> str:
        """A file of a tree as text; raises FileNotFoundError."""
        data = self.run.repository.read(self.commit(at), path)
        if data is None:
            raise FileNotFoundError(f"{path} is not in {at or 'the head'} of run {self.run.id[:8]}")
        return data.decode("utf-8", "replace")

    def fork(
        self,
        at: str | int,
        *,
        model: str | None = None,
        base_url: str | None = None,
        agents: Mapping[str, str] | None = None,
        prompts: Mapping[str, str] | None = None,
        max_calls: int | None = None,
        apply: bool = False,
        root: str | Path | None = None,
    ) -> "LoadedRun":
        """Go on otherwise from a step, and return the new run once it has ended.

        `agents` gives single agents a model of their own, `prompts` a template (its text). What came before the step is
        shared and costs no call, but counts against `max_calls`. `root` is another folder with the same project.
        Raises UsageError, and NoModel where no model can be had.
        """
        model_keys = {"spec": model, "base_url": base_url}
        given: dict[str, Any] = {
            "model": {name: value for name, value in model_keys.items() if value is not None},
            "budget": {"calls": max_calls} if max_calls else {},
            "agents": {agent: {"model": name} for agent, name in (agents or {}).items()},
            "apply": apply,
        }
        return LoadedRun(forked(self.run, self.step(at), given, prompts or {}, Path(root) if root else None))

    def replay(self, root: str | Path | None = None) -> Replayed:
        """Drive the run again from its journal alone, in a folder aside, and say whether the same comes of it.

        No model is asked; the checks on the final tree are executed again. A fork is replayed from its step on.
        """
        return replayed(self.run, Path(root) if root else None)


def _step(step: Step) -> dict[str, Any]:
    fields = ("number", "lane", "agent", "visit", "attempt", "began", "seconds", "calls", "came")
    return {"step": step.name, **{name: getattr(step, name) for name in fields}}


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
