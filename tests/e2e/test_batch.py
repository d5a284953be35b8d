"""A batch on one machine: no server, no set-up, the same file that a fleet takes."""

import json
from collections.abc import Callable

import pytest

from tests.e2e.conftest import write
from tests.e2e.small import PYTHON, REQUEST, scenario
from tests.modelserver.scenario import Scenario
from tests.modelserver.server import Server
from tests.world import World

LINE = {"task": REQUEST, "repository": "shop", "checks": [PYTHON.check], "key": "issue-1"}


def test_a_batch_is_worked_off_and_delivered(world: World, serve: Callable[[Scenario], Server]) -> None:
    """Bad lines are named and do not stop the good one; its result, report and patch are there; nothing is applied."""
    write(world.project / "shop", PYTHON.files)
    bad = ["{oops", json.dumps({"task": "x", "repository": "/etc"}), json.dumps({**LINE, "endpoint": "lab"})]
    (world.project / "tasks.jsonl").write_text("\n".join([json.dumps(LINE), *bad]))
    server = serve(scenario(PYTHON, PYTHON.block(PYTHON.repair)))

    done = world.run("batch", "tasks.jsonl", "--json")
    asked = len(server.requests)
    again = world.run("batch", "tasks.jsonl", "--json")
    results = world.run("batch", "results", "--out", str(world.folder / "out"))

    assert done.code == again.code == 2 and "tasks.jsonl:2: not valid JSON" in done.err and "tasks.jsonl:3" in done.err
    assert "tasks.jsonl:4: no endpoint 'lab' is configured (fleet.endpoints); known: default." in done.err
    assert (done.result["outcome"], done.result["key"]) == ("verified", "issue-1"), done.err
    assert len(server.requests) == asked and again.result == done.result
    assert results.code == 0 and results.result == done.result
    run = done.result["run"][:8]
    page = (world.folder / "out" / "index.html").read_text()
    assert f'href="00001-{run}.html"' in page and f'href="00001-{run}.patch"' in page
    assert "+    return gross / rate" in (world.folder / "out" / f"00001-{run}.patch").read_text()
    assert (world.project / "shop" / PYTHON.path).read_text() == PYTHON.files[PYTHON.path]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("batch", "tasks.jsonl", "--strict"), "nothing was started"),
        (("batch", "missing.jsonl"), "cannot be read"),
        (("batch", "status", "nothing-like-it"), "There is no batch"),
    ],
)
def test_what_cannot_be_served_starts_nothing(world: World, arguments: tuple[str, ...], said: str) -> None:
    """One sentence, exit code 2, no run and no traceback."""
    (world.project / "tasks.jsonl").write_text(json.dumps(LINE) + "\n{oops")
    done = world.run(*arguments)
    assert done.code == 2 and said in done.err and "Traceback" not in done.err
    assert json.loads(world.run("batch", "status", "--json").out)["batches"] == [] and world.runs() == []
