"""Measuring one command: CPU of the whole process tree, greatest memory of the tree, wall time."""

import os
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

SAMPLE_SECONDS = 0.02
"""Time between two looks at the memory of the tree; a shorter peak may be missed."""


@dataclass(frozen=True)
class Cost:
    """What one command cost."""

    code: int
    cpu: float
    """User and system seconds of the process and of all descendants that were waited for."""
    peak: float
    """Greatest sum of resident memory over the tree, in MB; pages that processes share count once for each."""
    wall: float
    output: str


def measure(argv: Sequence[str], *, cwd: Path, env: Mapping[str, str], timeout: float) -> Cost:
    """Run a command to its end; raises TimeoutError after `timeout` seconds, when the tree is killed."""
    started = time.monotonic()
    with (cwd.parent / "output.txt").open("w+") as output:
        process = subprocess.Popen(
            argv, cwd=cwd, env=dict(env), stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
        peaks = [0.0]
        done = threading.Event()
        watcher = threading.Thread(target=_watch, args=(process.pid, peaks, done))
        watcher.start()
        timer = threading.Timer(timeout, _kill, [process.pid])
        timer.start()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.monotonic() - started
        timer.cancel()
        done.set()
        watcher.join()
        output.seek(0)
        text = output.read()
    if wall >= timeout:
        raise TimeoutError(f"{argv[0]} took longer than {timeout:.0f} s:\n{text[-2000:]}")
    return Cost(process.returncode, usage.ru_utime + usage.ru_stime, max(peaks), wall, text)


def _watch(pid: int, peaks: list[float], done: threading.Event) -> None:
    while not done.wait(SAMPLE_SECONDS):
        peaks.append(sum(_resident(member) for member in _tree(pid)))


def _tree(pid: int) -> list[int]:
    """The process and all its descendants, as they are now."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (parent := _parent(entry)) is not None:
            parents.setdefault(parent, []).append(int(entry.name))
    found, open_ = [], [pid]
    while open_:
        member = open_.pop()
        found.append(member)
        open_ += parents.get(member, [])
    return found


def _parent(entry: Path) -> int | None:
    try:
        return int((entry / "stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, IndexError, ValueError):
        return None


def _resident(pid: int) -> float:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError, ValueError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _kill(pid: int) -> None:
    for member in reversed(_tree(pid)):
        try:
            os.kill(member, 9)
        except ProcessLookupError:
            continue
