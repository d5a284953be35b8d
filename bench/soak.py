"""Does anything grow: many runs in one process, several at once, and one run of many steps.

    python bench/soak.py                       200 runs in a row, 25 times 8 at once, one long run
    python bench/soak.py --runs 20 --rounds 2  the same, shorter
    python bench/soak.py --docs                also write the section of docs/BENCHMARKS.md

Every run is whole: a real git, sandbox and checkpoints, a scripted model over a socket in another process. After each
tenth run the process tree is looked at; old runs are pruned as `orchestrator runs prune --keep 20` does.
"""

import argparse
import gc
import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from bench.document import write_section  # noqa: E402
from bench.soak_scenes import LADDER, LONG, LongScene, long_scenario  # noqa: E402
from orchestrator.drive import drive  # noqa: E402
from tests.faults.scene import CHECK, SMALL, Scene  # noqa: E402
from tests.modelserver.server import Server  # noqa: E402
from workspace.prune import looked_at, remove  # noqa: E402
from workspace.run import Run  # noqa: E402

KEEP = 20
"""Runs that stay on the disk."""

WARM = 40
"""Runs after which everything is loaded that will be."""


@dataclass(frozen=True)
class Sample:
    """The process and its state after so many runs."""

    runs: int
    memory: float
    """Resident MB."""
    descriptors: int
    threads: int
    processes: int
    """Descendants that are alive."""
    disk: float
    """MB of the state directory."""
    temporary: int
    """Entries of the folder for temporary files."""


class Soak:
    """One process that drives run after run."""

    def __init__(self, folder: Path, base_url: str) -> None:
        self.home, self.temporary = folder / "state", folder / "tmp"
        self.projects = folder / "projects"
        for each in (self.home, self.temporary, self.projects):
            each.mkdir(parents=True)
        os.environ["TMPDIR"] = tempfile.tempdir = str(self.temporary)
        self.settings: dict[str, Any] = {
            "model": {"spec": "shop", "base_url": base_url, "profile": "standard"},
            "checks": [CHECK],
            "seed": 1,
            "budget": {"calls": 5000, "task_calls": 1000},
        }
        self._count = 0
        self._lock = threading.Lock()

    def one(self, scene: Scene | LongScene = SMALL, **settings: Any) -> Run:
        """One run in a project of its own; raises RuntimeError where it does not end as it should."""
        with self._lock:
            self._count += 1
            root = self.projects / str(self._count)
        scene.write(root)
        run = Run.create(self.home, root, scene.request, self.settings | settings)
        with run.lock():
            result = drive(run, self.home, None, threading.Event())
        if result["exit"] != 0:
            raise RuntimeError(f"run {self._count} ended as {result['outcome']}: {result['reason']}")
        return run

    def sample(self) -> Sample:
        """How things stand now."""
        for old in looked_at(self.home, keep=KEEP, before=None, applied=True):
            if not old.kept:
                remove(old)
        gc.collect()
        status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
        return Sample(
            self._count,
            int(status["VmRSS"].split()[0]) / 1024,
            len(os.listdir("/proc/self/fd")),
            int(status["Threads"]),
            len(descendants(os.getpid())),
            sum(path.lstat().st_size for path in self.home.rglob("*") if not path.is_symlink()) / 1e6,
            len(os.listdir(self.temporary)),
        )


