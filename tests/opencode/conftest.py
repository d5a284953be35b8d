"""OpenCode, the packed plugin, and a scripted model, for each test afresh."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.faults.scene import SMALL, Scene
from tests.modelserver.scenario import Scenario
from tests.modelserver.server import Server
from tests.opencode.world import OpenCode, packed, scenario_of

Open = Callable[..., tuple[OpenCode, Server]]


@pytest.fixture(scope="session")
def tarball(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The plugin as npm publishes it."""
    return packed(tmp_path_factory.mktemp("plugin"))


@pytest.fixture
def opened(tmp_path: Path, tarball: Path) -> Iterator[Open]:
    """Make a project with OpenCode before a model: give the model's scenario, and what differs of the configuration."""
    with ExitStack() as stack:

        def make(scenario: Scenario | None = None, scene: Scene = SMALL, **fields: Any) -> tuple[OpenCode, Server]:
            server = stack.enter_context(Server(scenario or scenario_of(scene)))
            return OpenCode(tmp_path, server.base_url, tarball, **fields).prepare(scene), server

        yield make
