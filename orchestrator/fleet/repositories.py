"""Repositories that lines of a batch name: what may be named, and a tree of each, fetched once a host."""

import fcntl
import hashlib
import os
import re
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from urllib.parse import urlsplit

from orchestrator.errors import UsageError
from workspace.errors import GitFailed
from workspace.git import git
from workspace.run import usable_root

FRESH = 300.0
"""Seconds for which a fetch counts: what a name such as a branch means is looked up again after that."""

SCHEMES = ("https", "ssh")

CREDENTIALS = ("GIT_ASKPASS", "GIT_SSH_COMMAND")
"""Variables of a worker's by which git gets its credentials: the user's own settings are not read."""

COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


def is_url(repository: str) -> bool:
    """True for the address of a repository, False for a folder."""
    return "://" in repository or re.match(r"[\w.-]+@[\w.-]+:", repository) is not None


def named_by_batch(repository: str, folder: Path, allowed: Sequence[str]) -> str:
    """What a line names, as it is kept: a folder absolute; raises UsageError for what may not be named.

    `folder` is the batch file's: without any that are allowed, folders below it may be named.
    """
    if is_url(repository):
        return allowed_url(repository, allowed)
    path = (folder / Path(repository).expanduser()).resolve()
    return str(allowed_folder(path, [*allowed, str(folder.resolve())]))


def named_by_row(repository: str, allowed: Sequence[str]) -> str:
    """The same for a row of a database that others write into: folders only where this host allows them."""
    return allowed_url(repository, allowed) if is_url(repository) else str(allowed_folder(Path(repository), allowed))


def allowed_url(url: str, allowed: Sequence[str]) -> str:
    """An address that may be fetched; raises UsageError."""
    parts = urlsplit(url) if "://" in url else urlsplit(f"ssh://{url.replace(':', '/', 1)}")
    if parts.scheme not in SCHEMES or url.startswith("-") or not parts.hostname or parts.hostname.startswith("-"):
        raise UsageError(f"The repository {url!r} cannot be fetched.", fix="Name an https:// or ssh:// address.")
    if parts.password or (parts.scheme == "https" and parts.username):
        fix = "Leave it away; the worker's GIT_ASKPASS or ssh key holds it."
        raise UsageError(f"The address of {parts.hostname} holds a credential, which a database would keep.", fix=fix)
    patterns = [pattern for pattern in allowed if is_url(pattern)]
    if patterns and not any(fnmatchcase(url, pattern) for pattern in patterns):
        raise UsageError(f"The repository {url} is none that is allowed here.", fix="See `fleet.repositories`.")
    return url


def allowed_folder(path: Path, allowed: Sequence[str]) -> Path:
    """A folder below one that is allowed, links followed; raises UsageError, and RootUnusable where there is none."""
    above = [Path(folder).expanduser().resolve() for folder in allowed if not is_url(folder)]
    found = path.resolve()
    if not any(found.is_relative_to(folder) for folder in above):
        raise UsageError(f"The folder {path} is none that is allowed here.", fix="See `fleet.repositories`.")
    if not found.is_dir():
        raise UsageError(f"There is no folder {path}.", fix="Name a folder, or an https:// or ssh:// address.")
    return usable_root(found)


@dataclass(frozen=True)
class Tree:
    """A folder to work from, and the commit that lies there; none for a folder of the user's as it is."""

    root: Path
    commit: str


def tree_of(repository: str, revision: str, home: Path) -> Tree:
    """The tree of a repository at a revision, fetched and laid out once a host; raises UsageError.

    A folder without a revision is worked on as it is, uncommitted files included.
    """
    if not is_url(repository) and not revision:
        return Tree(usable_root(Path(repository)), "")
    name = hashlib.sha256(repository.encode()).hexdigest()[:16]
    mirror = home / "fleet" / "repositories" / f"{name}.git"
    mirror.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with alone(mirror.with_suffix(".lock")):
        commit = fetched(mirror, repository, revision or "HEAD")
        root = home / "fleet" / "trees" / name / commit
        if not root.exists():
            lay_out(mirror, commit, root)
    return Tree(root, commit)


def fetched(mirror: Path, repository: str, revision: str) -> str:
    """The commit of a revision, after a fetch where it is needed."""
    found = commit_of(mirror, revision)
    if found and (COMMIT.fullmatch(revision) or time.time() - (mirror / "fetched").stat().st_mtime < FRESH):
        return found
    try:
        if not (mirror / "HEAD").exists():
            git("init", "-q", "--bare", str(mirror), cwd=mirror.parent)
        git(
            *restricted(is_url(repository)),
            *("fetch", "-q", "--prune", "--no-tags", "--no-write-fetch-head", repository),
            *("+HEAD:refs/fleet/HEAD", "+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"),
            cwd=mirror,
            env=credentials(os.environ),
        )
    except GitFailed as fault:
        fix = "Correct its address." if is_url(repository) else "Name a git repository, or leave the revision away."
        raise UsageError(f"The repository {repository} cannot be fetched ({fault.reason}).", fix=fix) from None
    (mirror / "fetched").touch()
    if found := commit_of(mirror, revision):
        return found
    raise UsageError(f"The repository {repository} has no revision {revision!r}.", fix="Name a branch, tag or commit.")


def restricted(remote: bool) -> tuple[str, ...]:
    """Settings that let git speak these protocols only, and start no program that an address names."""
    kinds = SCHEMES if remote else ("file",)
    settings = ["protocol.allow=never", *(f"protocol.{kind}.allow=always" for kind in kinds), "fetch.fsckObjects=true"]
    return tuple(part for setting in [*settings, "safe.directory=*"] for part in ("-c", setting))


def credentials(env: Mapping[str, str]) -> dict[str, str]:
    """The variables by which git gets its credentials."""
    return {name: env[name] for name in CREDENTIALS if name in env}


def commit_of(mirror: Path, revision: str) -> str:
    """The commit of a name that has been fetched; empty where there is none."""
    if not (mirror / "HEAD").exists():
        return ""
    name = "refs/fleet/HEAD" if revision == "HEAD" else revision
    for each in (f"refs/heads/{name}", f"refs/tags/{name}", name):
        said = git(
            "rev-parse", "-q", "--verify", "--end-of-options", f"{each}^{{commit}}", cwd=mirror, allowed=(0, 1, 128)
        )
        if said.code == 0:
            return said.text
    return ""


def lay_out(mirror: Path, commit: str, root: Path) -> None:
    """Put a commit's files into a folder that is there whole or not at all."""
    partial = root.with_name(f".{root.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.parent.mkdir(parents=True, exist_ok=True)
    git("clone", "-q", "--shared", "--no-checkout", "--no-tags", str(mirror), str(partial), cwd=mirror)
    git("-c", "core.hooksPath=/dev/null", "checkout", "-q", "--detach", commit, cwd=partial)
    os.replace(partial, root)


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Be the only process at this; waits for others."""
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
