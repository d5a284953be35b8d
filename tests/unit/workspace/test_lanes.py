"""Lanes: exactly a commit when checked out, everything that was written when committed, apart from each other."""

import os
import shutil
import tempfile
import threading
from pathlib import Path

import pytest

from tests.unit.workspace.scenes import NOBODY, Content, Scene, in_child, picture, scene, write
from workspace.errors import WorkspaceError
from workspace.lanes import Lane, open_lane


@pytest.fixture
def made(tmp_path: Path) -> Scene:
    """A small project that ignores some of its files."""
    files: dict[str, Content] = {"a.py": b"a = 1\n", "sub/b.py": b"b = 1\n", "link": "a.py"}
    return scene(tmp_path, {**files, ".gitignore": b"*.log\nbuild/\n"}, git=True)


def names(lane: Lane) -> list[str]:
    """What lies in a lane."""
    return sorted(picture(lane.path))


def test_a_checkout_leaves_nothing_else(made: Scene) -> None:
    """Changed, removed, untracked, ignored and nested things are all put right, empty folders too."""
    lane = made.lane
    clean = picture(lane.path)
    write(lane.path, {"a.py": b"a = 2\n", "x.log": b"1", "build/o": b"1", "deep/er/x": b"1", "empty": None})
    write(
        lane.path,
        {"nested/.git/HEAD": b"ref: refs/heads/main\n", "nested/.git/objects": None, "nested/.git/refs": None},
    )
    shutil.rmtree(lane.path / "sub")
    (lane.path / "link").unlink()
    (lane.path / "link").mkdir()
    os.mkfifo(lane.path / "pipe")
    lane.checkout(made.base)
    assert picture(lane.path) == clean


def test_a_change_that_hides_behind_size_and_time_is_undone(made: Scene) -> None:
    """A file whose size and time of change are as before is looked at all the same."""
    path = made.lane.path / "a.py"
    before = path.stat()
    path.write_bytes(b"a = 2\n")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    made.lane.checkout(made.base)
    assert path.read_bytes() == b"a = 1\n"


def test_folders_without_rights_do_not_stop_a_checkout() -> None:
    """A command may lock the folders that it made; an ordinary user's lane becomes clean all the same."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o777)

    def work() -> None:
        made = scene(folder, {"a": b"1", "sub/b": b"1"})
        clean = picture(made.lane.path)
        write(made.lane.path, {"x/y/z": b"1", "sub/b": b"2"})
        (made.lane.path / "x/y").chmod(0)
        (made.lane.path / "x").chmod(0)
        (made.lane.path / "sub").chmod(0o500)
        made.lane.checkout(made.base)
        assert {k: v[1] for k, v in picture(made.lane.path).items()} == {k: v[1] for k, v in clean.items()}

    try:
        assert in_child(work, user=NOBODY) == 0
    finally:
        shutil.rmtree(folder)


def test_everything_that_was_written_is_committed_but_caches(made: Scene) -> None:
    """A file that the user's .gitignore names is work when a task writes it; what commands leave behind is not."""
    write(made.lane.path, {"build/gen.py": b"1", "x.log": b"1", "sub/new.py": b"1", "a.py": b"a = 2\n"})
    write(made.lane.path, {"__pycache__/a.pyc": b"1", "sub/__pycache__/b.cpython-311.pyc": b"1", "c.pyc": b"1"})
    write(
        made.lane.path,
        {".pytest_cache/v/x": b"1", ".mypy_cache/x": b"1", ".ruff_cache/x": b"1", "sub/.hypothesis/x": b"1"},
    )
    (made.lane.path / "sub/b.py").unlink()
    commit = made.lane.commit("work", [made.base])
    assert [(c["status"], c["path"]) for c in made.run.repository.changed(made.base, commit)] == [
        ("M", "a.py"),
        ("A", "build/gen.py"),
        ("D", "sub/b.py"),
        ("A", "sub/new.py"),
        ("A", "x.log"),
    ]
    made.lane.checkout(commit)
    assert (made.lane.path / "build/gen.py").read_bytes() == b"1"


