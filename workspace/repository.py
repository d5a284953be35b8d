"""The run's own repository: bare, beside the user's, worked with plumbing only."""

import os
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from typing_extensions import TypedDict

from workspace.git import Said, dated, git

ATTRIBUTES = "* -text -filter -ident -working-tree-encoding\n"
"""No byte of the user's is converted, whatever their own .gitattributes says."""

CACHES = (
    "__pycache__/**", "*.py[cod]", ".pytest_cache/**", ".mypy_cache/**", ".ruff_cache/**", ".hypothesis/**",
    ".DS_Store",
)  # fmt: skip
"""What commands and machines leave behind, as patterns of git's: never part of a commit."""

CONFIG = """\
[core]
\trepositoryformatversion = 0
\tfilemode = true
\tbare = true
\tautocrlf = false
\tsymlinks = true
\tignorecase = false
\tprotectNTFS = false
\tcompression = 1
\tlogAllRefUpdates = false
[gc]
\tauto = 0
[diff]
\trenames = false
"""


class Change(TypedDict):
    """One path that differs between two trees."""

    path: str
    status: Literal["A", "M", "D"]
    old_mode: str
    """Git's mode before, such as 100644; 000000 where there was nothing."""
    new_mode: str


@dataclass(frozen=True)
class Merged:
    """A merge: its commit, or none and the paths that conflict."""

    commit: str | None
    conflicts: list[str]


class Repository:
    """Objects of one run. Safe for threads: nothing here has an index or a working directory."""

    def __init__(self, path: Path, created: str) -> None:
        self.path = path
        self._dates = dated(created)
        self._others: tuple[Path, ...] = ()
        self._trees: dict[str, str] = {}
        self._lock = threading.Lock()

    def make(self) -> None:
        """Create the repository; nothing happens where it exists."""
        for part in ("objects/pack", "objects/info", "refs/heads", "refs/lanes", "info"):
            (self.path / part).mkdir(parents=True, exist_ok=True)
        for name, text in (
            ("config", CONFIG),
            ("info/attributes", ATTRIBUTES),
            ("HEAD", "ref: refs/heads/main\n"),
        ):
            (self.path / name).write_text(text)

    def borrow(self, objects: Path) -> None:
        """Let this repository read the objects of another one, whose own settings count for nothing here."""
        (self.path / "objects" / "info" / "alternates").write_text(f"{objects}\n")

    def beside(self, other: "Repository") -> "Repository":
        """This repository as one that can read the objects of another one as well; nothing is written to it."""
        both = Repository(self.path, "1970-01-01T00:00:00+00:00")
        both._others = (other.path / "objects",)
        return both

    def tree_of(self, commit: str) -> str:
        """The tree of a commit."""
        with self._lock:
            if commit in self._trees:
                return self._trees[commit]
        tree = self._git("rev-parse", "--verify", f"{commit}^{{tree}}").text
        self._remember(commit, tree)
        return tree

    def commit_tree(self, tree: str, parents: list[str], message: str) -> str:
        """A commit of a tree; the same one for the same tree, parents and message."""
        arguments = [part for parent in parents for part in ("-p", parent)]
        commit = git(
            "commit-tree", tree, *arguments, cwd=self.path, env=self._dates | self._where(), input=message.encode()
        ).text
        self._remember(commit, tree)
        return commit

    def changed(self, old: str, new: str) -> list[Change]:
        """The paths that differ between two commits or trees, sorted; a rename is a deletion and an addition."""
        fields = self._git("diff-tree", "-r", "-z", "--no-renames", old, new).fields
        changes: list[Change] = []
        for about, path in zip(fields[0::2], fields[1::2], strict=True):
            old_mode, new_mode, _, _, status = about.lstrip(":").split(" ")
            kind: Literal["A", "M", "D"] = "A" if status == "A" else "D" if status == "D" else "M"
            changes.append({"path": path, "status": kind, "old_mode": old_mode, "new_mode": new_mode})
        return changes

    def diff(self, old: str, new: str, *, context: int = 3) -> str:
        """The unified diff between two commits or trees; bytes that are no text are shown as such."""
        options = ("-p", "-r", "--no-renames", "--no-color", "--no-ext-diff", "--no-textconv", f"-U{context}")
        return self._git("diff-tree", *options, old, new).out.decode("utf-8", "replace")

    def read(self, revision: str, path: str) -> bytes | None:
        """The bytes of a file (of a link: its target) at a commit or tree; None where there is none."""
        said = self._git("cat-file", "blob", f"{revision}:{path}", allowed=(0, 128))
        return said.out if said.code == 0 else None

    def files(self, revision: str) -> list[str]:
        """All paths of a commit or tree, sorted."""
        return self._git("ls-tree", "-r", "-z", "--name-only", revision).fields

    def merge(self, ours: str, theirs: str, message: str) -> Merged:
        """Merge two commits in the object store; no file is touched."""
        said = self._git(
            "merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", ours, theirs, allowed=(0, 1)
        )
        tree, *conflicts = said.fields
        if said.code:
            return Merged(None, conflicts)
        return Merged(self.commit_tree(tree, [ours, theirs], message), [])

    def set_ref(self, name: str, commit: str) -> None:
        """Name a commit, such as ``lanes/t1``."""
        path = self.path / "refs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f".{path.name}.{threading.get_ident()}")
        partial.write_text(f"{commit}\n")
        os.replace(partial, path)

    def ref(self, name: str) -> str | None:
        """The commit of a name; None where there is none."""
        try:
            return (self.path / "refs" / name).read_text().strip()
        except FileNotFoundError:
            return None

    def _remember(self, commit: str, tree: str) -> None:
        with self._lock:
            self._trees[commit] = tree

    def _where(self) -> dict[str, str]:
        where = {"GIT_DIR": str(self.path)}
        if self._others:
            where["GIT_ALTERNATE_OBJECT_DIRECTORIES"] = os.pathsep.join(map(str, self._others))
        return where

    def _git(self, *arguments: str, allowed: tuple[int, ...] = (0,)) -> Said:
        return git(*arguments, cwd=self.path, env=self._where(), allowed=allowed)
