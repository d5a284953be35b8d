"""Signals that ask a process to end: who hears them for a while, and that they are heard as before afterwards."""

import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from types import FrameType

POLITE = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""What asks a process to end."""


@contextmanager
def heard_by(handler: Callable[[int, FrameType | None], object], numbers: Iterable[signal.Signals]) -> Iterator[None]:
    """Let a handler hear these signals, then whoever heard them before."""
    before = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)


def ignored() -> AbstractContextManager[None]:
    """Let what asks this process to end go unheard for a moment: the step is short, and half of it would be worse."""
    return heard_by(lambda number, frame: None, POLITE)
