"""Pruning: old runs leave the disk; one that is under way, or that alone can undo its change, stays and says why."""

import json
import os
import signal
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.unit.workspace.scenes import NOBODY, Scene, in_child, scene, write
from tests.world import World
from workspace.apply import apply, undo
from workspace.errors import RunBusy
from workspace.prune import Old, finish, looked_at, remove
from workspace.run import Run, list_runs


def old_run(home: Path, root: Path, days: int) -> Run:
    """A run that was made some days ago."""
    run = Run.create(home, root, f"made {days} days ago", {})
    record = json.loads((run.folder / "run.json").read_text())
    created = (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="seconds")
    (run.folder / "run.json").write_text(json.dumps({**record, "created": created}))
    return run


def old_ones(home: Path, *, keep: int = 0, days: float | None = None, applied: bool = False) -> list[Old]:
    """What is found beyond the newest, older than some days."""
    before = None if days is None else datetime.now(UTC) - timedelta(days=days)
    return looked_at(home, keep=keep, before=before, applied=applied)


def test_the_newest_and_the_young_are_left_alone(tmp_path: Path) -> None:
    """Both limits together: only what both give up."""
    home = tmp_path / "state"
    runs = [old_run(home, tmp_path, days).id for days in (1, 5, 9)]
    assert [o.id for o in old_ones(home, keep=1)] == runs[1:]
    assert [o.id for o in old_ones(home, days=4)] == runs[1:]
    assert [o.id for o in old_ones(home, keep=2, days=4)] == runs[2:]
    assert old_ones(home, keep=3) == [] and old_ones(tmp_path / "nowhere") == []


def applied_scene(folder: Path) -> Scene:
    """A run whose change is in the folder."""
    made = scene(folder, {"a": b"1"})
    apply(made.run, made.base, made.change({"a": b"2"}))
    return made


def test_what_alone_can_undo_a_change_stays_unless_it_is_given_up(tmp_path: Path) -> None:
    """Applied: it stays and says why; undone, or given up by the caller: it goes."""
    made = applied_scene(tmp_path)
    home = made.run.folder.parent.parent
    (old,) = old_ones(home)
    assert "only it can undo that" in old.kept
    assert old_ones(home, applied=True)[0].kept == ""
    undo(made.run)
    assert old_ones(home)[0].kept == ""


def test_a_run_that_is_under_way_stays(tmp_path: Path) -> None:
    """Also where it was taken up after it was looked at."""
    run = old_run(tmp_path / "state", tmp_path, 9)
    (old,) = old_ones(tmp_path / "state")

    def prune() -> None:
        assert old_ones(tmp_path / "state")[0].kept == "it is under way"
        with pytest.raises(RunBusy):
            remove(old)

    with run.lock():
        assert in_child(prune) == 0
    assert list_runs(tmp_path / "state") == [Run.open(tmp_path / "state", run.id)]


def test_an_interrupted_step_stays(tmp_path: Path) -> None:
    """Files of the user's are half way: the run is needed to bring them to an end."""
    made = applied_scene(tmp_path)
    move = json.loads(made.run.apply_path.read_text())
    made.run.apply_path.write_text(json.dumps({**move, "state": "undoing"}))
    (old,) = old_ones(made.run.folder.parent.parent, applied=True)
    assert "interrupted" in old.kept and "orchestrator apply" in old.kept


def test_damaged_and_newer_folders(tmp_path: Path) -> None:
    """What a newer version wrote stays; what nobody can read goes, unless it may be in the making."""
    home = tmp_path / "state"
    newer, broken, young = (old_run(home, tmp_path, days) for days in (7, 8, 9))
    (newer.folder / "run.json").write_text(json.dumps({"v": 2}))
    for run in (broken, young):
        (run.folder / "run.json").unlink()
    long_ago = (datetime.now() - timedelta(days=8)).timestamp()
    os.utime(broken.folder, (long_ago, long_ago))
    kept = {old.id: old.kept for old in old_ones(home)}
    assert kept == {
        newer.id: "a newer version of this program wrote it", broken.id: "", young.id: "it is being made"
    }  # fmt: skip


def test_folders_without_rights_are_removed_too() -> None:
    """What a command has made read-only in its lane, as Go does with its modules."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)

        def work() -> None:
            run = old_run(folder / "state", folder, 9)
            write(run.folder / "lanes", {"t1/scratch/mod/file": b"x"})
            (run.folder / "lanes/t1/scratch/mod").chmod(0o500)
            remove(old_ones(folder / "state")[0])
            assert list((folder / "state/runs").iterdir()) == []

        assert in_child(work, user=NOBODY) == 0


@pytest.mark.parametrize("call", ["replace", "rmdir", "unlink"])
def test_a_kill_leaves_a_whole_run_or_none(tmp_path: Path, call: str) -> None:
    """What is half removed is no run any more, and the next pruning removes the rest."""
    home = tmp_path / "state"
    run = old_run(home, tmp_path, 9)
    (old,) = old_ones(home)

    def die() -> None:
        setattr(os, call, lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL))
        remove(old)

    assert in_child(die) == -signal.SIGKILL
    assert [r.id for r in list_runs(home)] == ([run.id] if call == "replace" else [])
    finish(home)
    assert len(list((home / "runs").iterdir())) == (call == "replace")


def test_the_command_says_what_goes_and_what_stays(tmp_path: Path) -> None:
    """Nothing without limits; a rehearsal removes nothing; the record for scripts has the same facts."""
    world = World(tmp_path)
    world.project.mkdir()
    applied = applied_scene(tmp_path)
    gone = old_run(world.home, world.project, 9)

    done = world.run("runs", "prune")
    assert done.code == 2 and "--keep N" in done.err
    rehearsed = world.run("runs", "prune", "--keep", "0", "--dry-run").out
    assert "1 run would be removed" in rehearsed and f"{applied.run.id[:8]}  stays: its change" in rehearsed
    assert len(list_runs(world.home)) == 2
    result = world.run("runs", "prune", "--older-than", "5", "--json").result
    assert result["removed"] == [gone.id] and result["kept"] == [] and result["bytes"] > 0
    assert [run.id for run in list_runs(world.home)] == [applied.run.id]
    assert world.run("runs", "prune", "--keep", "0", "--applied").code == 0
    assert list((world.home / "runs").iterdir()) == []
