"""Move: files of the user's go from one state to another, all or none, written down before the first is touched.

Applying, undoing and recovering after a crash are the same move with other ends.
"""

import contextlib
import errno
import os
import stat
import threading
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path, PurePosixPath

from workspace.errors import ApplyFailed
from workspace.move_record import ENDS, Content, Move, Step, read, write
from workspace.records import sync_folder, write_whole
from workspace.run import Run, usable_root

LINK = "120000"
EXECUTABLE = "100755"
REGULAR = "100644"
OTHER = "other"
"""A folder, a device: nothing that a move can carry."""


PATIENCE = 60.0
"""Seconds that a step may take to end when this process is to end."""

_moving = threading.Lock()


def journal(run: Run) -> Move | None:
    """The newest move of a run; None where there was none. Raises RunNewer and RunBroken."""
    return read(run.apply_path)


def carry_out(run: Run, move: Move, *, before: Move | None, again: bool = False) -> Move:
    """Make every step that is still to make; ``again`` after a crash: what the user has changed since is left alone.

    Raises ApplyFailed when a file cannot be written: then the files and the journal are as they were ``before``.
    Raises RunBroken where the run does not hold what is to be written any more: then nothing is written.
    """
    usable_root(run.root)
    for step in move["steps"]:
        if step["after"] is not None:
            run.artefacts.bytes(step["after"]["data"])  # raises where it is damaged: before anything is written
    with _moving:
        return moved(run, move, before, again)


def let_a_step_end() -> None:
    """Wait for a step that another thread makes: whoever ends this process must not leave it half done."""
    _moving.acquire(timeout=PATIENCE)


def moved(run: Run, move: Move, before: Move | None, again: bool) -> Move:
    """The steps themselves, written down before the first and after the last."""
    keep = move["folders"] if move["state"] == "undoing" else {}
    done: Move = {**move, "state": ENDS[move["state"]], "steps": joined(move["earlier"], move["steps"]), "earlier": []}
    path = run.apply_path.name
    try:
        write(run.apply_path, move)
        for step in in_order(move["steps"]):
            path = step["path"]
            if not advance(run, step, keep=keep, folders=move["folders"]) and not again:
                raise OSError(errno.EBUSY, "it has changed just now")
        clear_partials(run, move["steps"])
        write(run.apply_path, done)
    except OSError as error:
        told = f"{path} could not be written ({error.strerror})"
        put_back(run, move, before, told)
        raise ApplyFailed(f"{told}. Nothing was changed. Put that right, then: {next_command(run, move)}") from error
    return done


def put_back(run: Run, move: Move, before: Move | None, told: str) -> None:
    """Take back the steps that were made, and the journal; raises ApplyFailed where that fails too."""
    path = run.apply_path.name
    keep = move["folders"] if move["state"] == "applying" else {}
    try:
        clear_partials(run, move["steps"])  # what is half written would keep its folder from going
        for step in in_order(reversed_steps(move["steps"])):
            path = step["path"]
            advance(run, step, keep=keep, folders=move["folders"])
        clear_partials(run, move["steps"])
        if before is None:
            run.apply_path.unlink(missing_ok=True)
        else:
            write(run.apply_path, before)
    except OSError as error:
        raise ApplyFailed(
            f"{told}, and {path} could not be put back ({error.strerror}). Its content is kept in the run's folder. "
            f"Put that right, then: {next_command(run, move)}"
        ) from error


def next_command(run: Run, move: Move) -> str:
    """The command that goes on with an interrupted move."""
    return f"orchestrator {'apply' if move['state'] == 'applying' else 'undo'} {run.id[:8]}"


def advance(run: Run, step: Step, *, keep: Collection[str], folders: Mapping[str, int]) -> bool:
    """Make a step, unless its path holds something else than expected; False where that is so."""
    if not inside(run.root, step["path"]):
        return False
    now = present(run, step["path"])
    if exactly(now, step["before"]):
        place(run, step["path"], step["after"], keep=keep, folders=folders)
    elif now is None and step["after"] is None:
        drop_empty(run.root, step["path"], keep)  # a crash came between the file and its folder
    else:
        return exactly(now, step["after"])
    return True


def in_order(steps: Collection[Step]) -> Iterator[Step]:
    """Deletions first: what is a folder before may be a file after, and the other way round."""
    yield from sorted(steps, key=lambda step: (step["after"] is not None, step["path"]))


def reversed_steps(steps: Collection[Step]) -> list[Step]:
    """The steps that lead back."""
    return [{"path": s["path"], "before": s["after"], "after": s["before"]} for s in steps]


def joined(earlier: list[Step], later: list[Step]) -> list[Step]:
    """Two moves, one after the other, as one."""
    steps = {step["path"]: step for step in earlier}
    for step in later:
        first = steps.get(step["path"])
        steps[step["path"]] = {**step, "before": first["before"] if first else step["before"]}
    return [steps[path] for path in sorted(steps)]


