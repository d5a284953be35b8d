"""Whole runs: the real command, a real git, a real sandbox, and a scripted model over a real socket."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.modelserver.scenario import Scenario
from tests.modelserver.server import Server
from tests.world import World


def write(folder: Path, files: Mapping[str, str]) -> None:
    """Make files below a folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A machine without any model, with an empty project folder."""
    world = World(tmp_path)
    world.project.mkdir()
    return world


@pytest.fixture
def serve(world: World) -> Iterator[Callable[[Scenario], Server]]:
    """Start a scripted model; the world's environment points at it."""
    with ExitStack() as stack:

        def start(scenario: Scenario) -> Server:
            server = stack.enter_context(Server(scenario))
            world.env |= {
                "OPENAI_BASE_URL": server.base_url,
                "ORCHESTRATOR_MODEL": scenario.name,
                "OPENAI_API_KEY": "key-for-tests",
            }
            return server

        yield start
