"""A run of one agent alone: it ends with an answer, and changes nothing."""

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestrator.drive import broken_off, ended
from orchestrator.exits import FAILED, VERIFIED
from orchestrator.imports import collector_paused
from orchestrator.langgraph_settings import prepare_environment
from orchestrator.question import Ask
from orchestrator.result import Result
from orchestrator.words import number
from workspace.run import Run

if TYPE_CHECKING:
    from nodes.session import Session

Agent = Callable[["Session"], dict[str, Any]]
"""What one agent does; gives the outcome, exit code, reason and answer of the run."""


def alone(run: Run, home: Path, agent: Agent) -> Callable[[Ask | None, threading.Event], Result]:
    """The work of one agent on a run, as it is attended."""

    def work(ask: Ask | None, interrupted: threading.Event) -> Result:
        prepare_environment(os.environ)
        with collector_paused():
            from nodes.session import Context, close_session, open_session
        try:
            session = open_session(run.id, Context(home=str(home)))
            try:
                ending = {"tasks": [], "applied": False, "files": [], **agent(session)}
            finally:
                close_session(session)
        except Exception as fault:
            # The edge of the worker: whatever went wrong becomes the end of the run, on the record.
            ending = broken_off(fault, run)
        return ended(run, ending, interrupted)

    return work


def searcher(what: str) -> Agent:
    """The searcher alone: the lines of the project that answer a question."""

    def search(session: "Session") -> dict[str, Any]:
        from nodes.solo import looked_up

        found = looked_up(what, session).strip()
        reason = "" if found else "nothing in this folder matches"
        return {"outcome": "found", "exit": VERIFIED, "reason": reason, "answer": found}

    return search


def reviewer(revision: str) -> Agent:
    """The reviewer alone: what is certainly wrong with a change. Exit code 1 where something is."""

    def review(session: "Session") -> dict[str, Any]:
        from nodes.solo import reviewed
        from workspace.revision import compared

        change = compared(session.run, revision)
        if not session.run.repository.changed(change.old, change.new):
            return {"outcome": "reviewed", "exit": VERIFIED, "reason": f"{change.title}: nothing is changed"}
        found = reviewed(change, session).findings
        lines = [f"{f.file}:{f.line}  {f.problem}" for f in found]
        said = number(len(found), "certain defect") if found else "no certain defect"
        code = FAILED if found else VERIFIED
        return {"outcome": "reviewed", "exit": code, "reason": f"{change.title}: {said}", "answer": "\n".join(lines)}

    return review
