"""Control groups: how many processes a command may have at a time, also where it is started by root.

A limit of the user's (RLIMIT_NPROC) does not bind root, and counts all of an ordinary user's processes together.
Sources: Linux, Documentation/admin-guide/cgroup-v1/pids.rst and cgroup-v2.rst.
"""

import contextlib
import functools
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

MOUNT = Path("/sys/fs/cgroup")

NAME = "orchestrator-"
"""How every group begins; the process that made it comes next."""

SECONDS = 1.0
"""How long the kernel may take to let go of the processes that a command left behind."""


@contextlib.contextmanager
def bounded(most: int) -> Iterator[list[str]]:
    """What puts a command in a group of its own with at most so many processes; nothing where none can be made."""
    parent = home()
    group = _made(parent, most) if parent is not None else None
    if group is None:
        yield []
        return
    try:
        yield ["/bin/sh", "-c", 'echo $$ > "$0" && exec "$@"', str(group / "cgroup.procs")]
    finally:
        _removed(group)


@functools.cache
def home() -> Path | None:
    """The group below which this process may make others that count processes; None where there is none."""
    for line in _lines(Path("/proc/self/cgroup")):
        number, controllers, path = line.split(":", 2)
        below = path.lstrip("/")
        if "pids" in controllers.split(",") and os.access(MOUNT / "pids" / below, os.W_OK):
            return MOUNT / "pids" / below
        if number == "0" and "pids" in " ".join(_lines(MOUNT / below / "cgroup.subtree_control")).split():
            return MOUNT / below if os.access(MOUNT / below / "cgroup.procs", os.W_OK) else None
    return None


def _made(parent: Path, most: int) -> Path | None:
    _sweep(parent)
    try:
        group = Path(tempfile.mkdtemp(prefix=f"{NAME}{os.getpid()}-", dir=parent))
    except OSError:
        return None
    try:
        (group / "pids.max").write_text(str(most))
    except OSError:
        group.rmdir()
        return None
    return group


def _sweep(parent: Path) -> None:
    """Remove the empty groups of processes that were killed before they could do it themselves."""
    for group in parent.glob(f"{NAME}*"):
        owner = group.name.removeprefix(NAME).partition("-")[0]
        if not os.path.exists(f"/proc/{owner}"):
            with contextlib.suppress(OSError):
                group.rmdir()


def _removed(group: Path) -> None:
    """Remove a group; what is still in it is on its way out, since its command has been ended."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        try:
            group.rmdir()
        except FileNotFoundError:
            return
        except OSError:
            time.sleep(0.005)
        else:
            return


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8").splitlines()
    except OSError:
        return []
