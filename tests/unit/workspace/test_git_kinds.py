"""Every kind of repository that a user may have: its git folder is the same to the last byte, before and after."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.workspace.scenes import begin, picture, user_git, write
from workspace.apply import apply, undo

POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"a" * 64 + b"\nsize 12345\n"
LONG = "n" * 251 + ".txt"


def made(root: Path, *options: str) -> Path:
    """A repository with one commit."""
    root.mkdir(parents=True)
    user_git(root, "init", "-q", "-b", "main", *options)
    write(root, {"a": b"1\n", "sub/b": b"1\n", LONG: b"1\n", "-odd\n'\"": b"1\n", ".gitignore": b"ignored\n"})
    user_git(root, "add", "-A")
    user_git(root, "commit", "-q", "-m", "first")
    return root


def plain(folder: Path) -> Path:
    """The usual one."""
    return made(folder / "project")


def with_other_digests(folder: Path) -> Path:
    """Objects named by sha256."""
    return made(folder / "project", "--object-format=sha256")


def linked_worktree(folder: Path) -> Path:
    """A folder whose .git is a file that leads to another repository."""
    user_git(made(folder / "main"), "worktree", "add", "-q", str(folder / "project"))
    return folder / "project"


def submodule(folder: Path) -> Path:
    """A submodule as the project itself."""
    made(folder / "library")
    outer = made(folder / "outer")
    user_git(
        outer, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(folder / "library"), "project"
    )
    return outer / "project"


def with_submodule(folder: Path) -> Path:
    """A project that has a submodule."""
    made(folder / "library")
    root = made(folder / "project")
    user_git(root, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(folder / "library"), "module")
    user_git(root, "commit", "-q", "-m", "module")
    return root


def shallow(folder: Path) -> Path:
    """A clone without history."""
    user_git(made(folder / "origin"), "commit", "-q", "--allow-empty", "-m", "second")
    user_git(folder, "clone", "-q", "--depth", "1", f"file://{folder}/origin", "project")
    return folder / "project"


def partial(folder: Path) -> Path:
    """A clone that would fetch what it lacks, by a command that tells on whoever starts it."""
    origin = made(folder / "origin")
    user_git(origin, "config", "uploadpack.allowFilter", "true")
    user_git(folder, "clone", "-q", "--filter=blob:none", f"file://{origin}", "project")
    user_git(folder / "project", "config", "remote.origin.url", f"ext::sh -c touch% {folder}/ran")
    user_git(folder / "project", "config", "protocol.ext.allow", "always")
    return folder / "project"


def with_split_index(folder: Path) -> Path:
    """An index in two files."""
    root = made(folder / "project")
    user_git(root, "update-index", "--split-index")
    return root


def with_locked_index(folder: Path) -> Path:
    """The user's own git is at work, or was killed."""
    root = made(folder / "project")
    (root / ".git" / "index.lock").write_bytes(b"")
    return root


def with_pointers(folder: Path) -> Path:
    """Large files that are only pointers, with the filter that would fetch them."""
    root = made(folder / "project")
    write(root, {".gitattributes": b"*.bin filter=lfs diff=lfs merge=lfs -text\n", "large.bin": POINTER})
    user_git(root, "add", "-A")
    user_git(root, "commit", "-q", "-m", "pointers")
    for part in ("clean", "smudge", "process"):
        user_git(root, "config", f"filter.lfs.{part}", f"touch {folder}/ran")
    user_git(root, "config", "filter.lfs.required", "true")
    return root


def with_included_settings(folder: Path) -> Path:
    """Settings that are included from elsewhere and start programs."""
    root = made(folder / "project")
    script = f"touch {folder}/ran"
    (folder / "settings").write_text(
        f'[core]\n\tfsmonitor = "{script}"\n\tpager = "{script}"\n\tsshCommand = "{script}"\n'
        f"\thooksPath = {folder}/hooks\n"
        f'[alias]\n\tls-files = "!{script}"\n\tdiff-tree = "!{script}"\n[credential]\n\thelper = "!{script}"\n'
    )
    hooks = folder / "hooks"
    for hook in ("post-index-change", "reference-transaction", "pre-auto-gc", "post-checkout"):
        write(hooks, {hook: f"#!/bin/sh\n{script}\n".encode()})
        (hooks / hook).chmod(0o755)
    user_git(root, "config", "include.path", str(folder / "settings"))
    (folder / "ran").unlink(missing_ok=True)
    return root


def with_a_tree_elsewhere(folder: Path) -> Path:
    """A repository that says its files are somewhere else."""
    root = made(folder / "project")
    (folder / "elsewhere").mkdir()
    user_git(root, "config", "core.worktree", str(folder / "elsewhere"))
    return root


KINDS = [
    plain, with_other_digests, linked_worktree, submodule, with_submodule, shallow, partial, with_split_index,
    with_locked_index, with_pointers, with_included_settings, with_a_tree_elsewhere,
]  # fmt: skip


def git_folders(folder: Path) -> dict[str, tuple[int, bytes, int]]:
    """Everything below every .git, with the times of its changes; git renews that of a shared index as it reads it."""
    inside = {name: seen for name, seen in picture(folder).items() if ".git" in Path(name).parts}
    times = {name: 0 if "sharedindex" in name else os.lstat(folder / name).st_mtime_ns for name in inside}
    return {name: (*seen, times[name]) for name, seen in inside.items()}


@pytest.mark.parametrize("prepare", KINDS)
def test_a_users_repository_is_only_read(tmp_path: Path, prepare: Callable[[Path], Path]) -> None:
    """Snapshot, apply and undo: files as they are, the same git folder, and nothing that it configures has started."""
    user = tmp_path / "user"
    user.mkdir()
    root = prepare(user)
    write(root, {"a": b"dirty\n", "untracked": b"1\n", "ignored": b"1\n"})
    before, gits = picture(user), git_folders(user)
    made = begin(tmp_path, root)
    files = made.run.repository.files(made.base)
    assert {"a", "sub/b", LONG, "-odd\n'\"", "untracked"} <= set(files) and "ignored" not in files
    assert made.run.repository.read(made.base, "a") == b"dirty\n"
    assert not any(name.startswith(("module/", ".git/")) or name == ".git" for name in files)
    assert made.run.repository.read(made.base, "large.bin") in (None, POINTER)

    apply(made.run, made.base, made.change({"a": b"2\n", "new/c": b"2\n", LONG: b"2\n"}, gone=("sub/b",)))

    assert git_folders(user) == gits
    undo(made.run)
    assert git_folders(user) == gits and picture(user) == before
    assert not (user / "ran").exists()
    assert subprocess.run(["git", "status", "--short"], cwd=root, capture_output=True).returncode in (0, 128)
