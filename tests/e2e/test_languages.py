"""The same loop in other languages: the project's own test runner is found, red before and green after."""

from collections.abc import Callable

import pytest

from tests import needs
from tests.e2e.conftest import write
from tests.e2e.small import GO, NODE, REQUEST, RUST, Project, scenario
from tests.modelserver.scenario import Scenario
from tests.modelserver.server import Server
from tests.world import World


@pytest.mark.timeout(240)
@pytest.mark.parametrize("project", [NODE, RUST, pytest.param(GO, marks=needs.go)], ids=["node", "rust", "go"])
def test_a_fault_is_repaired_in(project: Project, world: World, serve: Callable[[Scenario], Server]) -> None:
    """A wrong first answer, then the fix: verified by the language's own runner, which the run found by itself."""
    write(world.project, project.files)
    wrong = project.fault.replace("gross", "percent" if "percent" in project.fault else "rate")
    repair = project.block(project.repair).replace(project.fault, wrong, 1)
    serve(scenario(project, project.block(wrong), fixes=repair))

    done = world.run("auto", REQUEST, "--check", project.check, "--json")

    assert done.code == 0, done.err + done.out
    (task,) = done.result["tasks"]
    assert [e["passed"] for e in task["evidence"]] == [False, True]
    assert project.repair in (world.project / project.path).read_text()
    found = [e["findings"] for e in world.events() if e["type"] == "verdict"]
    assert [bool(f) for f in found] == [True, False]


def test_the_runner_of_the_project_is_found(world: World, serve: Callable[[Scenario], Server]) -> None:
    """Without --check the project's own tests are run; red before and green after is evidence that nobody named."""
    write(world.project, NODE.files)
    serve(scenario(NODE, NODE.block(NODE.repair)))

    done = world.run("auto", REQUEST, "--json")

    assert done.code == 0, done.err + done.out
