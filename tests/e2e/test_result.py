"""The result object is a contract: scripts read it."""

from collections.abc import Callable
from typing import Any

from syrupy.assertion import SnapshotAssertion

from tests.e2e.conftest import write
from tests.e2e.small import PYTHON, REQUEST, scenario
from tests.modelserver.scenario import Scenario
from tests.modelserver.server import Server
from tests.world import World

CHANGING = {"run", "seconds", "output", "prompt_tokens"}
"""Fields that differ from run to run, or with the version of pytest."""


def steady(value: Any) -> Any:
    """The value without what changes."""
    if isinstance(value, dict):
        return {k: f"<{k}>" if k in CHANGING else steady(v) for k, v in value.items()}
    return [steady(v) for v in value] if isinstance(value, list) else value


def test_the_result_of_a_verified_run(
    world: World, serve: Callable[[Scenario], Server], snapshot: SnapshotAssertion
) -> None:
    """Outcome, tasks with their evidence before and after, usage, and the files that were written."""
    write(world.project, PYTHON.files)
    serve(scenario(PYTHON, PYTHON.block(PYTHON.repair)))

    done = world.run("auto", REQUEST, "--check", PYTHON.check, "--json")

    assert steady(done.result) == snapshot