def descendants(root: int) -> list[int]:
    """The living descendants of a process."""
    parents: dict[int, int] = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            stat = Path("/proc", name, "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if stat[0] != "Z":
            parents[int(name)] = int(stat[1])
    found: list[int] = [root]
    for each in found:
        found += [pid for pid, parent in parents.items() if parent == each]
    return found[1:]


def in_a_row(soak: Soak, runs: int) -> list[Sample]:
    """Run after run, looked at after each tenth."""
    samples = []
    for number in range(1, runs + 1):
        soak.one()
        if number % 10 == 0 or number == runs:
            samples.append(soak.sample())
    return samples


def at_once(soak: Soak, rounds: int) -> list[Sample]:
    """Eight runs at the same time, looked at after each round."""
    samples = []
    with ThreadPoolExecutor(8) as pool:
        for _ in range(rounds):
            for task in [pool.submit(soak.one) for _ in range(8)]:
                task.result()
            samples.append(soak.sample())
    return samples


@dataclass(frozen=True)
class Growth:
    """The checkpoints of one long run."""

    steps: int
    largest: int
    """Bytes of the largest checkpoint."""
    database: int
    """Bytes of the database."""
    first: float
    """Bytes a step in the first half, by the checkpoints and writes that stand there."""
    second: float


def long_run(soak: Soak) -> Growth:
    """One run of many steps, and what its checkpoints hold."""
    model = {**soak.settings["model"], "spec": "long", "ladder": LADDER}
    run = soak.one(LONG, model=model, checks=[LONG.check], parallel=2)
    with sqlite3.connect(run.checkpoints_path) as database:
        sizes = [row[0] for row in database.execute("SELECT length(checkpoint) FROM checkpoints ORDER BY rowid")]
        writes = [row[0] for row in database.execute("SELECT length(value) FROM writes ORDER BY rowid")]
    database.close()

    def halves(values: list[int]) -> tuple[int, int]:
        middle = len(values) // 2
        return sum(values[:middle]), sum(values[middle:])

    first, second = (a + b for a, b in zip(halves(sizes), halves(writes), strict=True))
    half = len(sizes) / 2
    return Growth(len(sizes), max(sizes), run.checkpoints_path.stat().st_size, first / half, second / half)


def grown(samples: list[Sample], of: Callable[[Sample], float]) -> tuple[float, float]:
    """The median of a figure in the first and in the last third of the samples after the warm-up."""
    warm = [sample for sample in samples if sample.runs > WARM] or samples
    third = max(1, len(warm) // 3)
    return statistics.median(map(of, warm[:third])), statistics.median(map(of, warm[-third:]))


FIGURES: dict[str, Callable[[Sample], float]] = {
    "resident memory, MB": lambda s: s.memory,
    "open descriptors": lambda s: s.descriptors,
    "threads": lambda s: s.threads,
    "child processes": lambda s: s.processes,
    "state directory, MB": lambda s: s.disk,
    "temporary files": lambda s: s.temporary,
}


def report(row: list[Sample], once: list[Sample], growth: Growth) -> str:
    """The section."""
    lines = [
        f"{row[-1].runs} runs in a row in one process, then {len(once)} times 8 at once in the "
        f"same process; the median of the first and of the last third, the first {WARM} runs left aside.",
        "",
        "| in the process | in a row: first third | last third | 8 at once: first third | last third |",
        "|---|---|---|---|---|",
    ]
    for name, of in FIGURES.items():
        cells = [f"{value:.1f}" if value % 1 else f"{value:.0f}" for value in (*grown(row, of), *grown(once, of))]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    lines += [
        "",
        f"One run of {growth.steps} steps: its largest checkpoint has {growth.largest / 1024:.1f} KB, its database "
        f"{growth.database / 1e6:.1f} MB; {growth.first / 1024:.1f} KB a step in the first half, "
        f"{growth.second / 1024:.1f} KB in the second.",
    ]
    return "\n".join(lines)


def main() -> int:
    """Soak, print, and perhaps write; exit code 1 where something grows."""
    options = arguments()
    if options.worker:
        soak = Soak(Path(options.worker), options.base_url)
        row = in_a_row(soak, options.runs)
        once = at_once(soak, options.rounds)
        print(json.dumps([list(map(astuple, row)), list(map(astuple, once)), astuple(long_run(soak))]))
        return 0
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        scenarios = [SMALL.scenario(), long_scenario()]
        with Server(scenarios) as server:
            command = [sys.executable, __file__, "--worker", folder, "--base-url", server.base_url]
            command += ["--runs", str(options.runs), "--rounds", str(options.rounds)]
            said = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    first, second, last = json.loads(said.splitlines()[-1])
    row, once = ([Sample(*values) for values in samples] for samples in (first, second))
    growth = Growth(*last)
    text = report(row, once, growth)
    print(text)
    if options.docs:
        write_section("soak", "python bench/soak.py", text)
    return 0 if is_flat([*row, *once], growth) else 1


def is_flat(samples: list[Sample], growth: Growth) -> bool:
    """Whether nothing has grown by more than a tenth, and no checkpoint is larger than 64 KB."""
    flat = all(last <= first * 1.1 + 1 for first, last in (grown(samples, of) for of in FIGURES.values()))
    return flat and growth.largest <= 64 * 1024 and growth.second <= growth.first * 1.5


def arguments() -> argparse.Namespace:
    """What is asked for."""
    parser = argparse.ArgumentParser(description="Does anything grow? See the head of this file.")
    parser.add_argument("--runs", type=int, default=200, help="runs in a row (200)")
    parser.add_argument("--rounds", type=int, default=25, help="times 8 at once (25)")
    parser.add_argument("--docs", action="store_true", help="write the section of docs/BENCHMARKS.md")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    parser.add_argument("--base-url", default="", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
