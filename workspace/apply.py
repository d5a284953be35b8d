"""Apply: the verified difference reaches the user's folder in one journalled step, and can be taken back."""

import stat
import tempfile
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from workspace.conflicts import Sides, save
from workspace.errors import ApplyConflict, ApplyFailed, NothingToUndo
from workspace.git import git
from workspace.move import (
    EXECUTABLE,
    LINK,
    OTHER,
    REGULAR,
    carry_out,
    exactly,
    inside,
    journal,
    present,
    reversed_steps,
)
from workspace.move_record import ENDS, Content, Move, Step
from workspace.repository import Change
from workspace.root_lock import alone_in
from workspace.run import Run, usable_root
from workspace.versions import VERSION


@dataclass(frozen=True)
class Applied:
    """The files of the user's folder that differ because of this run."""

    files: list[str]


def apply(run: Run, base: str, final: str) -> Applied:
    """Bring the difference between two commits into the user's folder, all of it or nothing.

    Where the user has changed a file since, other lines are merged. What was applied before is not done again, and
    one undo takes back all of it. Raises ApplyConflict on the same lines, ApplyFailed where a file cannot be written.
    """
    usable_root(run.root)
    with alone_in(run.root):
        return applied(run, base, final)


def applied(run: Run, base: str, final: str) -> Applied:
    """The step itself, by the only process that writes there."""
    finish(run)
    before = journal(run)
    there = before if before is not None and before["state"] == "applied" else None
    origin = there.get("commit", base) if there else base
    steps = planned(run, origin, final)
    if not steps and there:
        return Applied([step["path"] for step in there["steps"]])
    move: Move = {
        "v": VERSION,
        "state": "applying",
        "steps": steps,
        "earlier": with_edits(run, there["steps"], steps) if there else [],
        "folders": {
            **bits_of_folders(run.root, (step["path"] for step in steps)),
            **(there["folders"] if there else {}),
        },
        "commit": final,
        "origin": origin,
    }
    done = carry_out(run, move, before=before)
    return Applied([step["path"] for step in done["steps"]])


def undo(run: Run) -> list[str]:
    """Put the user's files back as they were before the apply step, byte for byte; returns their paths.

    Raises NothingToUndo, ApplyConflict when one of them was changed since, and ApplyFailed; then nothing is written.
    """
    usable_root(run.root)
    with alone_in(run.root):
        return undone(run)


def undone(run: Run) -> list[str]:
    """The step back itself, by the only process that writes there."""
    finish(run)
    move = journal(run)
    if move is None or move["state"] != "applied":
        raise NothingToUndo(f"run {run.id[:8]} has nothing in the folder that could be undone")
    back = reversed_steps(move["steps"])
    leaving = {step["path"] for step in back if step["after"] is None}
    now = {step["path"]: present(run, step["path"], leaving=leaving) for step in back}
    changed = [Sides(s["path"], s["before"], now[s["path"]], s["after"]) for s in back]
    if changed := [sides for sides in changed if not exactly(sides.now, sides.was)]:
        raise refusal(run, changed, "they were applied", f"orchestrator undo {run.id[:8]}")
    carry_out(run, {**move, "state": "undoing", "steps": back}, before=move)
    return sorted(step["path"] for step in back)


def recover(run: Run) -> None:
    """Finish a step that a crash interrupted; a file that the user has changed since is left alone."""
    move = journal(run)
    if move is not None and move["state"] in ENDS:
        usable_root(run.root)
        with alone_in(run.root):
            finish(run)


def finish(run: Run) -> None:
    """Carry an interrupted step out, by the only process that writes there."""
    move = journal(run)
    if move is None or move["state"] not in ENDS:
        return
    before: Move = {**move, "state": "applied", "earlier": []}
    if move["state"] == "undoing":
        before["steps"] = reversed_steps(move["steps"])
    else:
        before["steps"], before["commit"] = move["earlier"], move.get("origin", "")
    carry_out(run, move, before=before if before["steps"] else None, again=True)


