"""Driving a run: the graph on the run's own checkpoints, from its start, or from where an earlier process left it."""

import json
import os
import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.journal import Journal
from nodes.permission import Permission, everything
from nodes.state import VERSION
from orchestrator.checkpoints import saver_of
from orchestrator.errors import UsageError
from orchestrator.exits import EXIT_OF_OUTCOME, VERIFIED
from orchestrator.faults import explained
from orchestrator.imports import collector_paused
from orchestrator.langgraph_settings import prepare_environment
from orchestrator.question import Ask, Question, question_of
from orchestrator.result import Judged, Result, TaskResult, result_of
from orchestrator.view import WAITS
from workspace.apply import recover
from workspace.disk import disk_fault
from workspace.errors import RunBroken
from workspace.events import Event, EventLog
from workspace.run import Run
from workspace.sweep import sweep

if TYPE_CHECKING:
    from nodes.session import Context

MAX_STEPS = 2_000
"""Most super-steps of one invocation: far above what any ladder and budget allow, so only a fault can reach it."""

Saver = Callable[[Run], AbstractContextManager[Any]]
"""Opens the checkpoints of a run."""


def drive(
    run: Run,
    home: Path,
    ask: Ask | None,
    interrupted: threading.Event,
    *,
    plan_only: bool = False,
    permission: Permission = everything,
    checkpoints: Saver = saver_of,
) -> Result:
    """Run the graph to its end and return the result, which the run's last event holds too.

    The caller holds the run's lock. A failure ends the run with its sentence and its exit code; it is not raised, but
    for RunBroken.
    Once `interrupted` is set the run has no end yet: nothing is written, since what fails now fails because of that.
    """
    prepare_environment(os.environ)
    try:
        with collector_paused():
            import langgraph.checkpoint.sqlite  # noqa: F401

            import graph.build  # noqa: F401 - all that the run needs, here and at once
            from nodes.session import Context, open_session

        sweep(run)
        recover(run)
        context = Context(home=str(home))
        run = open_session(run.id, context, permission).run
        ending = invoke(run, context, plan_only, ask, checkpoints)
    except (RunBroken, UsageError):
        raise  # what is damaged, newer or not served is left as it is: no end is written
    except Exception as fault:
        if disk := disk_fault(fault):
            raise disk from fault  # no end of the run: it goes on once there is room again
        # The edge of the worker: whatever went wrong becomes the end of the run, on the record.
        ending = broken_off(fault, run)
    return ended(run, ending, interrupted)


def ended(run: Run, ending: Mapping[str, Any], interrupted: threading.Event | None = None) -> Result:
    """Write down how a run ended and what it has used; raises Interrupted where it has no end yet."""
    if interrupted is not None and interrupted.is_set():
        raise Interrupted
    usage = dict(Journal(run.journal_path).spent().usage)
    return result_of(last_word(run, "run.finished", **ending, usage=usage))


def last_word(run: Run, type: str, **fields: Any) -> Event:
    """Write an event after the nodes have written theirs through an opening of their own: the numbers go on."""
    return EventLog(run.folder / "events.jsonl", run.id).emit(type, **fields)


class Interrupted(Exception):
    """The run was interrupted while it was driven; another process goes on with it."""


def invoke(run: Run, context: "Context", plan_only: bool, ask: Ask | None, checkpoints: Saver) -> dict[str, Any]:
    """Drive the graph on the run's own checkpoints and let go of everything afterwards."""
    from graph.build import build
    from nodes.session import close_session, open_session

    with checkpoints(run) as saver:
        try:
            return advance(build().compile(checkpointer=saver, name="auto"), run, context, plan_only, ask)
        finally:
            close_session(open_session(run.id, context))


def advance(graph: Any, run: Run, context: "Context", plan_only: bool, ask: Ask | None) -> dict[str, Any]:
    """Step until the graph ends, rests after the plan, or waits for an answer that nobody gives."""
    from langgraph.types import Command

    from nodes.reopening import can_reopen, reopened

    config = {
        "configurable": {"thread_id": run.id},
        "recursion_limit": MAX_STEPS,
        "max_concurrency": int(run.settings.get("parallel", 2)),
    }
    rests: dict[str, Any] = {"interrupt_after": ["planner"], "interrupt_before": ["lane", "approve"]}
    pauses = rests if plan_only else {}
    state = graph.get_state(config)  # `tasks` and not `next`, which leaves out those that ended just before a kill
    step: Any = beginning(run) if state.created_at is None else None
    if not state.tasks and can_reopen(state.values):
        graph.update_state(config, reopened(state.values), as_node="ask")
        state = graph.get_state(config)
    while step is not None or state.tasks:
        graph.invoke(step, config, context=context, durability="async", **pauses)
        state, step = graph.get_state(config), None
        if state.interrupts:
            question = question_of(state.interrupts[0].value, run)
            words = answer_to(question, run, ask)
            if words is None:
                return unanswered(question, state.values, run)
            step = Command(resume=question.reply(words))
        elif state.tasks and plan_only and not state.values.get("halt"):
            return planned(state.values)
        else:
            pauses = {}
    return finished(state.values, run)


