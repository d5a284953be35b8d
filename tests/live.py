"""The server of `runs serve`, in a thread of a test."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from orchestrator.live.server import Server


@contextmanager
def served(home: Path) -> Iterator[Server]:
    """A server over a state directory."""
    with Server(home, 0) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
