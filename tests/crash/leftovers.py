"""What a crash must not leave: processes, locks, partial files."""

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

PATIENCE = 10.0
"""Seconds in which what a killed run had started must be gone."""

OWN = ("scratch", "cache", "tree")
"""Folders of a run in which checks put what they like."""


def processes(folder: Path) -> list[str]:
    """The processes that have to do with a folder: by their command, their directory or their environment."""
    return [said for pid in os.listdir("/proc") if pid.isdigit() and (said := about(int(pid), str(folder)))]


def about(pid: int, folder: str) -> str:
    """The command line of a process that has to do with a folder; empty of any other."""
    if pid == os.getpid():
        return ""
    with suppress(OSError):
        place = Path("/proc", str(pid))
        if place.joinpath("stat").read_text().rpartition(")")[2].split()[0] == "Z":
            return ""
        command = place.joinpath("cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        seen = command + os.readlink(place / "cwd") + place.joinpath("environ").read_text(errors="replace")
        return f"{pid} {command[:200]}" if folder in seen else ""
    return ""


def stray(folder: Path, patience: float = PATIENCE) -> list[str]:
    """The processes that are still there after a while."""
    end = time.monotonic() + patience
    while (found := processes(folder)) and time.monotonic() < end:
        time.sleep(0.05)
    return found


def files(run: Path, project: Path, temporary: Path) -> list[str]:
    """Locks and partial files: in a run's folder, in the project, among the temporary files."""
    found = [path for path in below(run) if path.name.startswith((".", "tmp")) or path.suffix == ".lock"]
    found += [path for path in project.rglob("*") if path.name.endswith(".partial")]
    return [str(path) for path in (*found, *temporary.iterdir())]


def below(folder: Path) -> Iterator[Path]:
    """Everything in a folder of our own making."""
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in OWN]
        yield from (Path(place, name) for name in (*folders, *names))
