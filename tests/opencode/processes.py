"""Which processes of a run are alive."""

import os
import subprocess
import time
from pathlib import Path


def hosts_of(folder: Path) -> list[int]:
    """The processes of the Python package that work for this state directory."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
            environment = (entry / "environ").read_bytes()
        except OSError:
            continue
        if b"host" in words and f"ORCHESTRATOR_HOME={folder}".encode() in environment.split(b"\0"):
            found.append(int(entry.name))
    return found


def gone(folder: Path, seconds: float) -> bool:
    """Whether all of them have left within so many seconds."""
    end = time.monotonic() + seconds
    while hosts_of(folder):
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def stopped(process: "subprocess.Popen[str]") -> None:
    """End a process for good."""
    process.kill()
    process.communicate()
