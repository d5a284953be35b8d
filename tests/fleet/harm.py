"""Harm: many runs whose workers are killed and frozen, whose database is stopped, and whose disk is full."""

import random
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestrator.fleet.transitions import CHECKPOINTS
from tests.fleet.field import LEASE, Field, Worker


@dataclass(frozen=True)
class Plan:
    """What a trial does."""

    runs: int
    workers: int
    kill_every: float
    """Seconds between two kills of a worker chosen by chance; a fresh one takes its place."""
    stops: int
    """How often the database is stopped hard."""
    freezes: int
    """How often a host sleeps past its lease."""
    full_disks: int
    seconds: float
    """Longest that the trial may take."""
    seed: int = 0


class Harm:
    """Does what a plan says until it is told to stop. `done` counts it by kind."""

    def __init__(self, place: Field, plan: Plan, disk: Path | None) -> None:
        self._disk = disk
        self.place, self.plan, self.done = place, plan, Counter[str]()
        self._chance = random.Random(plan.seed)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._all, daemon=True)

    @contextmanager
    def going_on(self) -> Iterator["Harm"]:
        """Do harm meanwhile."""
        self._thread.start()
        try:
            yield self
        finally:
            self._over.set()
            self._thread.join(60)

    def _all(self) -> None:
        special = ["stop"] * self.plan.stops + ["freeze"] * self.plan.freezes
        special += ["fill"] if self._disk is not None else []
        self._chance.shuffle(special)
        while not self._over.wait(self.plan.kill_every):
            self._fill_up()
            kind = special.pop() if special and self._chance.random() < 0.5 else "kill"
            getattr(self, f"_{kind}")()
            self.done[kind] += 1

    def _victim(self) -> Worker:
        return self._chance.choice([each for each in self.place.workers if each.process.poll() is None])

    def _kill(self) -> None:
        """The worker alone, or its whole host."""
        self.place.strike(self._victim(), signal.SIGKILL, whole_host=self._chance.random() < 0.5)
        self._fill_up()

    def _freeze(self) -> None:
        victim = self._victim()
        self.place.strike(victim, signal.SIGSTOP, whole_host=True)
        self._over.wait(LEASE * 2)
        victim.strike(signal.SIGCONT, whole_host=True)
        with suppress(subprocess.TimeoutExpired):
            victim.process.wait(15)
        self._fill_up()

    def _stop(self) -> None:
        self.place.database.stop()
        self._over.wait(self._chance.choice([2.0, LEASE + 2]))
        self.place.database.start()

    def _fill(self) -> None:
        """The disk of one host, while it works."""
        assert self._disk is not None
        self.place.struck.append(time.time())
        with suppress(OSError), (self._disk / "filler").open("wb") as file:
            while True:
                file.write(b"x" * 1_000_000)

    def _fill_up(self) -> None:
        """As many workers as there were; fresh ones as a supervisor would start them."""
        living = sum(each.process.poll() is None for each in self.place.workers)
        for _ in range(self.plan.workers - living):
            self.place.worker()


@contextmanager
def small_disk(place: Field, megabytes: int) -> Iterator[Path | None]:
    """A host whose disk is soon full; None where this system mounts none for us."""
    folder = place.folder / "small-disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "none", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        yield None
        return
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)


def tried(place: Field, plan: Plan) -> dict[str, Any]:
    """Carry a trial out; gives its figures."""
    begun = time.monotonic()
    batch = place.batch([place.line(n, f"r{n % (2 * plan.workers)}") for n in range(plan.runs)])
    for _ in range(plan.workers):
        place.worker()
    with small_disk(place, 160) as disk:
        if disk is not None and plan.full_disks:
            place.worker(host=disk)
        with Harm(place, plan, disk).going_on() as harm:
            results = place.over(batch, plan.seconds)
        place.end()
    excused, wrong = place.asked_again()
    ends = Counter(result["run"] for result in results)
    return {
        "runs": len(results),
        "ended twice": sum(count > 1 for count in ends.values()),
        "outcomes": dict(Counter(result["outcome"] for result in results)),
        "not verified": [f"{r['run'][:8]}: {r['reason']}" for r in results if r["outcome"] != "verified"],
        "taken over": sum(result["epochs"] > 1 for result in results),
        "kills": harm.done["kill"],
        "freezes": harm.done["freeze"],
        "database stops": harm.done["stop"],
        "full disks": harm.done["fill"],
        "requests": len(place.server.log.entries),
        "in flight at a death, asked again": excused,
        "answered and asked again": len(wrong),
        "rows after the end": late_rows(place),
        "seconds": round(time.monotonic() - begun),
    }


def late_rows(place: Field) -> int:
    """Rows of runs that have ended for good, whose rows went with their end: somebody wrote after it."""
    ended = "SELECT run FROM fleet_run WHERE result IS NOT NULL AND outcome NOT IN ('provider', 'interrupted')"
    tables = {"fleet_journal": "run", "fleet_event": "run", **dict.fromkeys(CHECKPOINTS, "thread_id")}
    return sum(place.one(f"SELECT count(*) FROM {table} WHERE {name} IN ({ended})") for table, name in tables.items())