def answer_to(question: Question, run: Run, ask: Ask | None) -> str | None:
    """What a person says to a question, on the record; None where nobody is there."""
    run.events.emit("question.asked", text=question.text)
    return ask(question) if ask else None


def beginning(run: Run) -> dict[str, Any]:
    """What a fresh graph starts with."""
    return {"v": VERSION, "run": run.id, "request": run.request, "root": str(run.root)}


def finished(values: Mapping[str, Any], run: Run) -> dict[str, Any]:
    """The end of a run whose graph has ended."""
    outcome = values.get("outcome") or "failed"
    return {
        "outcome": outcome,
        "exit": EXIT_OF_OUTCOME.get(outcome, EXIT_OF_OUTCOME["failed"]),
        "reason": values.get("reason", ""),
        "answer": values.get("answer", ""),
        "tasks": task_results(values, run),
        "applied": bool(values.get("applied")),
        "files": list(values.get("files", [])),
        "flaky": list(values.get("flaky", [])),
    }


def planned(values: Mapping[str, Any]) -> dict[str, Any]:
    """The end of ``orchestrator plan``: the graph rests before its first lane."""
    question = values.get("kind") == "question"
    tasks = [] if question else values.get("tasks", [])
    return {
        "outcome": "planned",
        "exit": VERIFIED,
        "reason": "this is a question: there is nothing to plan" if question else "",
        "tasks": [
            {"id": t["id"], "title": t["title"], "outcome": "waiting", "attempts": [], "evidence": []} for t in tasks
        ],
        "applied": False,
        "files": [],
    }


def unanswered(question: Question, values: Mapping[str, Any], run: Run) -> dict[str, Any]:
    """The end of a process that nobody answers; the run itself can go on later.

    What waits only for its change to be approved is what the checks say it is.
    """
    pending = values.get("pending") if question.kind == "apply" else None
    ending = finished({**values, "outcome": pending["outcome"] if pending else "stuck"}, run)
    return {**ending, "reason": f"{WAITS}: {question.text}"}


def broken_off(fault: Exception, run: Run) -> dict[str, Any]:
    """The end of a run by a failure."""
    reason, code = explained(fault, run.folder)
    outcomes = {number: outcome for outcome, number in EXIT_OF_OUTCOME.items()}
    return {
        "outcome": outcomes.get(code, "failed"),
        "exit": code,
        "reason": reason,
        "tasks": [],
        "applied": False,
        "files": [],
    }


def task_results(values: Mapping[str, Any], run: Run) -> list[TaskResult]:
    """Every task of the plan with the evidence that its lane recorded."""
    results, status = values.get("results", {}), values.get("status", {})
    return [
        {
            "id": task["id"],
            "title": task["title"],
            "outcome": status.get(task["id"], "waiting"),
            **judged(record_of(results.get(task["id"]), run), run),
        }
        for task in values.get("tasks", [])
    ]


def record_of(result: Mapping[str, Any] | None, run: Run) -> Mapping[str, Any]:
    """What a lane recorded; empty where it recorded nothing."""
    if not result or not result["record"]:
        return {}
    record = json.loads(run.artefacts.text(result["record"]))
    return record if "attempts" in record else {}


def judged(record: Mapping[str, Any], run: Run) -> Judged:
    """The attempts of a lane, and the executed runs behind its result: before and after, for each acceptance."""
    from nodes.state import attempt_brief, evidence_brief

    ids = [a[when] for a in record.get("acceptance", []) for when in ("before", "after") if a[when]]
    changed = {"tests_changed": record["tests_changed"]} if record.get("tests_changed") else {}
    return {
        **changed,  # type: ignore[typeddict-item]
        "attempts": [attempt_brief(a) for a in record.get("attempts", [])],
        "evidence": [evidence_brief(json.loads(run.artefacts.text(artefact))) for artefact in ids],
    }
