"""Lanes: plain directories in which tasks are worked on, each with an index that commands in it cannot reach."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from workspace.errors import WorkspaceError
from workspace.index import WorkTree
from workspace.run import Run

DEPENDENCIES = ("node_modules", ".venv", "venv")
"""Folders that a lane borrows from the user's tree where git ignores them there."""


@dataclass(frozen=True)
class Lane:
    """One lane. Not shared between threads."""

    name: str
    path: Path
    """The working directory."""
    scratch: Path
    """Where tools put caches and build results; kept between checks, never part of a commit."""
    root: Path
    tree: WorkTree

    def checkout(self, commit: str) -> None:
        """Make the directory exactly this commit, with the user's dependency folders beside it."""
        self.tree.reset(commit, spare=DEPENDENCIES)
        for name in DEPENDENCIES:
            link, target = self.path / name, self.root / name
            if target.is_dir() and not link.exists() and not link.is_symlink():
                link.symlink_to(target)

    def commit(self, message: str, parents: Sequence[str]) -> str:
        """Commit everything in the directory, caches aside; returns the commit."""
        self.tree.add_all()
        repository = self.tree.repository
        commit = repository.commit_tree(self.tree.write(), list(parents), message)
        repository.set_ref(f"lanes/{self.name}", commit)
        return commit


def open_lane(run: Run, name: str) -> Lane:
    """The lane of this name; made on first use."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,60}", name) or name.endswith(".lock"):
        raise WorkspaceError(f"{name!r} cannot be the name of a lane")
    folder = run.lanes_path / name
    path, scratch = folder / "tree", folder / "scratch"
    path.mkdir(parents=True, exist_ok=True)
    scratch.mkdir(exist_ok=True)
    return Lane(name, path, scratch, run.root, WorkTree(run.repository, path, folder / "index"))
