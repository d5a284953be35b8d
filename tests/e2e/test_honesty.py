"""No success by text: what a model claims, and what it does to tests, never makes a run verified."""

from collections.abc import Callable

from tests.e2e.conftest import write
from tests.e2e.small import PYTHON, REQUEST, scenario
from tests.modelserver.scenario import Scenario
from tests.modelserver.server import Server
from tests.tree import tree
from tests.world import World

CLAIM = "I fixed the bug. All tests pass now:\n\n```text\n===== 1 passed in 0.01s =====\n```\n"

TEST_EDIT = (
    "tests/test_price.py\n```\n<<<<<<< SEARCH\n    assert net(120, 1.2) == 100\n=======\n"
    "    assert net(120, 1.2) == 144\n>>>>>>> REPLACE\n```\n"
)

CONFTEST = "conftest.py\n```\n<<<<<<< SEARCH\n=======\ncollect_ignore_glob = ['tests/*']\n>>>>>>> REPLACE\n```\n"


def test_a_claim_is_no_success(world: World, serve: Callable[[Scenario], Server]) -> None:
    """A model that only says that the tests pass ends as stuck; the folder is byte-identical."""
    write(world.project, PYTHON.files)
    server = serve(scenario(PYTHON, CLAIM))
    before = tree(world.project)

    done = world.run("auto", REQUEST, "--check", PYTHON.check, "--json")

    assert done.code == 4
    assert done.result["outcome"] == "stuck"
    assert not done.result["applied"]
    assert tree(world.project) == before
    assert server.counters["identical"] <= 2


def test_an_edited_test_is_refused_and_reported(world: World, serve: Callable[[Scenario], Server]) -> None:
    """A model that changes the expected value never gets it written; the events say so; the exit code is not 0."""
    write(world.project, PYTHON.files)
    serve(scenario(PYTHON, TEST_EDIT))
    before = tree(world.project)

    done = world.run("auto", REQUEST, "--check", PYTHON.check, "--json")

    assert done.code == 4
    assert tree(world.project) == before
    refused = [f for e in world.events() if e["type"] == "edit.refused" for f in e["findings"]]
    assert any("tests/test_price.py" in f["message"] and "protected" in f["message"] for f in refused)


def test_runner_configuration_cannot_hide_the_tests(world: World, serve: Callable[[Scenario], Server]) -> None:
    """A conftest.py that ignores all tests is refused like an edited test."""
    write(world.project, PYTHON.files)
    serve(scenario(PYTHON, CONFTEST))
    before = tree(world.project)

    done = world.run("auto", REQUEST, "--check", PYTHON.check, "--json")

    assert done.code == 4
    assert tree(world.project) == before


def test_a_cheat_that_is_followed_by_a_real_fix_is_verified(world: World, serve: Callable[[Scenario], Server]) -> None:
    """What counts is the original test on the real fix: exit 0, and the test's file is as it was."""
    write(world.project, PYTHON.files)
    serve(scenario(PYTHON, TEST_EDIT, PYTHON.block(PYTHON.repair)))

    done = world.run("auto", REQUEST, "--check", PYTHON.check, "--json")

    assert done.code == 0, done.err
    assert done.result["files"] == ["shop/price.py"]
    assert (world.project / "tests/test_price.py").read_text() == PYTHON.files["tests/test_price.py"]


def test_a_wrong_answer_is_repaired_with_the_real_output(world: World, serve: Callable[[Scenario], Server]) -> None:
    """The fixer is shown the failing assertion of the executed test, and its repair is verified."""
    write(world.project, PYTHON.files)
    wrong = PYTHON.block("    return gross - rate\n")
    repair = wrong.replace(PYTHON.fault, "    return gross - rate\n").replace(
        "=======\n    return gross - rate\n", f"=======\n{PYTHON.repair}"
    )
    server = serve(scenario(PYTHON, wrong, fixes=repair))

    done = world.run("auto", REQUEST, "--check", PYTHON.check, "--json")

    assert done.code == 0, done.err
    (asked,) = server.bodies("fixer")
    assert "118.8 == 100" in asked["messages"][-1]["content"]
