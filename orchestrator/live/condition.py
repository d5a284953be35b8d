"""How things stand, by the outside of files: cheap enough to be looked at several times a second."""

import contextlib
import hashlib
import os
from pathlib import Path

from workspace.run import Run

WRITTEN = ("run.json", "events.jsonl", "journal.jsonl")
"""The files that change when there is news of a run."""


def version_of(run: Run) -> str:
    """Another text whenever there is something new about a run."""
    return _digest([*(_outside(run.folder / name) for name in WRITTEN), str(is_driven(run))])


def version_of_all(home: Path) -> str:
    """Another text whenever there is something new about any run."""
    with contextlib.suppress(FileNotFoundError):
        folders = sorted(entry.path for entry in os.scandir(home / "runs"))
        return _digest([_outside(Path(folder, name)) for folder in folders for name in ("run.json", "events.jsonl")])
    return _digest([])


def is_driven(run: Run) -> bool:
    """Whether a process drives the run, as its lock tells.

    The lock is only read: whoever tried it would be in the way of a process that wants it at this moment.
    """
    try:
        os.kill(int((run.folder / "lock").read_text("utf-8")), 0)
    except (OSError, ValueError):
        return False
    return True


def _outside(path: Path) -> str:
    try:
        found = path.stat()
    except OSError:
        return f"{path.name} is missing"
    return f"{path} {found.st_size} {found.st_mtime_ns}"


def _digest(parts: list[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:16]
