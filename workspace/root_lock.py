"""One process at a time writes into a user's folder, whichever run it drives. Nothing is left there for it."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from workspace.errors import ApplyFailed

PATIENCE = 60.0
"""Seconds that another run's step may take."""


@contextmanager
def alone_in(root: Path) -> Iterator[None]:
    """Hold the folder itself; the lock ends with the process, however it ends. Raises ApplyFailed."""
    descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        end = time.monotonic() + PATIENCE
        while not held(descriptor):
            if time.monotonic() > end:
                raise ApplyFailed(f"another run is writing into {root}. Nothing was changed. Try again later")
            time.sleep(0.02)
        yield
    finally:
        os.close(descriptor)


def held(descriptor: int) -> bool:
    """Try to take the lock; a file system that knows no locks counts as held."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True
