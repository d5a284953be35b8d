"""Model servers that stop after the test."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.modelserver import Scenario, Server


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    """Start model servers."""
    with ExitStack() as stack:

        def start(*scenarios: Scenario, **options: Any) -> Server:
            return stack.enter_context(Server(scenarios, **options))

        yield start