def planned(run: Run, base: str, final: str) -> list[Step]:
    """The steps that are still to make; raises ApplyConflict with every path that cannot be brought together."""
    changes = run.repository.changed(base, final)
    leaving = {change["path"] for change in changes if change["status"] == "D"}
    steps: list[Step] = []
    conflicts: list[Sides] = []
    for change in changes:
        try:
            found = step_of(run, change, base, final, leaving)
        except OSError as error:
            raise ApplyFailed(f"{change['path']}: {error.strerror}. Nothing was changed.") from error
        if isinstance(found, Sides):
            conflicts.append(found)
        elif not same(found["before"], found["after"]):
            steps.append(found)
    if conflicts:
        raise refusal(run, conflicts, "the run began", f"orchestrator apply {run.id[:8]}")
    return steps


def refusal(run: Run, conflicts: Sequence[Sides], since: str, again: str) -> ApplyConflict:
    """The refusal of a step, with every path that stands in its way."""
    sides = sorted(conflicts, key=lambda each: each.path)
    return ApplyConflict([each.path for each in sides], since, save(run, sides), again)


def step_of(run: Run, change: Change, base: str, final: str, leaving: Collection[str]) -> Step | Sides:
    """How one path gets from what it is now to what it shall be, or what meets where the user's work would be lost."""
    path = change["path"]
    old = committed(run, base, path, change["old_mode"])
    new = committed(run, final, path, change["new_mode"])
    if not inside(run.root, path):
        return Sides(path, old, {"mode": OTHER, "bits": 0, "data": ""}, new)
    now = present(run, path, leaving=leaving)
    if same(now, new):
        return {"path": path, "before": now, "after": now}
    wanted = new if same(now, old) else three_way(run, old, now, new)
    if wanted is None and not same(now, old):
        return Sides(path, old, now, new)
    return {"path": path, "before": now, "after": with_bits(wanted, now)}


def with_edits(run: Run, earlier: list[Step], later: list[Step]) -> list[Step]:
    """The steps of an earlier move, where the user has edited a file since: an undo must give those edits back too."""
    seen = {step["path"]: step["before"] for step in later}
    return [with_edit(run, step, seen[step["path"]]) if step["path"] in seen else step for step in earlier]


def with_edit(run: Run, step: Step, now: Content | None) -> Step:
    """A step as if the user's edit had been there before it; where the two meet on the same lines, the edit stays."""
    if exactly(now, step["after"]):
        return step
    without = three_way(run, step["after"], now, step["before"])
    return {**step, "before": with_bits(without, now) if without else now, "after": now}


def committed(run: Run, commit: str, path: str, mode: str) -> Content | None:
    """What a commit holds at a path; the permission bits are not known there."""
    data = run.repository.read(commit, path) if mode in (LINK, EXECUTABLE, REGULAR) else None
    return None if data is None else {"mode": mode, "bits": 0, "data": run.artefacts.put(data)}


def same(one: Content | None, other: Content | None) -> bool:
    """Equal as git sees it: kind, executable bit and bytes."""
    if one is None or other is None:
        return one is other
    return (one["mode"], one["data"]) == (other["mode"], other["data"])


def with_bits(content: Content | None, now: Content | None) -> Content | None:
    """The content with the permission bits that it will have: the file's own ones, as far as its kind allows."""
    if content is None or content["mode"] == LINK:
        return content
    bits = now["bits"] if now is not None and now["bits"] else 0o644
    readers = (bits & 0o444) >> 2
    return {**content, "bits": bits | readers if content["mode"] == EXECUTABLE else bits & ~0o111}


def three_way(run: Run, old: Content | None, now: Content | None, new: Content | None) -> Content | None:
    """Our change and the user's in one file, or None where they meet on the same lines."""
    if old is None or now is None or new is None:
        return None
    if {LINK, OTHER} & {old["mode"], now["mode"], new["mode"]}:
        return None
    with tempfile.TemporaryDirectory(dir=run.folder) as folder:
        for name, content in (("now", now), ("old", old), ("new", new)):
            Path(folder, name).write_bytes(run.artefacts.bytes(content["data"]))
        said = git("merge-file", "-p", "now", "old", "new", cwd=Path(folder), allowed=range(256))
    if said.code:
        return None
    mode = now["mode"] if new["mode"] == old["mode"] else new["mode"]
    return {"mode": mode, "bits": 0, "data": run.artefacts.put(said.out)}


def bits_of_folders(root: Path, paths: Iterable[str]) -> dict[str, int]:
    """The permission bits of every folder above these paths that is there."""
    parents = {parent for path in paths for parent in PurePosixPath(path).parents[:-1]}
    return {str(p): stat.S_IMODE((root / p).stat().st_mode) for p in sorted(parents) if (root / p).is_dir()}
