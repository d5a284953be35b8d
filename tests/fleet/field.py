"""A fleet to do harm to: a database, workers with separate state folders, repositories, and a model that is slow."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from orchestrator.fleet.database import Database as Rows
from tests.e2e.conftest import write
from tests.e2e.small import ACCEPT, PYTHON, REQUEST, small
from tests.e2e.test_postgres import Database
from tests.modelserver.reply import Reply
from tests.modelserver.scenario import Rule, Scenario
from tests.modelserver.server import Server
from tests.world import Done, World

LEASE = 4.0
"""Seconds without a beat until a worker counts as dead."""

MARGIN = 1.0
"""Seconds before its worker's death in which an answer may not have been written down yet."""


def slow_model(delay: float, name: str = "small") -> Scenario:
    """A model whose coder is wrong, and whose fixer is right; every answer takes a while."""
    wrong = PYTHON.block("    return gross - rate\n")
    right = wrong.replace(PYTHON.fault, "    return gross - rate\n", 1).replace(
        "=======\n    return gross - rate\n", f"=======\n{PYTHON.repair}"
    )

    def late(text: str) -> Reply:
        return Reply(text, delay=delay)

    return Scenario(
        name,
        [
            Rule(late(small(PYTHON.path)), role="orchestrator", name="classify"),
            Rule(late(json.dumps({"files": [PYTHON.path], "words": ["net"]})), role="searcher", name="search"),
            Rule(late(ACCEPT), role="reviewer", name="accept"),
            Rule(late(wrong), role="coder", name="code"),
            Rule(late(right), role="fixer", name="fix"),
        ],
    )


@dataclass
class Worker:
    """One worker, and what it said."""

    process: "subprocess.Popen[bytes]"
    log: Path
    host: Path

    def said(self) -> list[dict[str, Any]]:
        """The lines of its log."""
        return [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]

    def family(self) -> list[int]:
        """It, and every process below it."""
        return [self.process.pid, *below(self.process.pid)]

    def strike(self, number: signal.Signals, *, whole_host: bool = False) -> None:
        """Send it a signal, or everything that it has started as well."""
        for pid in self.family() if whole_host else [self.process.pid]:
            with suppress(ProcessLookupError):
                os.kill(pid, number)


