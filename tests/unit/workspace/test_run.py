"""Run folders: found by name, reopened by any process, driven by one at a time, never trusted when damaged."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.workspace.scenes import in_child
from workspace.errors import RootUnusable, RunAmbiguous, RunBroken, RunBusy, RunNotFound, WorkspaceError
from workspace.run import Run, list_runs, state_home
from workspace.sweep import sweep


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project folder."""
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A state directory that is not there yet."""
    return tmp_path / "state"


def test_a_run_is_reopened_as_it_was_made(home: Path, root: Path) -> None:
    """Everything that was asked for stands in the folder, whatever the language of the request."""
    made = Run.create(home, root, "größer ✓\nnext line", {"parallel": 2, "checks": ["make test"]}, parent="p")
    opened = Run.open(home, made.id)
    assert opened == made
    assert (opened.root, opened.request, opened.settings["checks"]) == (root, "größer ✓\nnext line", ["make test"])


def test_the_users_folder_is_not_written_to(home: Path, root: Path) -> None:
    """State lives in the state directory, readable by its owner alone."""
    made = Run.create(home, root, "r", {})
    assert list(root.iterdir()) == []
    assert made.folder.is_relative_to(home)
    assert (made.folder / "run.json").stat().st_mode & 0o077 == 0
    assert made.folder.stat().st_mode & 0o077 == 0


def test_a_run_is_found_by_id_beginning_and_last(home: Path, root: Path) -> None:
    """Four characters are enough where they are enough to tell."""
    first = Run.create(home, root, "r", {}, run_id="aaaa1111-0000-4000-8000-000000000000")
    second = Run.create(home, root, "r", {}, run_id="aaaa2222-0000-4000-8000-000000000000")
    assert Run.open(home, "aaaa1") == first
    assert Run.open(home, second.id) == second
    assert Run.open(home, "last") == second
    assert [run.id for run in list_runs(home)] == [second.id, first.id]


@pytest.mark.parametrize(
    ("name", "error", "fix"),
    [
        ("aaaa", RunAmbiguous, "give more of its name"),
        ("bbbb", RunNotFound, "orchestrator runs"),
        ("aaa", RunNotFound, "4 characters"),
        ("../aaaa", RunNotFound, "orchestrator runs"),
        ("", RunNotFound, "4 characters"),
    ],
)
def test_a_name_that_does_not_lead_to_one_run_names_the_fix(
    home: Path, root: Path, name: str, error: type[WorkspaceError], fix: str
) -> None:
    """Ambiguous, unknown, too short, or a path: a sentence each."""
    for number in (1, 2):
        Run.create(home, root, "r", {}, run_id=f"aaaa{number}")
    with pytest.raises(error, match=fix):
        Run.open(home, name)


def test_last_without_any_run_says_how_to_start_one(home: Path) -> None:
    """A state directory that is not there holds no runs."""
    assert list_runs(home) == []
    with pytest.raises(RunNotFound, match="orchestrator auto"):
        Run.open(home, "last")


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"id": "x"}', "\0\0"])
def test_a_damaged_run_is_reported_and_does_not_hide_the_others(home: Path, root: Path, damage: str) -> None:
    """Opened by name it says where it lies; the list and ``last`` pass it over."""
    good, bad = Run.create(home, root, "r", {}), Run.create(home, root, "r", {})
    (bad.folder / "run.json").write_text(damage)
    (home / "runs" / "stray").mkdir()
    with pytest.raises(RunBroken, match=str(bad.folder)):
        Run.open(home, bad.id)
    assert list_runs(home) == [good]
    assert Run.open(home, "last") == good


def test_settings_can_be_changed_for_a_resumed_run(home: Path, root: Path) -> None:
    """A new budget is on the record of the run."""
    made = Run.create(home, root, "r", {"budget": {"calls": 1}})
    changed = made.with_settings({"budget": {"calls": 9}})
    assert Run.open(home, made.id) == changed and changed.settings == {"budget": {"calls": 9}}


def test_one_process_drives_a_run(home: Path, root: Path) -> None:
    """The second one is told who does, and gets the run when the first is done."""
    made = Run.create(home, root, "r", {})

    def refused() -> None:
        with pytest.raises(RunBusy) as busy, Run.open(home, made.id).lock():
            pass
        assert busy.value.pid == os.getppid() and str(os.getppid()) in str(busy.value)

    with made.lock():
        assert in_child(refused) == 0
    with made.lock():
        pass


def test_a_lock_ends_with_a_killed_process(home: Path, root: Path) -> None:
    """kill -9 leaves no lock behind."""
    made = Run.create(home, root, "r", {})

    def die() -> None:
        with Run.open(home, made.id).lock():
            os.kill(os.getpid(), signal.SIGKILL)

    assert in_child(die) == -signal.SIGKILL
    with made.lock():
        pass


def gone(root: Path) -> Path:
    """A folder that is not there."""
    return root / "missing"


def a_file(root: Path) -> Path:
    """No folder at all."""
    (root / "file").write_bytes(b"")
    return root / "file"


@pytest.mark.parametrize(("make", "fix"), [(gone, "does not exist"), (a_file, "is not a folder")])
def test_a_root_that_cannot_be_used_is_refused(home: Path, root: Path, make: Callable[[Path], Path], fix: str) -> None:
    """No run folder is made for it."""
    with pytest.raises(RootUnusable, match=fix):
        Run.create(home, make(root), "r", {})
    assert list_runs(home) == []


def test_a_root_is_named_by_its_real_path(home: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A relative path or a link leads to the same folder from anywhere."""
    (root.parent / "link").symlink_to(root)
    monkeypatch.chdir(root.parent)
    assert Run.create(home, Path("link"), "r", {}).root == root


