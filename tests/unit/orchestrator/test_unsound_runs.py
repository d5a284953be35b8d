"""Run folders that are damaged, or a newer version's: one sentence that names the file, and nothing is touched."""

import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import scripted
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

from tests.modelserver.server import Server
from tests.tree import tree
from tests.world import Done, World

CALC = "def add(a, b):\n    return a - b\n"
TEST = "from calc import add\n\n\ndef test_add():\n    assert add(2, 3) == 5\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A machine with two runs: one that is applied, and a plan that can go on."""
    world = World(tmp_path_factory.mktemp("made"))
    world.project.mkdir()
    (world.project / "calc.py").write_text(CALC)
    (world.project / "test_calc.py").write_text(TEST)
    with Server(scripted()) as server:
        world.env = {"OPENAI_BASE_URL": server.base_url, "ORCHESTRATOR_MODEL": "scripted", "OPENAI_API_KEY": "k"}
        assert world.run("plan", "make add add").code == 0
        done = world.run("auto", "make add add")
        assert done.code == 0, done.err
    world.env["OPENAI_BASE_URL"] = "http://127.0.0.1:9/v1"
    return world


@pytest.fixture
def copy(made: World, tmp_path: Path) -> World:
    """The same machine with a state directory of its own."""
    shutil.copytree(made.home, tmp_path / "state", symlinks=True)
    return World(made.folder, {**made.env, "ORCHESTRATOR_HOME": str(tmp_path / "state")})


def folder_of(world: World, command: str) -> Path:
    """The run that a command is tried on: what can be resumed is not what can be undone."""
    runs = Path(world.env["ORCHESTRATOR_HOME"]) / "runs"
    return next(f for f in runs.iterdir() if (f / "apply.json").exists() == (command == "undo"))


def tried(world: World, command: str, folder: Path) -> Done:
    """The command on a run; neither the project nor the run's folder may change by it."""
    before = tree(world.project), tree(folder)
    done = world.run(command, folder.name)
    kept = {name: kind for name, kind in tree(folder).items() if name != "lock" and "checkpoints" not in name}
    assert tree(world.project) == before[0]
    assert kept == {name: kind for name, kind in before[1].items() if name in kept}
    return done


def says(done: Done, code: int, *words: str) -> None:
    """One line on standard error with these words, no traceback, this exit code."""
    assert done.code == code, done.err
    assert done.err.startswith("orchestrator: ") and done.err.count("\n") == 1, done.err
    assert [word for word in words if word not in done.err] == [], done.err


def newer_json(path: Path) -> None:
    """A record of the next version."""
    path.write_text(json.dumps({**json.loads(path.read_text()), "v": 2}))


def newer_lines(path: Path) -> None:
    """A last line of the next version."""
    with path.open("a") as file:
        file.write(json.dumps({**json.loads(path.read_text().splitlines()[-1]), "v": 2}) + "\n")


def newer_checkpoint(path: Path) -> None:
    """A state of the next version."""
    serde = JsonPlusSerializer()
    with sqlite3.connect(path) as connection:
        for thread, name, kind, data in connection.execute(
            "SELECT thread_id, checkpoint_id, type, checkpoint FROM checkpoints"
        ).fetchall():
            checkpoint = serde.loads_typed((kind, data))
            checkpoint["channel_values"]["v"] = 2
            packed = serde.dumps_typed(checkpoint)[1]
            connection.execute(
                "UPDATE checkpoints SET checkpoint = ? WHERE thread_id = ? AND checkpoint_id = ?",
                (packed, thread, name),
            )
    connection.close()


@pytest.mark.parametrize(
    ("command", "file", "renew"),
    [
        ("resume", "run.json", newer_json),
        ("resume", "events.jsonl", newer_lines),
        ("resume", "journal.jsonl", newer_lines),
        ("resume", "checkpoints.sqlite", newer_checkpoint),
        ("undo", "run.json", newer_json),
        ("undo", "events.jsonl", newer_lines),
        ("undo", "apply.json", newer_json),
        ("show", "events.jsonl", newer_lines),
        ("diff", "run.json", newer_json),
    ],
)
def test_what_a_newer_version_has_written_is_refused(
    copy: World, command: str, file: str, renew: Callable[[Path], None]
) -> None:
    """Exit code 2: the file, and that an update of the program helps."""
    folder = folder_of(copy, command)
    renew(folder / file)
    says(tried(copy, command, folder), 2, str(folder / file), "newer version", "Update the program")


def cut(path: Path) -> None:
    """Half of it."""
    os.truncate(path, path.stat().st_size // 2)


def emptied(path: Path) -> None:
    """Nothing of it."""
    os.truncate(path, 0)


def garbage(path: Path) -> None:
    """A block in its middle is overwritten."""
    with path.open("r+b") as file:
        file.seek(max(path.stat().st_size // 2 - 1500, 0))
        file.write(b"\0\xff garbage\n" * 300)


def gone(path: Path) -> None:
    """It is not there."""
    path.unlink()


@pytest.mark.parametrize(
    ("command", "file", "damage"),
    [
        *(("resume", "run.json", damage) for damage in (cut, emptied, garbage, gone)),
        *(("resume", "events.jsonl", damage) for damage in (garbage,)),
        *(("resume", "journal.jsonl", damage) for damage in (garbage,)),
        *(("resume", "checkpoints.sqlite", damage) for damage in (cut, emptied, garbage, gone)),
        *(("undo", "run.json", damage) for damage in (cut, gone)),
        *(("undo", "apply.json", damage) for damage in (cut, emptied, garbage)),
        ("show", "events.jsonl", garbage),
    ],
)
def test_what_is_damaged_is_reported_and_not_built_upon(
    copy: World, command: str, file: str, damage: Callable[[Path], None]
) -> None:
    """Exit code 1: the file, and that nothing was done."""
    folder = folder_of(copy, command)
    with sqlite3.connect(folder / "checkpoints.sqlite") as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    damage(folder / file)
    says(tried(copy, command, folder), 1, str(folder / file), "is damaged", "nothing is done")


def test_files_come_back_though_the_events_are_lost(copy: World) -> None:
    """What an undo needs stands in the journal of the step and in artefacts; a lost one of these is told instead."""
    folder = folder_of(copy, "undo")
    garbage(folder / "events.jsonl")
    before = json.loads((folder / "apply.json").read_text())["steps"][0]["before"]["data"]
    kept = folder / "artefacts" / before[:2] / before[2:]
    data = kept.read_bytes()
    kept.write_bytes(data[:-1])
    says(tried(copy, "undo", folder), 1, str(kept), "is damaged")
    kept.write_bytes(data)

    assert copy.run("undo", folder.name).code == 0

    assert (copy.project / "calc.py").read_text() == CALC


def test_a_list_hides_no_run_behind_a_damaged_one(copy: World) -> None:
    """Whose events cannot be read has a line that says so; whose record cannot be read is named below."""
    applied, planned = folder_of(copy, "undo"), folder_of(copy, "resume")
    newer_lines(applied / "events.jsonl")
    cut(planned / "run.json")

    done = copy.run("runs")

    assert done.code == 0 and "newer" in done.out
    assert f"1 run folder cannot be read: {planned.name}" in done.err
