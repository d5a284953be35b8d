"""Snapshot: the user's tree as it is now, uncommitted and untracked files included, in the run's own repository."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from workspace.errors import GitFailed
from workspace.git import HARMLESS, git
from workspace.index import WorkTree
from workspace.run import Run

HEAVY = ("node_modules", ".venv", "venv", "target", "__pycache__", ".tox", ".mypy_cache", ".pytest_cache", ".ruff_cache")
"""Names that a folder without git is taken to ignore."""


@dataclass(frozen=True)
class Skipped:
    """A path that is not in the snapshot, and why."""

    path: str
    reason: str


@dataclass(frozen=True)
class Snapshot:
    """The commit that holds the user's tree, the number of its files, and what it could not take in."""

    commit: str
    files: int
    skipped: list[Skipped]


def take(run: Run) -> Snapshot:
    """Take the snapshot. The user's files, index and HEAD are only read."""
    tree = WorkTree(run.repository, run.root, run.folder / "snapshot.index")
    kept: list[str] = []
    skipped: list[Skipped] = []
    for path in listed(run.root, tree):
        reason = why_skipped(run.root / path, path)
        if reason is None:
            kept.append(path)
        elif reason:
            skipped.append(Skipped(path, reason))
    tree.add(kept)
    commit = run.repository.commit_tree(tree.write(), [], "snapshot")
    run.repository.set_ref("heads/base", commit)
    return Snapshot(commit, len(kept), skipped)


def listed(root: Path, tree: WorkTree) -> list[str]:
    """Tracked files and untracked ones that are not ignored; in a folder without git, all that are not ignored."""
    settings = [part for setting in HARMLESS for part in ("-c", setting)]
    try:
        said = git(*settings, "ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=root)
    except GitFailed:
        return sorted(set(tree.untracked(excluded=HEAVY)))
    return sorted(set(said.fields))


def why_skipped(path: Path, name: str) -> str | None:
    """None for a file that belongs in the snapshot, "" for one that is gone, else the reason to say."""
    try:
        mode = path.lstat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except OSError as error:
        return str(error.strerror)
    if stat.S_ISDIR(mode) or name.endswith("/"):
        return "a repository of its own"
    if stat.S_ISLNK(mode):
        return None
    if not stat.S_ISREG(mode):
        return "not a regular file"
    return None if os.access(path, os.R_OK) else "not readable"
