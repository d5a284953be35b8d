"""The end of a namespace of processes: when its first process is gone, so is all that was started in it.

Source: pid_namespaces(7).
"""

import contextlib
import json
import os
import select
from collections.abc import Iterator

from workspace.cgroup import SECONDS
from workspace.process import end_notice


@contextlib.contextmanager
def emptied() -> Iterator[int]:
    """A descriptor for bwrap's ``--info-fd``; on leaving, the processes that a command left behind are gone.

    bwrap ends as soon as it knows the command's exit code, a moment before its first process has ended the others.
    """
    told, tell = os.pipe()
    os.set_blocking(told, False)
    try:
        yield tell
    finally:
        os.close(tell)
        with contextlib.suppress(OSError, ValueError, KeyError):  # it was never started
            _wait_for(int(json.loads(os.read(told, 4096))["child-pid"]))
        os.close(told)


def _wait_for(process: int) -> None:
    with end_notice(process) as notice:
        if notice is not None:
            over = select.poll()
            over.register(notice, select.POLLIN)
            over.poll(SECONDS * 1000)
