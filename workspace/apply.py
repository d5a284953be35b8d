"""Apply: the verified difference reaches the user's folder in one journalled step, and can be taken back.

One mechanism moves a list of files from one state to another: applying, undoing and recovering after a crash are the
same move with other ends.
"""

import json
import os
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from typing_extensions import TypedDict

from workspace.errors import ApplyConflict, NothingToUndo
from workspace.git import git
from workspace.records import atomic_write, sync_folder
from workspace.run import Run

LINK = "120000"
EXECUTABLE = "100755"
REGULAR = "100644"


class Content(TypedDict):
    """What stands at a path: git's mode, permission bits, and the artefact that holds the bytes (of a link: its target)."""

    mode: str
    bits: int
    data: str


class Step(TypedDict):
    """One path and its content before and after; None where nothing stands there."""

    path: str
    before: Content | None
    after: Content | None


class Move(TypedDict):
    """The journal of the apply step."""

    v: int
    state: str
    """applying, applied, undoing or undone."""
    steps: list[Step]


@dataclass(frozen=True)
class Applied:
    """The files that were written to the user's folder."""

    files: list[str]


def apply(run: Run, base: str, final: str) -> Applied:
    """Bring the difference between two commits into the user's folder, all of it or nothing.

    Where the user has changed a file since, other lines are merged; raises ApplyConflict on the same lines.
    """
    recover(run)
    steps: list[Step] = []
    conflicts: list[str] = []
    for change in run.repository.changed(base, final):
        path = change["path"]
        old = _committed(run, base, path, change["old_mode"])
        new = _committed(run, final, path, change["new_mode"])
        if not _inside(run.root, path):
            conflicts.append(path)
            continue
        now = _present(run, path)
        if _same(now, new):
            continue
        if _same(now, old):
            steps.append({"path": path, "before": now, "after": _with_bits(new, now)})
        elif merged := _three_way(run, old, now, new):
            steps.append({"path": path, "before": now, "after": _with_bits(merged, now)})
        else:
            conflicts.append(path)
    if conflicts:
        raise ApplyConflict(sorted(conflicts))
    _carry_out(run, {"v": 1, "state": "applying", "steps": steps}, done="applied")
    return Applied([s["path"] for s in steps])


def undo(run: Run) -> list[str]:
    """Put the user's files back as they were before the apply step, byte for byte; returns their paths.

    Raises NothingToUndo, and ApplyConflict when one of them was changed since; then nothing is written.
    """
    recover(run)
    move = _journal(run)
    if move is None or move["state"] != "applied":
        raise NothingToUndo(f"run {run.id[:8]} has nothing in the folder that could be undone")
    changed = [s["path"] for s in move["steps"] if not _exactly(_present(run, s["path"]), s["after"])]
    if changed:
        raise ApplyConflict(sorted(changed))
    back: list[Step] = [{"path": s["path"], "before": s["after"], "after": s["before"]} for s in reversed(move["steps"])]
    _carry_out(run, {"v": 1, "state": "undoing", "steps": back}, done="undone")
    return sorted(s["path"] for s in back)


def recover(run: Run) -> None:
    """Finish a step that a crash interrupted; a file that the user has changed since is left alone."""
    move = _journal(run)
    if move is not None and move["state"] in ("applying", "undoing"):
        _carry_out(run, move, done={"applying": "applied", "undoing": "undone"}[move["state"]])


def _carry_out(run: Run, move: Move, *, done: str) -> None:
    """Journal the move, make every step that is still to make, journal its end."""
    _note(run, move)
    for step in move["steps"]:
        if _exactly(_present(run, step["path"]), step["before"]):
            _place(run, step["path"], step["after"])
    _note(run, {**move, "state": done})


def _note(run: Run, move: Move) -> None:
    atomic_write(run.apply_path, json.dumps(move, ensure_ascii=False).encode("utf-8", "surrogatepass"))


