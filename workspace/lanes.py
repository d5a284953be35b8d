"""Lanes: plain directories in which tasks are worked on, each with an index that commands in it cannot reach."""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from workspace import borrowed
from workspace.errors import WorkspaceError
from workspace.index import WorkTree
from workspace.run import Run


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
    borrowed: tuple[str, ...]
    """Dependency folders of the user's tree, relative to its root."""

    def checkout(self, commit: str) -> None:
        """Make the directory exactly this commit, with links to the user's dependency folders beside it."""
        self.tree.reset(commit, spare=self.links())
        for name in self.borrowed:
            link = self.path / name
            if link.parent.is_dir() and not os.path.lexists(link):
                link.symlink_to(self.root / name)

    def commit(self, message: str, parents: Sequence[str]) -> str:
        """Commit everything in the directory, caches and borrowed folders aside; returns the commit."""
        self.tree.add_all(aside=self.links())
        repository = self.tree.repository
        commit = repository.commit_tree(self.tree.write(), list(parents), message)
        repository.set_ref(f"lanes/{self.name}", commit)
        return commit

    def links(self) -> list[str]:
        """The borrowed folders that are linked now, as they were: a command may have put something else there."""
        return [name for name in self.borrowed if is_link_to(self.path / name, self.root / name)]


def open_lane(run: Run, name: str) -> Lane:
    """The lane of this name; made on first use. Only the process that drives the run may open its lanes."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,60}", name) or name.endswith(".lock"):
        raise WorkspaceError(f"{name!r} cannot be the name of a lane")
    folder = run.lanes_path / name
    path, scratch = folder / "tree", folder / "scratch"
    path.mkdir(parents=True, exist_ok=True)
    scratch.mkdir(exist_ok=True)
    tree = WorkTree(run.repository, path, folder / "index")
    tree.unlock()
    return Lane(name, path, scratch, run.root, tree, borrowed.load(run.folder))


def is_link_to(path: Path, target: Path) -> bool:
    """True for a link with exactly this target."""
    return path.is_symlink() and os.readlink(path) == str(target)
