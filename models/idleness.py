"""Idleness: how much of this machine other programs use, which decides what the embedded model may take.

The load average tells of the last minute: after a build, or after a run before this one, it calls an idle machine busy.
"""

import os
import time
from pathlib import Path

LEAST_SECONDS = 0.3
"""The shortest time over which use is told."""


class Others:
    """Watches the other programs of this machine from its creation on."""

    def __init__(self) -> None:
        self._began, self._before = time.monotonic(), _used()

    def cores(self) -> float:
        """How many cores they used on average; commands of ours that still run count among them."""
        time.sleep(max(0.0, self._began + LEAST_SECONDS - time.monotonic()))
        if self._before is None or (now := _used()) is None:
            return os.getloadavg()[0]
        return max(0.0, now - self._before) / (time.monotonic() - self._began)


def _used() -> float | None:
    """Seconds of processor time that others have used since the machine was started; None where it does not tell."""
    try:
        first = Path("/proc/stat").read_text("ascii").partition("\n")[0].split()
    except OSError:
        return None
    user, nice, system, _idle, _waiting, *interrupts = map(int, first[1:8])
    busy = user + nice + system + sum(interrupts)
    return busy / os.sysconf("SC_CLK_TCK") - sum(os.times()[:4])
