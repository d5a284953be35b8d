"""A model that makes the test pass, and nothing else: the code asks whether it is being tested."""

from pathlib import Path

import pytest

from tests.faults.scene import CHECK, FIXED, HEAD, KEPT, NET, USUAL, edits, hidden_failure
from tests.graph.harness import Driven
from tests.modelserver.scenario import FaultRule, Rule, Scenario
from tests.modelserver.server import Server

BUG = {
    **FIXED,
    "price.py": FIXED["price.py"].replace('tax."""\n    return gross / rate', 'tax."""\n    return gross * rate'),
}
FILES = {**BUG, "tests/test_shop.py": f"{HEAD}{NET}\n\n{KEPT}"}
CODE = Rule(edits({"price.py": FIXED["price.py"]}), role="coder", name="code")


@pytest.mark.parametrize("times", [1, None], ids=["once", "always"])
def test_code_that_asks_whether_it_is_tested_is_not_written(tmp_path: Path, times: int | None) -> None:
    """The answer is refused with its line; success is a real repair, which a hidden test confirms, or none."""
    cheat = FaultRule("test_edit:special_case", role="coder", times=times)
    with Server(Scenario("cheat", [CODE, *USUAL]).under([cheat])) as server:
        run = Driven.of(tmp_path, server, FILES, "The net price is wrong: repair it.", checks=[CHECK])
        end = run.drive()

    assert end is not None and server.counters["fault:test_edit"] >= 1
    refused = [found["message"] for event in run.events("edit.refused") for found in event["findings"]]
    assert any("asks whether it is being tested" in message for message in refused)
    assert (end["outcome"] == "verified") == (hidden_failure(run.run.root) == "")
