"""The command ``runs prune``: old runs are removed from the disk."""

import os
from argparse import Namespace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from orchestrator.checkpoints import database_of, saver_of
from orchestrator.errors import UsageError
from orchestrator.project import state_folder
from orchestrator.result import line_of
from orchestrator.words import number, one_line
from workspace.errors import RunBroken, RunBusy
from workspace.prune import Old, finish, looked_at, remove
from workspace.run import Run

LONGEST = 36_500
"""Days that no run is older than."""


def prune(options: Namespace) -> int:
    """Remove what the options name and nothing needs, and say what stays and why."""
    if options.keep is None and options.older_than is None:
        raise UsageError("Which runs?", fix="Give --keep N, --older-than DAYS, or both.")
    home = state_folder(os.environ)
    before = (
        datetime.now(UTC) - timedelta(days=min(options.older_than, LONGEST)) if options.older_than is not None else None
    )
    old = looked_at(home, keep=options.keep or 0, before=before, applied=options.applied)
    going, staying = [o for o in old if not o.kept], {o.id: o.kept for o in old if o.kept}
    if not options.dry_run:
        going = removed(going, staying, home)
    show(going, staying, options)
    return 0


def removed(going: list[Old], staying: dict[str, str], home: Path) -> list[Old]:
    """Remove the folders; one that a process has taken up meanwhile stays."""
    done = []
    for old in going:
        try:
            forget(old, home)
            remove(old)
            done.append(old)
        except RunBusy:
            staying[old.id] = "it is under way"
        except UsageError as error:
            staying[old.id] = f"its checkpoints could not be removed: {error}"
        except OSError as error:
            staying[old.id] = f"it could not be removed ({error.strerror})"
    finish(home)
    return done


def forget(old: Old, home: Path) -> None:
    """Remove what a run has in a shared database of checkpoints; raises UsageError, and RunBusy while it is driven."""
    try:
        run = Run.open(home, old.id)
    except RunBroken:
        return
    if database_of(run):
        with run.lock(), saver_of(run) as saver:
            saver.delete_thread(run.id)


def show(going: list[Old], staying: dict[str, str], options: Namespace) -> None:
    """Tell what went and what stays."""
    freed = sum(old.bytes for old in going)
    if options.json:
        kept = [{"run": run, "why": why} for run, why in staying.items()]
        about = {"v": 1, "dry_run": options.dry_run, "removed": [old.id for old in going], "kept": kept, "bytes": freed}
        print(line_of(about))
        return
    for old in going:
        print(f"{old.id[:8]}  {old.created:%Y-%m-%d %H:%M}  {old.bytes / 1e6:8.1f} MB  {one_line(old.request, 60)}")
    for run, why in staying.items():
        print(f"{run[:8]}  stays: {why}")
    would = "would be removed" if options.dry_run else "removed"
    print(f"{number(len(going), 'run')} {would}, {freed / 1e6:.1f} MB")
