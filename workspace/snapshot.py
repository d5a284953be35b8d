"""Snapshot: the user's tree as it is now, uncommitted and untracked files included, in the run's own repository."""

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from workspace import borrowed
from workspace.errors import GitFailed
from workspace.git import HARMLESS, Said, git
from workspace.index import WorkTree
from workspace.repository import CACHES
from workspace.run import Run

INSTALLED = ("node_modules", ".venv", "venv", ".tox", ".nox")
"""Untracked names that hold what was installed, not written, even where nobody told git to ignore them."""

BUILT = "target"
"""Where cargo and maven build; a plain name elsewhere."""


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
    """Take the snapshot. The user's files, index and HEAD are only read, and none of the user's programs is started."""
    tree = WorkTree(run.repository, run.root, run.folder / "snapshot.index")
    tree.unlock()
    tree.index.unlink(missing_ok=True)
    said = listed(run.root, tree)
    look = Look(run.root)
    reasons = {path: look.why_skipped(path) for path in sorted(set(said.fields))}
    kept = [path for path, reason in reasons.items() if reason is None]
    reasons |= dict.fromkeys(tree.add(kept), "git cannot hold this name")
    borrowed.save(run.folder, borrowed.find(run.root, kept))
    commit = run.repository.commit_tree(tree.write(), [], "snapshot")
    run.repository.set_ref("heads/base", commit)
    skipped = [*unreadable_folders(said), *(Skipped(path, reason) for path, reason in reasons.items() if reason)]
    return Snapshot(commit, sum(reason is None for reason in reasons.values()), skipped)


def shared(run: Run) -> Snapshot | None:
    """The snapshot that a run has in common with the one that it is a fork of, whatever has become of the folder."""
    commit = run.repository.ref("heads/base") if run.settings.get("fork") else None
    return Snapshot(commit, len(run.repository.files(commit)), []) if commit else None


def listed(root: Path, tree: WorkTree) -> Said:
    """Tracked files and untracked ones that are not ignored; in a folder without git, all that are not ignored."""
    built = [BUILT] if any((root / name).is_file() for name in ("Cargo.toml", "pom.xml")) else []
    excluded = [*INSTALLED, *(pattern.removesuffix("/**") for pattern in CACHES), *built]
    settings = [part for setting in HARMLESS for part in ("-c", setting)]
    patterns = [part for name in excluded for part in ("-x", name)]
    options = ("-z", "--cached", "--others", "--exclude-standard", *patterns)
    top = next((folder for folder in (root, *root.parents) if is_top(folder)), None)
    # The folder itself is what is worked on, wherever the repository says that its files are.
    env = {"GIT_WORK_TREE": str(top)} if top else {}
    try:
        return git(*settings, "ls-files", *options, cwd=root, env=env)
    except GitFailed:
        return tree.untracked(excluded=excluded)


def is_top(folder: Path) -> bool:
    """True where a repository begins: a git folder, or the file that leads to one."""
    return (folder / ".git").is_file() or (folder / ".git" / "HEAD").is_file()


def unreadable_folders(said: Said) -> Iterator[Skipped]:
    """The folders that git could not look into."""
    for match in re.finditer(r"could not open directory '(.*?)/?': (.+)", said.warnings):
        yield Skipped(match[1], match[2])


class Look:
    """A look at each path of a root, which remembers the folders that it has seen."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._links: dict[PurePosixPath, bool] = {PurePosixPath("."): False}

    def why_skipped(self, name: str) -> str | None:
        """None for a file that belongs in the snapshot, "" for one that is gone, else the reason to say."""
        pure, path = PurePosixPath(name), self._root / name
        if any(part.lower() == ".git" for part in pure.parts):
            return "git's own"
        if self._below_link(pure.parent):
            return ""
        try:
            mode = path.lstat().st_mode
        except (FileNotFoundError, NotADirectoryError):
            return ""
        except OSError as error:
            return str(error.strerror)
        if stat.S_ISDIR(mode):
            return "a repository of its own" if name.endswith("/") or is_repository(path) else ""
        if stat.S_ISLNK(mode):
            return None
        if not stat.S_ISREG(mode):
            return "not a regular file"
        return None if os.access(path, os.R_OK) else "not readable"

    def _below_link(self, folder: PurePosixPath) -> bool:
        """True where a folder on the way has become a link: its files are no longer there, whatever lies behind it."""
        if folder not in self._links:
            self._links[folder] = self._below_link(folder.parent) or (self._root / folder).is_symlink()
        return self._links[folder]


def is_repository(folder: Path) -> bool:
    """True for the place of a submodule or of a nested repository; a submodule that was not fetched is empty."""
    return (folder / ".git").exists() or not any(folder.iterdir())
