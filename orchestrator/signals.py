"""Signals that must wait: the user's files are brought from one state to the other, or not at all."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

POLITE = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""What asks a process to end."""


@contextmanager
def ignored() -> Iterator[None]:
    """Let what asks this process to end go unheard for a moment: the step is short, and half of it would be worse."""

    def unheard(number: int, frame: FrameType | None) -> None:
        return

    before = {number: signal.signal(number, unheard) for number in POLITE}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
