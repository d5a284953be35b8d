"""Twins: a run that begins with what another one has kept is there whole or not at all, and stands by itself."""

import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.unit.workspace.scenes import scene
from workspace.prune import MAKING, finish
from workspace.run import Run, list_runs
from workspace.twin import twin


def test_a_twin_has_the_objects_and_artefacts_and_outlives_the_other_run(tmp_path: Path) -> None:
    """The files are shared, not the folder: when the other run is gone, nothing is missing."""
    made = scene(tmp_path, {"a": b"1"})
    home, name = made.run.folder.parents[1], made.run.artefacts.put("said")
    with twin(made.run, home, {"seed": 1}) as new:
        assert not (home / "runs" / new.id).exists(), "it is not there before it is whole"
    shutil.rmtree(made.run.folder)
    kept = Run.open(home, new.id)
    assert kept.parent == made.run.id and kept.settings == {"seed": 1} and kept.root == made.run.root
    assert kept.repository.read(made.base, "a") == b"1" and kept.artefacts.text(name) == "said"
    assert not list(home.glob("runs/.*"))


def test_one_that_cannot_be_finished_leaves_nothing(tmp_path: Path) -> None:
    """Nor does it change the other run."""
    made = scene(tmp_path, {"a": b"1"})
    home = made.run.folder.parents[1]
    with pytest.raises(OSError, match="full"), twin(made.run, home, {}):
        raise OSError("the disk is full")
    assert [run.id for run in list_runs(home)] == [made.run.id] and not list(home.glob("runs/.*"))


def test_what_a_kill_has_left_of_one_goes_with_a_later_pruning(tmp_path: Path) -> None:
    """One that may still be in the making stays."""
    runs = tmp_path / "runs"
    for name in ("old", "young"):
        (runs / f"{MAKING}{name}" / "runs").mkdir(parents=True)
    before = (datetime.now(UTC) - timedelta(hours=2)).timestamp()
    os.utime(runs / f"{MAKING}old", (before, before))
    finish(tmp_path)
    assert [path.name for path in runs.iterdir()] == [f"{MAKING}young"]