def test_equal_work_has_equal_commits(made: Scene) -> None:
    """Tree, parents and message make the id: in another lane, at another time, it is the same."""
    other = open_lane(made.run, "t2")
    other.checkout(made.base)
    write(made.lane.path, {"new": b"1"})
    write(other.path, {"new": b"1"})
    os.utime(other.path / "new", (0, 0))
    first, second = made.lane.commit("work", [made.base]), other.commit("work", [made.base])
    assert first == second
    assert made.run.repository.ref("lanes/t1") == made.run.repository.ref("lanes/t2") == first
    assert made.lane.commit("other words", [made.base]) != first


def test_lanes_work_side_by_side(made: Scene) -> None:
    """Several threads check out, write and commit at once, and none sees the others."""
    commits: dict[str, str] = {}

    def work(name: str) -> None:
        lane = open_lane(made.run, name)
        for number in range(5):
            lane.checkout(made.base)
            write(lane.path, {f"{name}.txt": str(number).encode() * 1000})
            commits[name] = lane.commit(f"{name} {number}", [made.base])

    threads = [threading.Thread(target=work, args=(f"lane{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for name, commit in commits.items():
        assert [c["path"] for c in made.run.repository.changed(made.base, commit)] == [f"{name}.txt"]
        assert made.run.repository.read(commit, f"{name}.txt") == b"4" * 1000


def test_a_lane_is_usable_after_its_git_was_killed(made: Scene) -> None:
    """The lock that a killed git leaves goes when the lane is opened again."""
    (made.run.lanes_path / "t1" / "index.lock").write_bytes(b"")
    again = open_lane(made.run, "t1")
    again.checkout(made.base)
    assert names(again) == names(made.lane)


def test_dependency_folders_are_links_that_no_commit_holds(tmp_path: Path) -> None:
    """The user's installed packages are there for commands, at any depth, and never part of the work."""
    files: dict[str, Content] = {"a.js": b"1", "web/b.js": b"1", "we[b/c.js": b"1", "node_modules/m.js": b"1"}
    made = scene(tmp_path, {**files, "web/node_modules/n.js": b"1", "we[b/node_modules/n.js": b"1"})
    linked = ["node_modules", "we[b/node_modules", "web/node_modules"]
    assert made.lane.links() == linked
    assert (made.lane.path / "web/node_modules/n.js").read_bytes() == b"1"
    commit = made.lane.commit("nothing", [made.base])
    assert made.run.repository.changed(made.base, commit) == []
    made.lane.checkout(commit)
    assert made.lane.links() == linked


def test_what_a_command_puts_in_place_of_a_dependency_folder_does_not_stay(tmp_path: Path) -> None:
    """Only the link that the lane made itself survives a checkout."""
    made = scene(tmp_path, {"a": b"1", "node_modules/m.js": b"1"})
    clean = picture(made.lane.path)
    (made.lane.path / "node_modules").unlink()
    write(made.lane.path, {"node_modules/evil.js": b"1", ".venv/bin/python": b"1", "vendor": "/etc"})
    made.lane.checkout(made.base)
    assert picture(made.lane.path) == clean
    (made.lane.path / "node_modules").unlink()
    (made.lane.path / "node_modules").symlink_to("/etc")
    made.lane.checkout(made.base)
    assert picture(made.lane.path) == clean


@pytest.mark.parametrize("name", ["", "..", "../x", "a/b", ".hidden", "-x", "x" * 80, "a\n", "x.lock"])
def test_a_name_that_could_lead_elsewhere_is_refused(made: Scene, name: str) -> None:
    """A lane's name is a plain word."""
    with pytest.raises(WorkspaceError, match="name of a lane"):
        open_lane(made.run, name)
