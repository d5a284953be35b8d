"""Limits: what a command in the sandbox may use up, set by the shell that starts it."""

import contextlib
import os
from pathlib import Path
from typing import Final

MIB: Final = 1 << 20

LEAST_MEMORY: Final = 2048 * MIB
"""Bytes that one process may use even on a small machine: less is not enough for a compiler or a JVM."""

MOST_FILE: Final = 2048 * MIB
"""Bytes of the largest file that may be written."""

MOST_PROCESSES: Final = 4096
"""Processes and threads of a command at a time."""


def limited(command: str, *, timeout: float, processes: int) -> list[str]:
    """The argv of a shell that sets the limits, then becomes a shell that runs ``command``.

    Memory is limited by RLIMIT_DATA, which counts what is really writable: node, Go and the JVM reserve far more
    addresses than they use, so that a limit on the address space would end them at their start. ``processes`` is how
    many the user may have, who is another one in a namespace of users: see `beside_others`.
    """
    seconds = int(timeout * (os.cpu_count() or 1)) + 60
    settings = [f"-t {seconds}", f"-d {memory() // 1024}", f"-f {MOST_FILE // 512}", "-c 0"]
    prelude = "; ".join(f"ulimit {setting} 2>/dev/null" for setting in settings)
    # bash says -u, dash says -p, which bash knows as the size of a pipe and refuses to set.
    prelude += f"; ulimit -u {processes} 2>/dev/null || ulimit -p {processes} 2>/dev/null"
    return ["/bin/sh", "-c", f'{prelude}; exec /bin/sh -c "$0"', command]


def beside_others() -> int:
    """How many processes the user may have while a command runs that is counted with all others of the user.

    Source: RLIMIT_NPROC in setrlimit(2). It does not bind root: see :mod:`workspace.cgroup`.
    """
    there = 0
    for task in Path("/proc").glob("[0-9]*/task"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            about = task.stat()
            there += (about.st_nlink - 2) * (about.st_uid == os.geteuid())
    return there + MOST_PROCESSES


def memory() -> int:
    """Bytes that one process may use: three quarters of the machine."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return max(LEAST_MEMORY, total * 3 // 4)