def _journal(run: Run) -> Move | None:
    try:
        move: Move = json.loads(run.apply_path.read_bytes().decode("utf-8", "surrogatepass"))
    except FileNotFoundError:
        return None
    return move


def _committed(run: Run, commit: str, path: str, mode: str) -> Content | None:
    """What a commit holds at a path; the permission bits are not known there."""
    data = run.repository.read(commit, path) if mode in (LINK, EXECUTABLE, REGULAR) else None
    return None if data is None else {"mode": mode, "bits": 0, "data": run.artefacts.put(data)}


def _present(run: Run, path: str) -> Content | None:
    """What stands in the user's folder at a path now."""
    full = run.root / path
    try:
        status = full.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    if stat.S_ISLNK(status.st_mode):
        return {"mode": LINK, "bits": 0, "data": run.artefacts.put(os.fsencode(os.readlink(full)))}
    if not stat.S_ISREG(status.st_mode):
        return {"mode": "other", "bits": 0, "data": ""}
    bits = stat.S_IMODE(status.st_mode)
    return {
        "mode": EXECUTABLE if bits & stat.S_IXUSR else REGULAR,
        "bits": bits,
        "data": run.artefacts.put(full.read_bytes()),
    }


def _same(one: Content | None, other: Content | None) -> bool:
    """Equal as git sees it: kind, executable bit and bytes."""
    if one is None or other is None:
        return one is other
    return (one["mode"], one["data"]) == (other["mode"], other["data"])


def _exactly(one: Content | None, other: Content | None) -> bool:
    """Equal in every permission bit as well."""
    return one == other


def _with_bits(content: Content | None, now: Content | None) -> Content | None:
    """The content with the permission bits that it will have: the file's own ones, as far as its kind allows."""
    if content is None or content["mode"] == LINK:
        return content
    bits = now["bits"] if now is not None and now["bits"] else 0o644
    executable = (bits & 0o444) >> 2
    bits = bits | executable if content["mode"] == EXECUTABLE else bits & ~0o111
    return {**content, "bits": bits}


def _three_way(run: Run, old: Content | None, now: Content | None, new: Content | None) -> Content | None:
    """Our change and the user's in one text, or None where they meet on the same lines."""
    if old is None or now is None or new is None:
        return None
    if {LINK, "other"} & {old["mode"], now["mode"], new["mode"]}:
        return None
    with tempfile.TemporaryDirectory(dir=run.folder) as folder:
        names = []
        for name, content in (("now", now), ("old", old), ("new", new)):
            Path(folder, name).write_bytes(run.artefacts.bytes(content["data"]))
            names.append(name)
        said = git("merge-file", "-p", *names, cwd=Path(folder), allowed=range(256))
    return {**new, "data": run.artefacts.put(said.out)} if said.code == 0 else None


def _inside(root: Path, path: str) -> bool:
    """True when no folder on the way is a link: what is written there stays below the root."""
    parts = Path(path).parts
    if Path(path).is_absolute() or ".." in parts or ".git" in parts:
        return False
    return not any((root / Path(*parts[:n])).is_symlink() for n in range(1, len(parts)))


def _place(run: Run, path: str, content: Content | None) -> None:
    """Make a path hold this content, durably and at once."""
    full = run.root / path
    if content is None:
        full.unlink()
        _drop_empty(full.parent, run.root)
        return
    full.parent.mkdir(parents=True, exist_ok=True)
    data = run.artefacts.bytes(content["data"])
    if content["mode"] != LINK:
        atomic_write(full, data, mode=content["bits"])
        return
    partial = full.with_name(f".{full.name}.{run.id[:8]}")
    partial.unlink(missing_ok=True)
    partial.symlink_to(os.fsdecode(data))
    os.replace(partial, full)
    sync_folder(full.parent)


def _drop_empty(folder: Path, root: Path) -> None:
    """Remove folders that a deletion has left empty, as git does."""
    while folder != root:
        try:
            folder.rmdir()
        except OSError:
            return
        folder = folder.parent
