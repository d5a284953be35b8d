"""A time after which a trial is given up."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Hung(Exception):
    """It did not end in time."""


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Raise Hung in the main thread after so many seconds; a timer that runs already is put back in the end."""

    def ring(number: int, frame: FrameType | None) -> None:
        raise Hung(f"no end after {seconds:g} s")

    handler = signal.signal(signal.SIGALRM, ring)
    left, interval = signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, left, interval)
        signal.signal(signal.SIGALRM, handler)
