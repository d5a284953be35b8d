"""Measuring one command: CPU of the whole process tree, greatest memory of the tree, wall time."""

import ctypes
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
    """User and system seconds of the process and of all its descendants, also those that it left to others."""
    peak: float
    """Greatest sum of resident memory over the tree, in MB; pages that programs share count once for each."""
    wall: float
    output: str


def measure(argv: Sequence[str], *, cwd: Path, env: Mapping[str, str], timeout: float) -> Cost:
    """Run a command to its end; raises TimeoutError after `timeout` seconds, when the tree is killed."""
    adopt_orphans()
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
        cpu = usage.ru_utime + usage.ru_stime + _orphans()
        timer.cancel()
        done.set()
        watcher.join()
        output.seek(0)
        text = output.read()
    if wall >= timeout:
        raise TimeoutError(f"{argv[0]} took longer than {timeout:.0f} s:\n{text[-2000:]}")
    return Cost(process.returncode, cpu, max(peaks), wall, text)


def adopt_orphans() -> None:
    """Become the parent of descendants whose own parent ends first, so that none escapes the count (Linux)."""
    set_child_subreaper = 36
    if ctypes.CDLL(None).prctl(set_child_subreaper, 1, 0, 0, 0) != 0:
        raise OSError("this system cannot adopt orphans; the figures would leave some processes out")


def _orphans() -> float:
    """CPU seconds of adopted descendants that have ended; those that live on are ended first."""
    cpu = 0.0
    for member in _tree(os.getpid())[1:]:
        _kill(member)
    while True:
        try:
            _, _, usage = os.wait4(-1, 0)
        except ChildProcessError:
            return cpu
        cpu += usage.ru_utime + usage.ru_stime


def _watch(pid: int, peaks: list[float], done: threading.Event) -> None:
    while not done.wait(SAMPLE_SECONDS):
        peaks.append(sum(_memory(member) for member in _tree(pid)))


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


def _memory(pid: int) -> float:
    """Resident MB of a process; a child between fork and exec is its parent still, and counts nothing."""
    own = _program(pid)
    parent = _parent(Path(f"/proc/{pid}"))
    if own is None or (parent is not None and _program(parent) == own):
        return 0.0
    return int(own[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def _program(pid: int) -> tuple[bytes, bytes] | None:
    """Command line and resident pages of a process, None where it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes(), Path(f"/proc/{pid}/statm").read_bytes().split()[1]
    except (OSError, IndexError):
        return None


def _kill(pid: int) -> None:
    for member in reversed(_tree(pid)):
        try:
            os.kill(member, 9)
        except ProcessLookupError:
            continue
