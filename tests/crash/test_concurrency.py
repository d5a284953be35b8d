"""Several runs at once: on one folder, on one run; a lock ends with its process and with nothing else."""

import fcntl
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e import ledger
from tests.e2e.conftest import write
from tests.e2e.small import PYTHON, REQUEST, scenario
from tests.modelserver.server import Server
from tests.unit.workspace.scenes import begin, picture, scene
from tests.world import World, end
from workspace.apply import apply, undo
from workspace.errors import ApplyConflict
from workspace.run import Run

LINES = b"".join(b"line %d\n" % number for number in range(80))


def world_with(folder: Path, files: dict[str, str], server: Server, model: str) -> World:
    """A machine whose model is scripted."""
    world = World(folder)
    world.project.mkdir()
    write(world.project, files)
    world.env = {"OPENAI_BASE_URL": server.base_url, "ORCHESTRATOR_MODEL": model, "OPENAI_API_KEY": "k"}
    return world


@pytest.fixture
def small(tmp_path: Path) -> Iterator[World]:
    """A small project, and a model that repairs it."""
    script = scenario(PYTHON, "prose", PYTHON.block(PYTHON.repair))
    with Server(script) as server:
        yield world_with(tmp_path, dict(PYTHON.files), server, script.name)


def test_of_two_that_resume_one_run_one_wins_and_the_other_says_so(small: World) -> None:
    """Exit 0 and exit 2 with the other's process; the change is made once."""
    assert small.run("plan", REQUEST, "--check", PYTHON.check).code == 0
    both = [small.start("resume", "last", "--json") for _ in range(2)]
    ends = {process.pid: (process.communicate(timeout=90), process.returncode) for process in both}
    codes = sorted(code for _, code in ends.values())
    assert codes == [0, 2], ends
    ((_, err), _) = next(end for end in ends.values() if end[1] == 2)
    assert "is being driven by" in err or "has ended" in err, err


def test_a_lock_does_not_outlive_its_process_in_a_command_that_it_started(small: World) -> None:
    """Killed while a check runs: whatever that is still up to, the run can be taken up at once."""
    slow = f"sleep 5; {PYTHON.check}"
    process = small.start("auto", REQUEST, "--check", slow)
    limit = time.monotonic() + 30
    while not (small.runs() and (small.runs()[-1] / "lanes/run/tree").is_dir()):
        assert time.monotonic() < limit
        time.sleep(0.05)
    end(process, signal.SIGKILL)
    with Run.open(small.home, "last").lock():
        pass


def test_two_whole_runs_on_one_folder(tmp_path: Path) -> None:
    """Both see the folder as it was; the second one finds its change there already. One undo is refused, none loses."""
    with Server(ledger.scenario()) as server:
        world = world_with(tmp_path, ledger.FILES, server, "ledger")
        both = [world.start("auto", ledger.REQUEST, "--json") for _ in range(2)]
        ends = [(process.communicate(timeout=110), process.returncode) for process in both]
    assert [code for _, code in ends] == [0, 0], ends
    assert "def summary" in (world.project / "ledger/report.py").read_text()
    assert not list(world.project.rglob("*.partial"))


def test_steps_of_many_runs_into_one_folder_wait_for_each_other(tmp_path: Path) -> None:
    """Six processes, each with lines of its own in one file, and a file of its own: all arrives, and all goes again."""
    made = scene(tmp_path, {"shared": LINES})
    start = picture(made.root)
    runs = []
    for number in range(6):
        one = begin(tmp_path / str(number), made.root)
        changed = LINES.replace(b"line %d\n" % (number * 12 + 3), b"run %d\n" % number)
        runs.append((one, one.change({"shared": changed, f"own/{number}": b"x"})))
    children = []
    for one, final in runs:
        if (child := os.fork()) == 0:
            try:
                apply(one.run, one.base, final)
            finally:
                os._exit(0)
        children.append(child)
    for child in children:
        os.waitpid(child, 0)
    assert sorted(path.name for path in (made.root / "own").iterdir()) == list("012345")
    assert all(b"run %d\n" % number in (made.root / "shared").read_bytes() for number in range(6))
    orders = 0
    while runs and orders < 40:  # the last one that wrote is the first that can be undone
        orders += 1
        one, final = runs.pop(0)
        try:
            undo(one.run)
        except ApplyConflict:
            runs.append((one, final))
    assert picture(made.root) == start


def test_a_step_waits_for_the_one_that_holds_the_folder(tmp_path: Path) -> None:
    """And begins when that process ends, even by a kill."""
    made = scene(tmp_path, {"a": b"1"})
    final = made.change({"a": b"2"})
    ready, told = os.pipe()
    if (child := os.fork()) == 0:
        descriptor = os.open(made.root, os.O_RDONLY)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        os.write(told, b"x")
        time.sleep(0.5)
        os.kill(os.getpid(), signal.SIGKILL)
    os.read(ready, 1)
    began = time.monotonic()
    apply(made.run, made.base, final)
    os.waitpid(child, 0)
    assert time.monotonic() - began > 0.3 and (made.root / "a").read_bytes() == b"2"
