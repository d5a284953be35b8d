"""Checkpoints in a PostgreSQL that a team shares: a real one, started here as an ordinary user."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.e2e import ledger
from tests.e2e.conftest import write
from tests.e2e.small import PYTHON, REQUEST, scenario
from tests.modelserver.scenario import Scenario
from tests.modelserver.server import Server
from tests.world import World, end

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))

pytestmark = [
    pytest.mark.skipif(not PROGRAMS, reason="PostgreSQL is not installed (Debian: postgresql)"),
    pytest.mark.skipif(find_spec("psycopg") is None, reason="the extra `postgres` is not installed"),
]


class Database:
    """A PostgreSQL in a folder of its own, which only a socket in that folder leads to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._programs = PROGRAMS[-1].parent
        nobody = pwd.getpwnam("nobody")
        self._user: dict[str, Any] = {}
        if os.geteuid() == 0:  # PostgreSQL refuses to be started by root
            os.chown(folder, nobody.pw_uid, nobody.pw_gid)
            self._user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        self._run("initdb", "-D", str(folder / "data"), "-U", "team", "-A", "trust", "--no-sync")

    @property
    def url(self) -> str:
        """Where it is found."""
        return f"postgresql://team@/postgres?host={self.folder}"

    def start(self) -> None:
        """Serve."""
        options = f"-c listen_addresses='' -k {self.folder} -F"
        self._run(
            "pg_ctl", "-D", str(self.folder / "data"), "-o", options, "-w", "-l", str(self.folder / "log"), "start"
        )

    def stop(self) -> None:
        """Stop at once, whoever is connected."""
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "stop")

    def count(self, table: str) -> int:
        """How many rows a table has."""
        return int(
            self._run(
                "psql", "-h", str(self.folder), "-U", "team", "-tA", "-c", f"SELECT count(*) FROM {table}", "postgres"
            )
        )

    def _run(self, program: str, *arguments: str) -> str:
        said = self.folder / "said"
        with open(os.open(said, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o666), "r+") as out:
            command = [str(self._programs / program), *arguments]
            done = subprocess.run(
                command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=out, stderr=out, **self._user
            )
            text = said.read_text()
        assert done.returncode == 0, text
        return text


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    """One that serves."""
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    folder.chmod(0o755)
    database = Database(folder)
    database.start()
    try:
        yield database
    finally:
        database.stop()
        shutil.rmtree(folder)


def test_a_run_keeps_nothing_of_its_checkpoints_itself_and_pruning_takes_them_along(
    world: World, serve: Callable[[Scenario], Server], database: Database
) -> None:
    """Verified as ever; the rows are in the database, also those of a fork, and leave it with their run."""
    write(world.project, PYTHON.files)
    serve(scenario(PYTHON, "prose", PYTHON.block(PYTHON.repair)))
    world.env["ORCHESTRATOR_CHECKPOINTS"] = database.url

    done = world.run("auto", REQUEST, "--check", PYTHON.check, "--json")

    assert done.code == 0, done.err
    assert not list(world.runs()[0].glob("checkpoints*")) and (rows := database.count("checkpoints")) > 3
    assert world.run("undo", "last").code == 0
    fork = world.run("fork", "last", "--at", "t1:reviewer:2", "--json")
    assert fork.code == 0 and fork.result["usage"] == done.result["usage"], fork.err
    assert database.count("checkpoints") > rows and not list(world.home.glob("runs/*/checkpoints*"))
    assert world.run("undo", "last").code == 0
    assert world.run("runs", "prune", "--keep", "0").code == 0
    assert database.count("checkpoints") == 0


def coding(
    world: World, serve: Callable[[Scenario], Server], database: Database
) -> tuple["subprocess.Popen[str]", Server]:
    """A run of four tasks that keeps its checkpoints in the database, as soon as one of them is coded."""
    write(world.project, ledger.FILES)
    server = serve(ledger.scenario())
    world.env["ORCHESTRATOR_CHECKPOINTS"] = database.url
    process = world.start("auto", ledger.REQUEST, "--json")
    limit = time.monotonic() + 60
    while not server.bodies("coder"):
        assert time.monotonic() < limit and process.poll() is None
        time.sleep(0.01)
    return process, server


def test_a_killed_run_goes_on_from_the_database(
    world: World, serve: Callable[[Scenario], Server], database: Database
) -> None:
    """Four tasks, killed while one is coded; while the database is away it says so, and loses nothing by it."""
    process, server = coding(world, serve, database)
    end(process, signal.SIGKILL)
    asked = len(server.requests)

    database.stop()
    refused, new = world.run("resume", "last"), world.run("auto", "x")
    database.start()
    done = world.run("resume", "last", "--json")

    assert refused.code == 2 and "database of checkpoints cannot be used" in refused.err
    assert new.code == 2 and len(world.runs()) == 1
    assert "Traceback" not in refused.err and refused.err.count("\n") == 1
    assert (done.code, done.result["outcome"]) == (0, "verified"), done.err
    bodies = server.bodies()
    assert not [body for body in bodies[asked:] if body in bodies[: asked - 3]]


def test_a_database_that_goes_away_in_the_middle_ends_no_run(
    world: World, serve: Callable[[Scenario], Server], database: Database
) -> None:
    """A sentence, exit code 1, no end on the record; with the database the run goes on."""
    process, _ = coding(world, serve, database)
    database.stop()
    _, err = process.communicate(timeout=90)
    database.start()
    done = world.run("resume", "last", "--json")

    assert process.returncode == 1 and "database of checkpoints" in err and "Traceback" not in err, err[-500:]
    assert done.code == 0, done.err


@pytest.mark.parametrize("url", ["postgresql://team:secret@db/x", "mysql://db/x", "db"])
def test_a_password_or_another_kind_of_database_is_refused(world: World, url: str) -> None:
    """The record of a run would keep it."""
    world.env["ORCHESTRATOR_CHECKPOINTS"] = url
    done = world.run("auto", "x")
    assert done.code == 2 and "ORCHESTRATOR_CHECKPOINTS" in done.err and world.runs() == []
