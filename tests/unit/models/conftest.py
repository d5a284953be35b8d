"""Fixtures: a bench that opens doors, and model servers that stop after the test."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.modelserver import Server
from tests.unit.models.bench import Bench, Serve


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A bench whose doors are closed after the test."""
    made = Bench(tmp_path)
    yield made
    for door in made.doors:
        door.close()


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start model servers that are stopped after the test."""
    started: list[Server] = []

    def start(*scenarios: Any, **options: Any) -> Server:
        server = Server(scenarios, **options)
        server.start()
        started.append(server)
        return server

    yield start
    for server in started:
        server.stop()
