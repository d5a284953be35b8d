"""Checks that are red and green on one tree, and commands that cannot run: named, and neither proof nor regression."""

from collections.abc import Callable

from tests.e2e.conftest import write
from tests.e2e.small import PYTHON, REQUEST, scenario
from tests.modelserver.scenario import Scenario
from tests.modelserver.server import Server
from tests.world import World

# What is remembered from run to run lies in the folder for caches: one for the run's lane, one for all lanes of tasks.
CHANCE = """import os
import pathlib


def test_now_and_then():
    mark = pathlib.Path(os.environ["GOCACHE"]).parent / "runs"
    run = int(mark.read_text()) if mark.exists() else 1
    mark.write_text(str(run + 1))
    assert {green}
"""


def flaky(green: str) -> str:
    """A test that is green where this holds for the number of its run, from 1."""
    return CHANCE.format(green=green)


def test_a_flaky_test_is_no_regression(world: World, serve: Callable[[Scenario], Server]) -> None:
    """A test that is green before, red after and green again is named, and does not stand against the change."""
    write(world.project, {**PYTHON.files, "tests/test_flaky.py": flaky("run > 1 or mark.parent.name == 'run'")})
    serve(scenario(PYTHON, PYTHON.block(PYTHON.repair)))

    done = world.run("auto", REQUEST, "--json")

    assert done.code == 0, done.err + done.out
    assert done.result["flaky"] == ["tests/test_flaky.py::test_now_and_then"]
    assert "flaky, both red and green on one tree" in world.run("show", "last").out


def test_a_flaky_test_is_no_proof(world: World, serve: Callable[[Scenario], Server]) -> None:
    """A check that only chance turns green verifies nothing: exit 6, and the reason names it."""
    files = {**PYTHON.files, "tests/test_price.py": flaky("run % 2 == 0")}
    write(world.project, files)
    serve(scenario(PYTHON, PYTHON.block(PYTHON.repair)))

    done = world.run("auto", REQUEST, "--check", PYTHON.check, "--json")

    assert (done.code, done.result["outcome"]) == (6, "unverified"), done.err + done.out
    assert done.result["flaky"] == ["tests/test_price.py::test_now_and_then"]


def test_a_missing_program_is_not_a_red_test(world: World, serve: Callable[[Scenario], Server]) -> None:
    """A check whose program is not there is said so at the start; the others judge, and nothing is called verified."""
    write(world.project, PYTHON.files)
    serve(scenario(PYTHON, PYTHON.block(PYTHON.repair)))

    done = world.run("auto", REQUEST, "--check", PYTHON.check, "--check", "frobnicate --all", "--json")

    assert (done.code, done.result["outcome"], done.result["applied"]) == (6, "unverified", True)
    assert "`frobnicate --all` cannot run here" in done.result["reason"]
    warnings = [e["text"] for e in world.events() if e["type"] == "warning"]
    assert any("frobnicate" in text and "not found" in text for text in warnings)
    (task,) = done.result["tasks"]
    assert [e["passed"] for e in task["evidence"]] == [False, True]