def below(pid: int) -> list[int]:
    """The processes that a process has started, and theirs."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = entry.read_text().rpartition(")")[2].split()
            if int(fields[1]) == pid:
                found += [int(entry.parent.name), *below(int(entry.parent.name))]
    return found


@dataclass
class Field:
    """The place of a trial."""

    folder: Path
    database: Database
    server: Server
    world: World
    workers: list[Worker] = field(default_factory=list)
    struck: list[float] = field(default_factory=list)
    """When a worker was killed, stopped or drained."""

    @property
    def rows(self) -> Rows:
        """The database, as an administrator sees it."""
        return Rows(self.database.url)

    def one(self, text: str, **values: Any) -> Any:
        """The first value that a statement gives; waits for a database that is away."""
        end = time.monotonic() + 60
        while True:
            rows = Rows(self.database.url)
            try:
                found = rows.rows(text, **values)
                return next(iter(found[0].values())) if found else None
            except Exception:
                if time.monotonic() > end:
                    raise
                time.sleep(0.3)
            finally:
                rows.close()

    def repository(self, name: str) -> str:
        """A git repository with a failing test; returns its folder."""
        folder = self.folder / "repositories" / name
        if not folder.exists():
            write(folder, PYTHON.files)
            for arguments in (("init", "-q", "-b", "main"), ("add", "-A"), ("commit", "-q", "-m", "begin")):
                who = ("-c", "user.name=t", "-c", "user.email=t@localhost")
                subprocess.run(["git", *who, *arguments], cwd=folder, check=True)
        return str(folder)

    def batch(self, lines: Sequence[Mapping[str, Any]], *flags: str) -> str:
        """Submit lines; returns the batch's id."""
        path = self.world.project / f"tasks-{random.randrange(10**9)}.jsonl"
        path.write_text("".join(json.dumps(line) + "\n" for line in lines))
        done = self.world.run("batch", str(path), "--detach", "--json", *flags)
        assert done.code == 0, done.err
        return str(done.result["batch"])

    def line(self, ticket: int, repository: str = "", **more: Any) -> dict[str, Any]:
        """A line whose requests no other line's resemble."""
        where = self.repository(repository or f"r{ticket}")
        task = f"{REQUEST} (ticket {ticket})"
        return {"task": task, "repository": where, "revision": "main", "checks": [PYTHON.check], **more}

    def worker(self, *flags: str, slots: int = 1, host: Path | None = None, **env: str) -> Worker:
        """Start one on a host of its own."""
        number = len(self.workers)
        host = host or self.folder / f"host{number}"
        log = self.folder / f"worker{number}.log"
        with log.open("wb") as said:
            process = subprocess.Popen(
                [sys.executable, "-m", "orchestrator", "worker", "--slots", str(slots), *flags],
                cwd=self.world.project,
                env={**self.world.environment(), "ORCHESTRATOR_HOME": str(host), **env},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=said,
                start_new_session=True,
            )
        self.workers.append(Worker(process, log, host))
        return self.workers[-1]

    def taken(self) -> str:
        """A run that a first worker has taken, and whose code is asked for; a second worker is up. Gives its batch."""
        batch = self.batch([self.line(1)])
        self.worker()
        self.until("the first worker's run", lambda: self.server.bodies("coder"))
        self.up(self.worker())
        return batch

    def up(self, worker: Worker) -> None:
        """Wait until a worker takes part."""
        self.until("the worker", lambda: any(said["event"] == "worker.up" for said in worker.said()))

    def until(self, what: str, condition: Callable[[], Any], seconds: float = 60) -> Any:
        """Wait for something; fails with the workers' logs."""
        end = time.monotonic() + seconds
        while not (found := condition()):
            logs = "\n".join(f"{w.log.name}: {w.log.read_text()[-1500:]}" for w in self.workers)
            assert time.monotonic() < end, f"waited in vain for {what}\n{logs}"
            time.sleep(0.1)
        return found

    def over(self, batch: str, seconds: float = 90) -> list[dict[str, Any]]:
        """The results of a batch, once it is over."""
        left = "SELECT count(*) FROM fleet_run WHERE batch = :b AND state NOT IN ('done', 'cancelled')"
        self.until("the batch's end", lambda: self.one(left, b=batch) == 0, seconds)
        return [json.loads(line) for line in self.world.run("batch", "results", batch).out.splitlines()]

    def strike(self, worker: Worker, number: signal.Signals, *, whole_host: bool = False) -> None:
        """Do a worker harm, and note when."""
        self.struck.append(time.time())
        worker.strike(number, whole_host=whole_host)

    def asked_again(self) -> tuple[int, list[dict[str, Any]]]:
        """Requests that were sent again: how many were in flight when their worker died, and all the others."""
        first: dict[str, Any] = {}
        excused, wrong = 0, []
        for entry in self.server.log.entries:
            earlier = first.setdefault(entry["digest"], entry)
            if earlier is entry or earlier.get("hung_up") or "ended" not in earlier:
                continue
            near = any(earlier["time"] - MARGIN < at and earlier["ended"] > at - MARGIN for at in self.struck)
            excused += near
            wrong += [] if near else [dict(entry)]
        return excused, wrong

    def end(self) -> None:
        """End every worker, whatever state it is in."""
        for worker in self.workers:
            if worker.process.poll() is None:
                family = worker.family()
                for number in (signal.SIGCONT, signal.SIGKILL):
                    for pid in family:
                        with suppress(ProcessLookupError):
                            os.kill(pid, number)
            worker.process.wait()


@contextmanager
def field_of(scenario: Scenario, limits: Mapping[str, Any] | None = None) -> Iterator[Field]:
    """A fleet without workers yet."""
    folder = Path(tempfile.mkdtemp(prefix="fleet-"))
    folder.chmod(0o755)
    (folder / "pg").mkdir(mode=0o755)
    (folder / "project").mkdir()
    database = Database(folder / "pg")
    database.start()
    try:
        with Server(scenario) as server:
            env = {
                "OPENAI_BASE_URL": server.base_url,
                "OPENAI_API_KEY": "key-for-tests",
                "ORCHESTRATOR_MODEL": scenario.name,
                "ORCHESTRATOR_FLEET_DATABASE": database.url,
                "ORCHESTRATOR_FLEET_LEASE": str(LEASE),
                "ORCHESTRATOR_FLEET_REPOSITORIES": json.dumps([str(folder / "repositories")]),
                "ORCHESTRATOR_FLEET_LIMITS": json.dumps(limits or {}),
            }
            place = Field(folder, database, server, World(folder, env))
            try:
                prepared: Done = place.world.run("worker", "--prepare")
                assert prepared.code == 0, prepared.err
                yield place
            finally:
                place.end()
    finally:
        with suppress(AssertionError):
            database.stop()
        shutil.rmtree(folder, ignore_errors=True)
