"""A disk that fails at any call: no file is half written, the sentence is clear, the exit code is documented."""

import contextlib
import errno
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestrator.main import main
from tests.crash.faulty import FAULTS, Faulty
from tests.crash.steps import finished
from tests.e2e.conftest import write
from tests.e2e.small import PYTHON, REQUEST, scenario
from tests.modelserver.server import Server
from tests.tree import tree
from tests.unit.workspace.scenes import Scene, in_child, picture
from tests.world import Done, World

CODES = (0, 1, 2, 3, 4, 5, 6)
"""The exit codes that are documented, but for an interruption."""


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """A finished run that was not applied."""
    monkeypatch.setenv("ORCHESTRATOR_HOME", str(tmp_path / "state"))
    return finished(tmp_path)


def commanded(arguments: list[str], folder: Path, fault: Faulty | None = None) -> Done:
    """Carry a command out in a process of its own, on a disk that perhaps fails."""
    said = folder / "said"

    def work() -> None:
        with said.open("w") as out, contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            if fault:
                fault.arm()
            code = main(arguments)
        os._exit(code)

    code = in_child(work)
    return Done(code, said.read_text(), said.read_text())


def is_clear(done: Done) -> None:
    """A documented exit code, and no word of a traceback or of the program's insides."""
    assert done.code in CODES, done
    assert "Traceback" not in done.err and "inside the program" not in done.err, done.err
    if done.code:
        said = [os.strerror(fault) for fault in FAULTS]
        assert any(words in done.err for words in (*said, "The state directory")), done.err


@pytest.mark.parametrize("command", ["apply", "undo"])
def test_a_step_on_a_failing_disk(made: Scene, tmp_path: Path, command: str) -> None:
    """Each file is as before or as wanted, never between; once the disk is well, both commands go on."""
    start = picture(made.root)
    assert commanded(["apply", made.run.id], tmp_path).code == 0
    changed = picture(made.root)
    assert commanded(["undo", made.run.id], tmp_path).code == 0
    whole = set(start.items()) | set(changed.items())
    contents = {what[1] for _, what in whole}
    for at in range(1, 200):
        lasting, fault = at % 2 == 0, FAULTS[at % 3]
        if command == "undo":
            assert commanded(["apply", made.run.id], tmp_path).code == 0
        done = commanded([command, made.run.id], tmp_path, Faulty(at, fault, lasting=lasting))
        is_clear(done)
        now = picture(made.root)
        files = {name: what for name, what in now.items() if not name.endswith(".partial")}
        assert {what[1] for what in files.values()} <= contents, at
        if not lasting:
            assert now in (start, changed), (at, set(now.items()) ^ set(start.items()))
        assert commanded(["undo", made.run.id], tmp_path).code in (0, 2)
        assert picture(made.root) == start, at
        if done.code == 0:
            break
    assert at > 20


@pytest.fixture
def small(tmp_path: Path) -> Iterator[tuple[World, Server]]:
    """A small project, and a model that repairs it."""
    world = World(tmp_path)
    world.project.mkdir()
    write(world.project, PYTHON.files)
    with Server(scenario(PYTHON, "prose", PYTHON.block(PYTHON.repair))) as server:
        world.env = {
            "OPENAI_BASE_URL": server.base_url,
            "ORCHESTRATOR_MODEL": server_name(server),
            "OPENAI_API_KEY": "k",
        }
        yield world, server


def server_name(server: Server) -> str:
    """The name of the only model."""
    return next(iter(server.scenarios))


ARMED = """\
import sys
from tests.crash.faulty import Faulty
from orchestrator.main import main
Faulty(int(sys.argv[1]), int(sys.argv[2]), lasting=True).arm()
sys.exit(main(sys.argv[3:]))
"""


@pytest.mark.parametrize(("at", "fault"), [(1, 0), (30, 2), (90, 1), (120, 0)])
def test_a_run_on_a_disk_that_fails_from_some_moment(small: tuple[World, Server], at: int, fault: int) -> None:
    """The project is untouched, a sentence says what is the matter, and the run goes on once the disk is well."""
    world, _ = small
    before = tree(world.project)
    arguments = ["auto", REQUEST, "--check", PYTHON.check, "--json"]
    here = [sys.executable, "-c", ARMED, str(at), str(FAULTS[fault]), *arguments]
    done = subprocess.run(here, cwd=world.project, env=world.environment(), capture_output=True, text=True, timeout=90)
    is_clear(Done(done.returncode, done.stdout, done.stderr))
    assert done.returncode != 0 and tree(world.project) == before

    runs = [run for run in world.runs() if (run / "run.json").exists()]
    ended = world.run("resume", "last", "--json") if runs else world.run(*arguments)
    if ended.code == 2 and "has ended" in ended.err:
        ended = world.run("apply", "last", "--json")
    assert ended.code == 0, ended.err
    assert tree(world.project) != before and world.run("undo", "last").code == 0 and tree(world.project) == before


def mounted(folder: Path, size: str) -> bool:
    """Put a small disk at a folder, or change its size; False where that is not allowed."""
    options = f"size={size},remount" if os.path.ismount(folder) else f"size={size}"
    return (
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], capture_output=True).returncode
        == 0
    )


@pytest.mark.parametrize("size", ["160k", "400k"])
def test_a_run_on_a_disk_that_is_really_full(small: tuple[World, Server], size: str) -> None:
    """State on a tiny disk: a sentence, the project untouched; with more room the run goes on to its end."""
    world, _ = small
    world.home.mkdir()
    if os.geteuid() != 0 or not mounted(world.home, size):
        pytest.skip("only root can put a small disk somewhere")
    try:
        before = tree(world.project)
        arguments = ("auto", REQUEST, "--check", PYTHON.check, "--json")
        done = world.run(*arguments)
        assert done.code in CODES and done.code != 0, done
        assert "Traceback" not in done.err and "inside the program" not in done.err, done.err
        assert os.strerror(errno.ENOSPC) in done.err or "disk is full" in done.err, done.err
        assert tree(world.project) == before
        assert mounted(world.home, "50m")
        begun = [run for run in world.runs() if (run / "run.json").exists()]
        ended = world.run("resume", "last", "--json") if begun else world.run(*arguments)
        assert ended.code == 0, ended.err
    finally:
        subprocess.run(["umount", "-l", str(world.home)], check=True)
