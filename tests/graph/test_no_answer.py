"""Questions that a model never answers: what they were to settle has a default, and the run goes on."""

import json
from pathlib import Path

from tests.graph.harness import Driven
from tests.graph.test_machine import CHECK, FILES, in_turn
from tests.modelserver.scenario import Rule, Scenario
from tests.modelserver.server import Server

SMALL = json.dumps({"kind": "small", "title": "Repair the net price", "files": ["price.py"], "tests": []})
ACCEPT = json.dumps({"accept": True, "findings": []})
PROSE = "I would rather talk about something else."
REQUEST = "The net price is wrong: repair it."


def driven(folder: Path, server: Server) -> Driven:
    """A run over the project of one function."""
    return Driven.of(folder, server, FILES, REQUEST, checks=[CHECK])


def said(run: Driven) -> str:
    """All warnings of a run."""
    return "\n".join(event["text"] for event in run.events("warning"))


def test_a_request_that_nobody_classifies_is_one_task(tmp_path: Path) -> None:
    """Without a usable classification the request itself is the only task, which is said, and checks judge it."""
    rules = [Rule(PROSE, role="orchestrator"), Rule(ACCEPT, role="reviewer"), *in_turn("coder", ["right"])]
    with Server(Scenario("mute", rules)) as server:
        run = driven(tmp_path, server)
        end = run.drive()

    assert end is not None and end["outcome"] == "verified"
    (task,) = end["tasks"]
    assert task["title"] == REQUEST
    assert "what the request is" in said(run)


def test_a_search_that_nobody_directs_goes_on_with_what_tools_find(tmp_path: Path) -> None:
    """A searcher without a usable answer keeps the files that the task and its failing check name."""
    rules = [
        Rule(SMALL, role="orchestrator"),
        Rule(PROSE, role="searcher"),
        Rule(PROSE, role="fixer"),
        Rule(ACCEPT, role="reviewer"),
        *in_turn("coder", ["prose", "prose", "right"]),
    ]
    with Server(Scenario("mute", rules)) as server:
        run = driven(tmp_path, server)
        end = run.drive()

    assert server.log.of(role="searcher")
    assert end is not None and end["outcome"] == "verified"
    assert "where to look" in said(run)
