"""A directory seen as a git working tree through an index of its own that lies outside it."""

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from workspace.errors import GitFailed
from workspace.git import Said, git
from workspace.repository import CACHES, Repository


@dataclass(frozen=True)
class WorkTree:
    """A plain directory, an index file, and the repository they belong to. Not shared between threads."""

    repository: Repository
    path: Path
    index: Path

    def unlock(self) -> None:
        """Remove the lock that a killed git has left; the caller knows that no other process works here."""
        self.index.with_name(f"{self.index.name}.lock").unlink(missing_ok=True)

    def add(self, paths: Iterable[str]) -> list[str]:
        """Take these files into the index as they are now, ignored ones included; one that is gone by now is not.

        Returns the paths that git refuses to hold.
        """
        listed = b"".join(os.fsencode(path) + b"\0" for path in paths)
        if not listed:
            return []
        said = self._git("update-index", "-z", "--add", "--remove", "--stdin", input=listed)
        return re.findall(r"^Ignoring path (.*)$", said.warnings, re.M)

    def add_all(self, *, aside: Sequence[str]) -> None:
        """Take every change of the directory into the index, but for caches and the paths ``aside``.

        A file counts even where the user's own .gitignore names it: what a task has written must not vanish.
        """
        left_out = [f":(exclude,top,glob)**/{pattern}" for pattern in CACHES]
        left_out += [f":(exclude,top,literal){path}" for path in aside]
        self._git("add", "--all", "--force", "--", ".", *left_out)

    def write(self) -> str:
        """The tree of the index."""
        return self._git("write-tree").text

    def reset(self, commit: str, *, spare: Sequence[str] = ()) -> None:
        """Make the directory exactly this commit; only the paths ``spare`` may stay beside it."""
        try:
            self._reset(commit, spare)
        except GitFailed:
            open_folders(self.path)
            self._reset(commit, spare)

    def untracked(self, *, excluded: Sequence[str]) -> Said:
        """The files that are neither in the index nor ignored nor match an ``excluded`` pattern."""
        patterns = [part for name in excluded for part in ("-x", name)]
        return self._git("ls-files", "-z", "--others", "--exclude-standard", *patterns)

    def _reset(self, commit: str, spare: Sequence[str]) -> None:
        self._git("read-tree", "--reset", "-u", commit)
        self._git("clean", "-ffdqx", *(part for path in spare for part in ("-e", f"/{escaped(path)}")))
        drop_special(self.path)

    def _git(self, *arguments: str, input: bytes | None = None) -> Said:
        env = {
            "GIT_DIR": str(self.repository.path),
            "GIT_WORK_TREE": str(self.path),
            "GIT_INDEX_FILE": str(self.index),
        }
        return git("-c", "core.bare=false", *arguments, cwd=self.path, env=env, input=input)


def escaped(path: str) -> str:
    """A path as a pattern of git's that matches nothing else."""
    return re.sub(r"([\\*?\[\] ])", r"\\\1", path)


def open_folders(folder: Path) -> None:
    """Give back the rights over folders that a command has taken away, so that they can be emptied."""
    folder.chmod(0o700)
    for place, folders, _ in os.walk(folder):
        for name in folders:
            below = Path(place, name)
            if not below.is_symlink():
                below.chmod(0o700)


def drop_special(folder: str | Path) -> None:
    """Remove pipes, sockets and devices: git does not see them, and whoever reads one waits for ever."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                drop_special(entry.path)
            elif not entry.is_symlink() and not entry.is_file():
                os.unlink(entry.path)
