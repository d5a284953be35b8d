"""Scenes: a user's folder, a run over it, and a way to look at every byte and permission of a folder."""

import os
import shutil
import stat
import subprocess
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from workspace.lanes import Lane, open_lane
from workspace.run import Run
from workspace.snapshot import Snapshot, take

NOBODY = 65534
"""User and group without any rights."""

Content = bytes | str | None
"""Bytes of a file, target of a link, or None for an empty folder."""


@dataclass
class Scene:
    """A run that has begun: its snapshot is taken and one lane stands at it."""

    root: Path
    run: Run
    snapshot: Snapshot
    lane: Lane

    @property
    def base(self) -> str:
        """The commit of the snapshot."""
        return self.snapshot.commit

    def change(self, files: Mapping[str, Content], *, gone: tuple[str, ...] = ()) -> str:
        """The commit of a change made in the lane."""
        self.lane.checkout(self.base)
        remove(self.lane.path, gone)
        write(self.lane.path, files)
        return self.lane.commit("change", [self.base])


def scene(folder: Path, files: Mapping[str, Content] | None = None, *, git: bool = False) -> Scene:
    """Make a user's folder with these files and begin a run over it."""
    root = folder / "project"
    root.mkdir(parents=True, exist_ok=True)
    write(root, files or {})
    if git:
        user_git(root, "init", "-q")
    return begin(folder, root)


def rich(folder: Path) -> tuple[Scene, str]:
    """A change of every kind: edited, new, deleted, linked, executable, CRLF, binary, oddly named, emptied folder."""
    made = scene(
        folder,
        {
            "edited.txt": b"one\r\ntwo\r\n",
            "gone/deep/file": b"x",
            "link": "edited.txt",
            "script": b"#!/bin/sh\n",
            "data": bytes(range(256)),
            "kept": b"kept",
            "empty": None,
        },
    )
    (made.root / "gone").chmod(0o700)
    (made.root / "edited.txt").chmod(0o640)
    made.lane.checkout(made.base)
    (made.lane.path / "script").chmod(0o755)
    shutil.rmtree(made.lane.path / "gone")
    write(
        made.lane.path,
        {
            "edited.txt": b"one\r\nTWO\r\n",
            "link": "nowhere/at all",
            "data": bytes(range(255, -1, -1)),
            "new/sub/nAme\nwith 'odd' ünicode": b"new",
            "-dash": b"-",
            "empty/now not": b"1",
        },
    )
    return made, made.lane.commit("rich", [made.base])


def begin(folder: Path, root: Path) -> Scene:
    """Begin a run over a folder that is there."""
    run = Run.create(folder / "state", root, "request", {})
    snapshot = take(run)
    lane = open_lane(run, "t1")
    lane.checkout(snapshot.commit)
    return Scene(run.root, run, snapshot, lane)


def write(folder: Path, files: Mapping[str, Content]) -> None:
    """Write files, links and empty folders."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if content is None:
            path.mkdir(exist_ok=True)
        elif isinstance(content, str):
            path.unlink(missing_ok=True)
            path.symlink_to(content)
        else:
            path.write_bytes(content)


def remove(folder: Path, names: tuple[str, ...]) -> None:
    """Remove files, and the folders that are empty then."""
    for name in names:
        (folder / name).unlink()
        for parent in (folder / name).relative_to(folder).parents[:-1]:
            if not any((folder / parent).iterdir()):
                (folder / parent).rmdir()


def user_git(root: Path, *arguments: str) -> str:
    """Run git as the user would."""
    named = ("-c", "user.name=User", "-c", "user.email=user@example.com")
    done = subprocess.run(["git", *named, *arguments], cwd=root, check=True, capture_output=True, text=True)
    return done.stdout


def picture(root: Path) -> dict[str, tuple[int, bytes]]:
    """Mode and content of everything below a folder, git's own files included."""
    seen: dict[str, tuple[int, bytes]] = {}
    for place, folders, files in os.walk(root):
        for name in [*folders, *files]:
            path = Path(place, name)
            mode = path.lstat().st_mode
            link, regular = stat.S_ISLNK(mode), stat.S_ISREG(mode)
            content = os.fsencode(os.readlink(path)) if link else path.read_bytes() if regular else b""
            seen[str(path.relative_to(root))] = (mode, content)
    return seen


def in_child(work: Callable[[], object], *, user: int | None = None) -> int:
    """Do some work in a process of its own and return how it ended, as ``os.waitstatus_to_exitcode`` has it.

    ``user`` gives up all rights first; a process that has none to give up goes on as it is.
    """
    child = os.fork()
    if child == 0:
        try:
            if user is not None and os.geteuid() == 0:
                os.setgroups([])
                os.setresgid(user, user, user)
                os.setresuid(user, user, user)
            work()
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
