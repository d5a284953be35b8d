"""The wall time of a run holds for its checks too: one that still runs at the end is cut, and that is said."""

import json
import time
from pathlib import Path

from tests.graph.harness import Driven
from tests.graph.test_machine import FILES, SOURCE, in_turn
from tests.modelserver.scenario import Rule, Scenario
from tests.modelserver.server import Server

SMALL = json.dumps({"kind": "small", "title": "Repair the net price", "files": ["price.py"], "tests": []})
ACCEPT = json.dumps({"accept": True, "findings": []})
REQUEST = "The net price is wrong: repair it."
SLOW = "grep -q 'return gross / rate' price.py || exit 1\nsleep 300\n"
"""Red at once on the faulty code; on the right one it takes for ever."""


def test_a_check_that_runs_when_the_time_ends_is_cut_and_said(tmp_path: Path) -> None:
    """The run ends as budget soon after its time, names the check, and leaves the folder as it was."""
    rules = [Rule(SMALL, role="orchestrator"), Rule(ACCEPT, role="reviewer"), *in_turn("coder", ["right"])]
    budget = {"calls": 20, "seconds": 8.0}
    with Server(Scenario("slow", rules)) as server:
        run = Driven.of(tmp_path, server, FILES | {"slow.sh": SLOW}, REQUEST, checks=["sh slow.sh"], budget=budget)
        began = time.monotonic()
        end = run.drive()

    assert time.monotonic() - began < 60
    assert end is not None and end["outcome"] == "budget"
    assert "seconds" in end["reason"]
    assert any("`sh slow.sh`" in event["text"] and "cut" in event["text"] for event in run.events("warning"))
    assert (run.run.root / "price.py").read_text() == SOURCE
    assert [event["command"] for event in run.events("check.finished") if event["when"] == "after"] == []


def test_time_that_is_over_starts_no_check(tmp_path: Path) -> None:
    """A run without any time left ends before its first check, and asks nothing."""
    with Server(Scenario("slow", [Rule(SMALL)])) as server:
        run = Driven.of(tmp_path, server, FILES, REQUEST, checks=["sleep 300"], budget={"seconds": 0.001})
        end = run.drive()

    assert end is not None and end["outcome"] == "budget"
    assert not server.requests and not run.events("check.finished")
