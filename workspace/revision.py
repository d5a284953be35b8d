"""Revisions of the user's repository, read through the run's own: none of the user's programs is started."""

from dataclasses import dataclass
from pathlib import Path

from workspace.errors import GitFailed, WorkspaceError
from workspace.git import HARMLESS, git
from workspace.run import Run
from workspace.snapshot import take

EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
"""Git's name for the tree without files: what a first commit is compared with."""


class RevisionUnknown(WorkspaceError):
    """The user's repository has no such revision, or there is no repository."""


@dataclass(frozen=True)
class Compared:
    """Two revisions in the run's repository, and what they are in words."""

    old: str
    new: str
    title: str


def compared(run: Run, revision: str) -> Compared:
    """What a revision means: ``A..B`` that range, one commit its own change, nothing what is not committed yet.

    Raises RevisionUnknown.
    """
    run.repository.borrow(objects_of(run.root))
    if not revision:
        return Compared(commit_of(run.root, "HEAD"), take(run).commit, "what is not committed yet")
    first, dots, last = revision.partition("..")
    if dots:
        return Compared(commit_of(run.root, first or "HEAD"), commit_of(run.root, last.lstrip(".") or "HEAD"), revision)
    commit = commit_of(run.root, revision)
    return Compared(parent_of(run.root, commit), commit, f"commit {commit[:10]}")


def objects_of(root: Path) -> Path:
    """The folder of the user's objects."""
    try:
        return Path(asked(root, "rev-parse", "--path-format=absolute", "--git-path", "objects"))
    except GitFailed:
        raise RevisionUnknown(f"{root} is no git repository: there is no change to review") from None


def commit_of(root: Path, name: str) -> str:
    """The commit that a name means."""
    try:
        return asked(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    except GitFailed:
        raise RevisionUnknown(f"there is no commit {name!r} here; see: git log") from None


def parent_of(root: Path, commit: str) -> str:
    """The first parent of a commit; the empty tree for a first commit."""
    try:
        return commit_of(root, f"{commit}^")
    except RevisionUnknown:
        return EMPTY_TREE


def asked(root: Path, *arguments: str) -> str:
    """What git says about the user's repository."""
    settings = [part for setting in HARMLESS for part in ("-c", setting)]
    return git(*settings, *arguments, cwd=root).text