@pytest.mark.parametrize(
    ("env", "place"),
    [
        ({"ORCHESTRATOR_HOME": "/somewhere", "XDG_STATE_HOME": "/xdg"}, "/somewhere"),
        ({"XDG_STATE_HOME": "/xdg"}, "/xdg/opencode-orchestrator"),
        ({}, str(Path.home() / ".local/state/opencode-orchestrator")),
    ],
)
def test_the_state_directory_is_where_the_user_wants_it(env: dict[str, str], place: str) -> None:
    """Our own variable first, then the one of the desktop's standard, then the default."""
    assert state_home(env) == Path(place)


def test_any_process_can_reopen_a_run(home: Path, root: Path) -> None:
    """Nothing of a run lives in the memory of the process that made it."""
    made = Run.create(home, root, "r", {"a": 1})
    made.events.emit("run.started", text="x")
    code = (
        "import sys, json; from pathlib import Path; from workspace.run import Run\n"
        "run = Run.open(Path(sys.argv[1]), 'last'); print(json.dumps([run.id, run.events.emit('b')['seq']]))"
    )
    here = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", code, home], cwd=here, check=True, capture_output=True)
    assert json.loads(done.stdout) == [made.id, 2]


def test_what_a_kill_left_half_written_is_swept(home: Path, root: Path) -> None:
    """Partial files and locks go; records, artefacts, objects and what lanes hold stay."""
    run = Run.create(home, root, "r", {})
    run.artefacts.put("kept")
    left = [".run.json.x1", "tmpab12/now", "snapshot.index.lock", "lanes/t1/index.lock", "artefacts/ab/.cd.x1"]
    left += ["repo.git/refs/lanes/.t1.77", "repo.git/objects/ab/tmp_obj_x", "repo.git/objects/pack/tmp_pack_x"]
    kept = ["lanes/t1/tree/.hidden", "lanes/t1/tree/poetry.lock", "lanes/t1/scratch/tmp1", "apply.json", "lock"]
    for name in (*left, *kept):
        (run.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (run.folder / name).write_bytes(b"")
    before = {path for path in run.folder.rglob("*") if path.is_file()}
    sweep(run)
    gone = before - {path for path in run.folder.rglob("*") if path.is_file()}
    assert sorted(str(path.relative_to(run.folder)) for path in gone) == sorted(left)
