"""Questions that a model never answers: what they were to settle has a default, and the run goes on."""

import json
from pathlib import Path

from tests.graph.harness import Driven
from tests.graph.test_machine import CHECK, FILES, in_turn
from tests.modelserver.scenario import Rule, Scenario, contains
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


def test_a_reviewer_that_talks_is_asked_for_the_test_again(tmp_path: Path) -> None:
    """Prose in the place of a test is no reason to go without one; the second question says what was missing."""
    test = "test_net.py\n```python\nfrom price import net\n\n\ndef test_net():\n    assert net(120, 1.2) == 100\n```\n"
    rules = [
        Rule(SMALL, role="orchestrator"),
        Rule(ACCEPT, role="reviewer", when=contains("Checks that passed")),
        Rule(PROSE, role="reviewer", nth=1),
        Rule(test, role="reviewer"),
        *in_turn("coder", ["right"]),
    ]
    files = {"price.py": FILES["price.py"], "pytest.ini": "[pytest]\naddopts = --disable-plugin-autoload\n"}
    with Server(Scenario("talker", rules)) as server:
        run = Driven.of(tmp_path, server, files, REQUEST)
        end = run.drive()

    assert end is not None and end["outcome"] == "verified"
    again = server.bodies("reviewer")[1]["messages"][-1]["content"]
    assert "Your earlier version was not usable: it holds no test file" in again


def test_a_goal_that_cannot_be_tested_is_not_asked_about_again(tmp_path: Path) -> None:
    """Where the reviewer says that no test can judge the goal, that stands: the work is unverified."""
    rules = [
        Rule(SMALL, role="orchestrator"),
        Rule(ACCEPT, role="reviewer", when=contains("Checks that passed")),
        Rule("NOT TESTABLE: it is a matter of taste", role="reviewer"),
        *in_turn("coder", ["right"]),
    ]
    with Server(Scenario("taste", rules)) as server:
        end = Driven.of(tmp_path, server, {"price.py": FILES["price.py"]}, REQUEST).drive()

    assert end is not None and end["outcome"] == "unverified"
    assert len([body for body in server.bodies("reviewer") if "Write the test file" in str(body)]) == 1


def test_a_request_that_nobody_plans_is_one_task(tmp_path: Path) -> None:
    """A planner without a plan that holds leaves the request whole; that is said, and the checks judge it."""
    rules = [
        Rule(json.dumps({"kind": "project", "title": "Repair it"}), role="orchestrator"),
        Rule('{"tasks": []}', role="planner"),
        Rule(ACCEPT, role="reviewer"),
        *in_turn("coder", ["right"]),
    ]
    with Server(Scenario("mute", rules)) as server:
        run = driven(tmp_path, server)
        end = run.drive()

    assert end is not None and end["outcome"] == "verified"
    assert [task["title"] for task in end["tasks"]] == [REQUEST]
    assert "no plan that holds" in said(run)
