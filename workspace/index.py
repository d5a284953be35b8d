"""A directory seen as a git working tree through an index of its own that lies outside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from workspace.git import Said, git
from workspace.repository import Repository


@dataclass(frozen=True)
class WorkTree:
    """A plain directory, an index file, and the repository they belong to. Not shared between threads."""

    repository: Repository
    path: Path
    index: Path

    def add(self, paths: Sequence[str]) -> None:
        """Take these files into the index as they are now, ignored ones included."""
        listed = b"\0".join(p.encode("utf-8", "surrogateescape") for p in paths)
        self._git("update-index", "-z", "--add", "--stdin", input=listed + b"\0" if listed else b"")

    def add_all(self) -> None:
        """Take every change of the directory into the index, ignored files aside."""
        self._git("add", "--all")

    def write(self) -> str:
        """The tree of the index."""
        return self._git("write-tree").text

    def reset(self, commit: str, *, spare: Sequence[str] = ()) -> None:
        """Make the directory exactly this commit; only ``spare`` (names at its top) may stay beside it."""
        self._git("read-tree", "--reset", "-u", commit)
        kept = [part for name in spare for part in ("-e", f"/{name}")]
        self._git("clean", "-ffdqx", *kept)

    def untracked(self, *, excluded: Sequence[str]) -> list[str]:
        """Files that are neither in the index nor ignored nor below an ``excluded`` name."""
        patterns = [part for name in excluded for part in ("-x", name)]
        return self._git("ls-files", "-z", "--others", "--exclude-standard", *patterns).fields

    def _git(self, *arguments: str, input: bytes | None = None) -> Said:
        env = {
            "GIT_DIR": str(self.repository.path),
            "GIT_WORK_TREE": str(self.path),
            "GIT_INDEX_FILE": str(self.index),
        }
        return git("-c", "core.bare=false", *arguments, cwd=self.path, env=env, input=input)