def present(run: Run, path: str, *, leaving: Collection[str] = ()) -> Content | None:
    """What stands in the user's folder at a path now; a folder that holds nothing but ``leaving`` files is nothing."""
    full = run.root / path
    try:
        status = full.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    if stat.S_ISDIR(status.st_mode) and leaving and holds_only(full, run.root, leaving):
        return None
    bits, owner = stat.S_IMODE(status.st_mode), [status.st_uid, status.st_gid]
    if stat.S_ISLNK(status.st_mode):
        return {"mode": LINK, "bits": 0, "data": run.artefacts.put(os.fsencode(os.readlink(full))), "owner": owner}
    if not stat.S_ISREG(status.st_mode):
        return {"mode": OTHER, "bits": 0, "data": ""}
    mode = EXECUTABLE if bits & stat.S_IXUSR else REGULAR
    return {"mode": mode, "bits": bits, "data": run.artefacts.put(full.read_bytes()), "owner": owner}


def holds_only(folder: Path, root: Path, leaving: Collection[str]) -> bool:
    """True when every file below a folder is to go, and no empty folder of the user's is among them."""
    for place_, folders, files in os.walk(folder):
        below = Path(place_).relative_to(root)
        links = [name for name in folders if Path(place_, name).is_symlink()]
        if not folders and not files:
            return False
        if any((below / name).as_posix() not in leaving for name in [*files, *links]):
            return False
    return True


def exactly(one: Content | None, other: Content | None) -> bool:
    """Equal in kind, bytes and every permission bit."""
    if one is None or other is None:
        return one is other
    return all(one[part] == other[part] for part in ("mode", "bits", "data"))


def inside(root: Path, path: str) -> bool:
    """True when no folder on the way is a link: what is written there stays below the root."""
    pure = PurePosixPath(path)
    if pure.is_absolute() or ".." in pure.parts or any(part.lower() == ".git" for part in pure.parts):
        return False
    return not any((root / parent).is_symlink() for parent in pure.parents)


def place(run: Run, path: str, content: Content | None, *, keep: Collection[str], folders: Mapping[str, int]) -> None:
    """Make a path hold this content, durably and at once."""
    full = run.root / path
    if content is None:
        full.unlink()
        drop_empty(run.root, path, keep)
        return
    make_folders(run.root, path, folders)
    owner = content.get("owner") or owner_of(full)
    partial = partial_of(run, path)
    partial.unlink(missing_ok=True)
    data = run.artefacts.bytes(content["data"])
    if content["mode"] == LINK:
        partial.symlink_to(os.fsdecode(data))
        give(partial, owner)
    else:
        write_new(partial, data, content["bits"], owner)
    os.replace(partial, full)
    sync_folder(full.parent)


def partial_of(run: Run, path: str) -> Path:
    """The name under which a file is written before it takes its place."""
    return (run.root / path).with_name(f".{run.id}.partial")


def clear_partials(run: Run, steps: Collection[Step]) -> None:
    """Remove what a crash may have left half written."""
    for name in {partial_of(run, step["path"]) for step in steps}:
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            name.unlink()


def write_new(path: Path, data: bytes, bits: int, owner: list[int]) -> None:
    """Write a new file with its permissions, on the disk when this returns."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        write_whole(descriptor, data)
        give(path, owner)
        os.fchmod(descriptor, bits)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def owner_of(path: Path) -> list[int]:
    """Whom a file belongs to, or would: the owner of its folder."""
    status = (path if os.path.lexists(path) else path.parent).lstat()
    return [status.st_uid, status.st_gid]


def give(path: Path, owner: list[int]) -> None:
    """Hand a new file to whom it belongs; only root can, and only root needs to."""
    if os.geteuid() == 0:
        os.chown(path, owner[0], owner[1], follow_symlinks=False)


def make_folders(root: Path, path: str, folders: Mapping[str, int]) -> None:
    """Make the folders above a path; those that were there once get their permissions back."""
    for parent in reversed(PurePosixPath(path).parents[:-1]):
        full = root / parent
        if not full.is_dir():
            bits = folders.get(str(parent), 0o777)
            full.mkdir(bits)
            give(full, owner_of(full.parent))
            if str(parent) in folders:
                full.chmod(bits)


def drop_empty(root: Path, path: str, keep: Collection[str]) -> None:
    """Remove the folders that a deletion has left empty, as git does, up to one to ``keep``."""
    for parent in PurePosixPath(path).parents[:-1]:
        if str(parent) in keep:
            return
        try:
            (root / parent).rmdir()
        except FileNotFoundError:
            continue  # a crash came after it
        except OSError:
            return
