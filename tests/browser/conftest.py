"""A real browser."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.chromium import chromium


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium; what it is shown is on this machine."""
    with chromium() as opened:
        yield opened
