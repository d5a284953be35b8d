"""Our way: the real graph in this process, over a real run folder, sandbox and HTTP server; with parts switched off."""

import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from langgraph.checkpoint.memory import InMemorySaver

from bench.study.hidden import Judge, read, written
from bench.study.job import Job
from bench.study.model import Model, Skill
from bench.study.plain import Ending
from bench.study.unchecked import build_unchecked
from graph.build import Auto, build
from models.journal import Journal
from nodes.session import Context, close_session, open_session
from tests.modelserver.server import Server
from workspace.run import Run

MAX_STEPS = 2_000


@dataclass(frozen=True)
class Variant:
    """Our way of working, with one part switched off or none. `trusting`: what was delivered counts as claimed."""

    title: str
    build: Callable[[], Auto] = build
    whole: bool = False
    perfect_tests: bool = False
    ladder: bool = True
    review: bool = True
    trusting: bool = False


VARIANTS = {
    "all": Variant("ours"),
    "no review": Variant("without the reading of green changes", review=False),
    "no checks": Variant("without executed checks", build=build_unchecked, trusting=True),
    "no plan": Variant("without decomposition", whole=True),
    "no ladder": Variant("without the ladder", ladder=False),
    "right tests": Variant("with tests that are always right", perfect_tests=True),
}


@dataclass(frozen=True)
class Finished:
    """One run of ours."""

    ending: Ending
    outcome: str
    reason: str
    tasks: dict[str, list[str]]
    """Where each task of the plan ended, and by which attempts."""


def ours(job: Job, skill: Skill, seed: int, variant: Variant, judge: Judge, *, keep: Path | None = None) -> Finished:
    """One whole run; `keep` names a folder that stays for a closer look."""
    model = Model(
        job, skill, seed, whole=variant.whole, perfect_tests=variant.perfect_tests, replans=1 if variant.ladder else 0
    )
    with tempfile.TemporaryDirectory(prefix="study-") as folder, Server(model.scenario()) as server:
        place = keep or Path(folder)
        root = written(place / "project", job.project)
        run = Run.create(place / "state", root, job.request, _settings(server, seed, variant))
        values = _driven(run, variant.build())
        usage = Journal(run.journal_path).spent().usage
        outcome = str(values.get("outcome"))
        claimed = outcome == "verified" or (variant.trusting and outcome == "unverified")
        ending = Ending(
            claimed,
            judge.holds(job.hidden, read(root)),
            usage["calls"],
            usage["prompt_tokens"] + usage["completion_tokens"],
        )
        return Finished(ending, outcome, str(values.get("reason", ""))[:300], _tasks(values, run))


def _settings(server: Server, seed: int, variant: Variant) -> dict[str, Any]:
    model: dict[str, Any] = {"spec": "model", "base_url": server.base_url, "profile": "standard"}
    if not variant.ladder:
        model["ladder"] = []
    return {
        "model": model,
        "seed": seed,
        "review": variant.review,
        "budget": {"calls": 300, "task_calls": 120},
        "parallel": 2,
        "timeout_check": 20,
    }


def _driven(run: Run, graph: Auto) -> dict[str, Any]:
    context = Context(home=str(run.folder.parent.parent))
    compiled = graph.compile(checkpointer=InMemorySaver())
    config: Any = {"configurable": {"thread_id": run.id}, "recursion_limit": MAX_STEPS, "max_concurrency": 2}
    start: Any = {"v": 1, "run": run.id, "request": run.request, "root": str(run.root)}
    try:
        compiled.invoke(start, config, context=context, durability="exit")
        return dict(compiled.get_state(config).values)
    finally:
        close_session(open_session(run.id, context))


def _tasks(values: dict[str, Any], run: Run) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for task in values.get("tasks", []):
        result = values.get("results", {}).get(task["id"])
        record = json.loads(run.artefacts.text(result["record"])) if result and result["record"] else {}
        attempts = [str(attempt["strategy"]) for attempt in record.get("attempts", [])]
        found[task["id"]] = [values["status"][task["id"]], *attempts]
    return found
