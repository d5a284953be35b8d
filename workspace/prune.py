"""Pruning: the folders of runs that nobody needs any more are removed, so that the disk stays bounded."""

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from workspace.errors import RunBroken, RunBusy, RunNewer, RunNotFound
from workspace.index import open_folders
from workspace.move import journal
from workspace.run import Run, held

GOING = ".pruned-"
"""What the name of a folder begins with once it is no run any more, and only has to be emptied."""

MAKING = ".making-"
"""What the name of a folder begins with in which a run is made that is to be there whole or not at all."""

YOUNG = timedelta(hours=1)
"""A folder without a record may be one that is being made: for so long it is left alone."""


@dataclass(frozen=True)
class Old:
    """A run folder that was looked at, with the reason why it stays; none where it may go."""

    id: str
    path: Path
    created: datetime
    request: str
    bytes: int
    kept: str


def looked_at(home: Path, *, keep: int, before: datetime | None, applied: bool) -> list[Old]:
    """The run folders beyond the ``keep`` newest ones that were made ``before`` a time, the newest first."""
    found = sorted((made(path), path) for path in folders(home))[::-1][keep:]
    return [look(path, created, applied) for created, path in found if before is None or created < before]


def folders(home: Path) -> Iterator[Path]:
    """The folders of all runs, damaged ones included."""
    with suppress(FileNotFoundError):
        yield from (p for p in (home / "runs").iterdir() if p.is_dir() and not p.name.startswith("."))


def made(path: Path) -> datetime:
    """When a run was made; of a damaged one, when its folder was last changed."""
    with suppress(RunBroken, ValueError):
        return datetime.fromisoformat(Run.open(path.parent.parent, path.name).created)
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def look(path: Path, created: datetime, applied: bool) -> Old:
    """One folder, and whether it may go."""
    request, kept = "", ""
    try:
        run = Run.open(path.parent.parent, path.name)
        request, kept = run.request, why_kept(run, applied=applied)
    except RunNewer:
        kept = "a newer version of this program wrote it"
    except RunBroken:
        request = "(damaged)"
        kept = "it is being made" if datetime.now(UTC) - created < YOUNG else ""
    return Old(path.name, path, created, request, size(path), kept)


def why_kept(run: Run, *, applied: bool) -> str:
    """Why a run must stay; empty where it may go."""
    try:
        with run.lock():
            move = journal(run)
    except RunBusy:
        return "it is under way"
    except RunNewer:
        raise
    except RunBroken:
        return ""
    state = move["state"] if move else "undone"
    if state in ("applying", "undoing"):
        return f"its step into your files was interrupted; finish it with: orchestrator apply {run.id[:8]}"
    return "its change is in your files, and only it can undo that" if state == "applied" and not applied else ""


def size(folder: Path) -> int:
    """The bytes that a folder takes on the disk."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                total += os.lstat(os.path.join(place, name)).st_blocks * 512
    return total


def remove(old: Old) -> None:
    """Remove a folder: first it stops being a run, in one step, then it is emptied. Raises RunBusy."""
    gone = old.path.with_name(f"{GOING}{old.id}")
    with suppress(RunNotFound), held(old.path, old.id):
        os.replace(old.path, gone)
    empty(gone)


def finish(home: Path) -> None:
    """Empty what an interrupted pruning has left, and what was begun so long ago that nobody is making it any more."""
    begun = datetime.now(UTC) - YOUNG
    old = [p for p in (home / "runs").glob(f"{MAKING}*") if p.stat().st_mtime < begun.timestamp()]
    for gone in sorted([*(home / "runs").glob(f"{GOING}*"), *old]):
        with suppress(OSError):
            empty(gone)


def empty(folder: Path) -> None:
    """Remove a folder with everything in it, whatever rights commands have taken away from themselves."""
    if folder.is_dir():
        open_folders(folder)
        shutil.rmtree(folder)
