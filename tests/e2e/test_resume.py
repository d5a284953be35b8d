"""A run that is killed goes on where it was: the same tree in the end, and nothing is paid twice."""

import json
import shutil
import signal
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.e2e import ledger, small
from tests.e2e.conftest import write
from tests.modelserver.scenario import Scenario
from tests.modelserver.server import Server
from tests.world import World, end

POINTS = {"while planning": "planner", "while coding": "coder", "while fixing": "fixer"}


def text_of(project: Path) -> dict[str, str]:
    """The files of the project."""
    return {str(p.relative_to(project)): p.read_text() for p in sorted(project.rglob("*")) if p.is_file()}


def wait_for(role: str, server: Server, seconds: float = 60) -> None:
    """Wait until an agent has asked the model."""
    limit = time.monotonic() + seconds
    while not server.bodies(role):
        assert time.monotonic() < limit, f"no {role} ever asked"
        time.sleep(0.01)


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The project after a run that nothing disturbs."""
    world = World(tmp_path_factory.mktemp("undisturbed"))
    world.project.mkdir()
    write(world.project, ledger.FILES)
    with Server(ledger.scenario()) as server:
        world.env |= {"OPENAI_BASE_URL": server.base_url, "ORCHESTRATOR_MODEL": "ledger", "OPENAI_API_KEY": "k"}
        assert world.run("auto", ledger.REQUEST, "--parallel", "1").code == 0
    return text_of(world.project)


@pytest.mark.parametrize("role", POINTS.values(), ids=list(POINTS))
def test_killed(role: str, world: World, serve: Callable[[Scenario], Server], expected: dict[str, str]) -> None:
    """Kill -9 at the moment of a call, then resume: the same tree; no answered call reaches the server again."""
    write(world.project, ledger.FILES)
    server = serve(ledger.scenario())
    process = world.start("auto", ledger.REQUEST, "--parallel", "1", "--json")
    wait_for(role, server)
    end(process, signal.SIGKILL)
    assert text_of(world.project) == ledger.FILES
    journal = [json.loads(line) for line in (world.runs()[-1] / "journal.jsonl").read_text().splitlines()]
    answered = sum(r["type"] == "answer" for r in journal)
    asked = len(server.requests)

    done = world.run("resume", "last", "--json")

    assert done.code == 0, done.err
    assert text_of(world.project) == expected
    bodies = [json.dumps(body, sort_keys=True) for body in server.bodies()]
    again = [body for body in bodies[asked:] if body in bodies[:asked]]
    assert len(again) <= asked - answered
    assert done.result["usage"]["calls"] == len(bodies)


def steps(run: Path) -> list[str]:
    """The checkpoints of the outer graph, the oldest first."""
    with closing(sqlite3.connect(run / "checkpoints.sqlite")) as database:
        rows = database.execute("SELECT checkpoint_id FROM checkpoints WHERE checkpoint_ns = '' ORDER BY 1")
        return [name for (name,) in rows]


def as_killed_after(run: Path, step: str) -> None:
    """Leave what a kill leaves once the nodes of a step have written and before their checkpoint is on the disk."""
    with closing(sqlite3.connect(run / "checkpoints.sqlite")) as database, database:
        for table in ("checkpoints", "writes"):
            database.execute(f"DELETE FROM {table} WHERE checkpoint_id > ?", (step,))
    events = (run / "events.jsonl").read_text().splitlines(keepends=True)
    (run / "events.jsonl").write_text("".join(line for line in events if '"type":"run.finished"' not in line))


def test_killed_between_what_a_step_wrote_and_its_checkpoint(
    world: World, serve: Callable[[Scenario], Server], tmp_path: Path
) -> None:
    """At every step of a run: that moment is not its end, and the run comes to the end that it had."""
    write(world.project, small.PYTHON.files)
    serve(small.scenario(small.PYTHON, small.PYTHON.block(small.PYTHON.repair)))
    calm = world.run("auto", small.REQUEST, "--no-apply", "--json").result
    (run,) = world.runs()
    kept = shutil.copytree(run, tmp_path / "kept")
    for step in steps(run)[:-1]:
        shutil.rmtree(run)
        shutil.copytree(kept, run)
        as_killed_after(run, step)

        done = world.run("resume", "last", "--json")

        assert done.code == 0, done.err
        assert ends(done.result) == ends(calm)


def ends(result: dict[str, Any]) -> dict[str, Any]:
    """What a result says of the run's end, whatever it has cost in time."""
    return {name: result[name] for name in ("outcome", "reason", "applied", "files", "tasks")}
