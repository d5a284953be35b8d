"""The graph as Studio starts it: a run is made from the two forms, and told its end, as the command line does."""

import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.runtime import Runtime

from graph.build import build
from nodes.session import Context, open_session
from nodes.state import VERSION, RunState
from orchestrator.attend import announce
from orchestrator.config import stored
from orchestrator.drive import ended, finished
from orchestrator.layers import load
from orchestrator.project import project_folder, request_text, state_folder
from workspace.run import Run

PLAIN = ("checks", "parallel", "apply", "approve_plan", "approve_apply")
"""What the form sets that is a key of the configuration under the same name."""


def begin(state: RunState, config: RunnableConfig, *, runtime: Runtime[Context]) -> RunState:
    """Make the folder of a run that Studio starts; a run of the command line has one."""
    if state.get("run"):
        return {}
    context = runtime.context
    home = Path(context.home) if context.home else state_folder(os.environ, make=True)
    root = project_folder(state["root"], home)
    settings = load(root, os.environ, flags_of(context)).settings
    run = Run.create(home, root, request_text(state["request"]), stored(settings), run_id=thread_of(config))
    announce(run, known=False)
    return {"v": VERSION, "run": run.id, "request": run.request, "root": str(root)}


def end(state: RunState, *, runtime: Runtime[Context]) -> RunState:
    """Write down how the run ended."""
    run = open_session(state["run"], runtime.context).run
    ended(run, finished(state, run))
    return {}


def flags_of(context: Context) -> dict[str, Any]:
    """What the form sets, as a layer of the configuration; what was left empty stays unset."""
    given = {name: value for name, value in asdict(context).items() if value not in ("", None, [])}
    model = {key: given[name] for name, key in (("model", "spec"), ("base_url", "base_url")) if name in given}
    budget = {"calls": given["max_calls"]} if "max_calls" in given else {}
    plain: dict[str, Any] = {name: given[name] for name in PLAIN if name in given}
    sections = {"model": model, "budget": budget}
    return plain | {name: values for name, values in sections.items() if values}


def thread_of(config: RunnableConfig) -> str | None:
    """The thread's id, which becomes the run's: so the command line finds its checkpoints."""
    return config.get("configurable", {}).get("thread_id")


graph = build(begin=begin, end=end).compile(name="auto")
"""The compiled graph without a checkpointer: the server brings its own."""
