"""Packs: the objects of a run's repository on their way to another host, and the names that lead to them."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

from workspace.git import git
from workspace.repository import Repository

Names: TypeAlias = dict[str, str]
"""Commits by the names of their refs, without ``refs/``."""


def loose(repository: Repository) -> set[str]:
    """The ids of all objects that lie in files of their own: what was made here, since nothing is packed here."""
    found = set()
    for entry in os.scandir(repository.path / "objects"):
        if len(entry.name) == 2 and entry.is_dir():
            names = (each.name for each in os.scandir(entry.path))
            found |= {entry.name + name for name in names if not name.startswith("tmp_")}
    return found


def packed(repository: Repository, objects: set[str]) -> bytes:
    """One pack of these objects."""
    listed = "".join(f"{name}\n" for name in sorted(objects)).encode()
    options = ("-q", "--stdout", "--threads=1", "--window=4")
    return _git(repository, "pack-objects", *options, input=listed)


def unpack(repository: Repository, pack: bytes) -> None:
    """Take a pack in, as a pack; raises GitFailed for one that is damaged."""
    _git(repository, "index-pack", "--stdin", "--strict", input=pack)


def objects_below(repository: Repository, tree: str) -> set[str]:
    """The ids of a tree and of all that it holds."""
    said = _git(repository, "rev-list", "--objects", "--no-object-names", tree)
    return set(said.decode().split())


def names(repository: Repository) -> Names:
    """Every ref of a run's repository."""
    return dict(sorted(_refs(repository.path / "refs")))


def _refs(folder: Path) -> Iterator[tuple[str, str]]:
    for path in folder.rglob("*"):
        if path.is_file() and not path.name.startswith("."):
            yield str(path.relative_to(folder)), path.read_text().strip()


def _git(repository: Repository, *arguments: str, input: bytes = b"") -> bytes:
    return git(*arguments, cwd=repository.path, env={"GIT_DIR": str(repository.path)}, input=input).out
