"""What the fleet costs: jobs a second, latency, growth of the queue, transactions and bytes of a run, and a plan.

    python bench/fleet.py                    everything (about ten minutes on an idle machine)
    python bench/fleet.py counts             transactions, rows and bytes only: right on a busy machine too
    python bench/fleet.py drain --runs 200   the dispatch of empty runs by 1, 2, 4 and 8 workers
    python bench/fleet.py growth --sizes 10 1000 100000
    python bench/fleet.py overhead           a run of about 30 s through a batch, and bare
    python bench/fleet.py --docs             everything, into the section of docs/FLEET.md

A PostgreSQL is started in a folder of its own (Debian: postgresql). Runs of `drain` and `growth` are empty: what is
measured is the queue. Times are those of this machine while nothing else runs on it.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from bench.document import write_section  # noqa: E402
from bench.fleet_plan import FLEETS, Figures, planned  # noqa: E402
from bench.fleet_simulation import SECONDS, Machine, simulated  # noqa: E402
from bench.plot import Line, svg  # noqa: E402
from orchestrator.fleet.database import Database  # noqa: E402
from orchestrator.fleet.items import Item, Limits  # noqa: E402
from orchestrator.fleet.submission import submit  # noqa: E402
from tests.e2e.conftest import write  # noqa: E402
from tests.e2e.small import PYTHON, REQUEST  # noqa: E402
from tests.fleet.field import Field, below, field_of, slow_model  # noqa: E402
from tests.world import World  # noqa: E402


def items(count: int, tag: str) -> list[Item]:
    """Empty runs over a hundred repositories."""
    return [Item(task=f"{tag} {n}", repository=f"/r{n % 100}") for n in range(count)]


@contextmanager
def idle_workers(place: Field, count: int) -> Iterator[list["subprocess.Popen[bytes]"]]:
    """Workers whose runs are empty, each a process."""
    started = []
    for number in range(count):
        env = {**place.world.environment(), "ORCHESTRATOR_HOME": str(place.folder / f"idle{number}")}
        command = [sys.executable, str(Path(__file__)), "hand"]
        started.append(subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL))
    try:
        place.until("the workers", lambda: place.one("SELECT count(*) FROM fleet_worker") == count)
        yield started
    finally:
        for process in started:
            assert process.stdin is not None
            process.stdin.close()
            process.wait()


def hand() -> int:
    """A worker that ends every run at once, until its standard input ends."""
    from orchestrator.fleet.place import place_of
    from orchestrator.fleet.transitions import given_up
    from orchestrator.fleet.worker import Worker

    worker = Worker(place_of(argparse.Namespace()), 8, poll=0.2)
    worker.carrier.carry_out = lambda row: given_up(worker.database, row["run"], row["epoch"], "")  # type: ignore
    worker.start()
    sys.stdin.read()
    worker.drain()
    return 0


def seconds_of_cpu(processes: Sequence["subprocess.Popen[bytes]"]) -> float:
    """CPU of these processes so far."""
    fields = [Path(f"/proc/{p.pid}/stat").read_text().rpartition(")")[2].split() for p in processes]
    return sum(int(each[11]) + int(each[12]) for each in fields) / 100


def cpu_of_database(place: Field) -> float:
    """CPU seconds of the server and of all its processes so far, those that have ended included."""
    server = int((place.database.folder / "data" / "postmaster.pid").read_text().split()[0])
    ticks = 0
    for pid in (server, *below(server)):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += sum(map(int, fields[11 : 15 if pid == server else 13]))
    return ticks / 100


def transactions(rows: Database) -> int:
    """Transactions that the database has committed."""
    return int(rows.rows("SELECT xact_commit AS n FROM pg_stat_database WHERE datname = current_database()")[0]["n"])


def drain(counts: Sequence[int], runs: int) -> list[dict[str, Any]]:
    """Empty runs through the queue, by so many workers."""
    found = []
    for count in counts:
        with field_of(slow_model(0.0)) as place, idle_workers(place, count) as hands:
            rows, tag = place.rows, f"drain {count}"
            begun, cpu = time.monotonic(), seconds_of_cpu(hands)
            batch = submit(rows, tag, items(runs, tag), Limits()).batch
            submitted = time.monotonic() - begun
            left = "SELECT count(*) FROM fleet_run WHERE batch = :b AND state <> 'done'"
            place.until("the end", lambda: place.one(left, b=batch) == 0, 600)  # noqa: B023 - asked for at once
            took = time.monotonic() - begun
            cpu = (seconds_of_cpu(hands) - cpu) / runs * 1000
            waits = latencies(place, rows)
            found.append(
                {"workers": count, "enqueued/s": round(runs / submitted), "jobs/s": round(runs / took, 1)}
                | {"CPU ms/job": round(cpu, 1), "start ms median": waits[0], "start ms p95": waits[1]}
            )
            rows.close()
    return found


def latencies(place: Field, rows: Database) -> tuple[int, int]:
    """Milliseconds from submission to start of one run where nothing else waits: median and 95th percentile."""
    for number in range(20):
        batch = submit(rows, "one", items(1, f"latency {number}"), Limits()).batch
        left = "SELECT count(*) FROM fleet_run WHERE batch = :b AND state <> 'done'"
        place.until("one run", lambda: place.one(left, b=batch) == 0)  # noqa: B023 - asked for at once
    waits = rows.rows("SELECT started - submitted AS s FROM fleet_run WHERE spec LIKE '%latency%' ORDER BY 1")
    times = [1000 * row["s"] for row in waits]
    return round(statistics.median(times)), round(times[int(len(times) * 0.95) - 1])


def growth(sizes: Sequence[int], seconds: float = 15.0) -> list[dict[str, Any]]:
    """Jobs and CPU where so many wait all the time."""
    found = []
    for size in sizes:
        with field_of(slow_model(0.0)) as place:
            rows = place.rows
            submit(rows, "backlog", items(size, f"backlog {size}"), Limits())
            with idle_workers(place, 4) as hands:
                done = "SELECT count(*) FROM fleet_run WHERE state = 'done'"
                place.until("the first", lambda: place.one(done) > 0)  # noqa: B023 - asked for at once
                before, begun, cpu = place.one(done), time.monotonic(), seconds_of_cpu(hands)
                while time.monotonic() - begun < seconds:
                    lacking = size - rows.rows("SELECT count(*) AS n FROM fleet_run WHERE state = 'queued'")[0]["n"]
                    if lacking > 0:
                        submit(rows, "more", items(lacking, f"more {time.monotonic()}"), Limits())
                    time.sleep(0.2)
                jobs, took = place.one(done) - before, time.monotonic() - begun
                cpu = (seconds_of_cpu(hands) - cpu) * 1000
                found.append(
                    {"queued": size, "jobs/s": round(jobs / took, 1), "CPU ms/job": round(cpu / max(1, jobs), 1)}
                )
            rows.close()
    return found


def counts() -> dict[str, Any]:
    """Transactions, rows and bytes: of a worker that is idle, and of real runs."""
    with field_of(slow_model(0.0)) as place:
        rows = place.rows
        worker = place.worker(slots=2)
        place.until("the worker", lambda: any(said["event"] == "worker.up" for said in worker.said()))
        time.sleep(3)
        before, begun = transactions(rows), time.monotonic()
        time.sleep(20)
        idle = (transactions(rows) - before) / (time.monotonic() - begun)
        size = "SELECT pg_database_size(current_database()) AS n"
        bytes_before = rows.rows(size)[0]["n"]
        before, begun, cpu, runs = transactions(rows), time.monotonic(), cpu_of_database(place), 6
        looks = looked_after(rows, place.batch([place.line(n, f"r{n}") for n in range(runs)]))
        took = time.monotonic() - begun
        cpu = (cpu_of_database(place) - cpu) / (transactions(rows) - before) * 1000
        used = (transactions(rows) - before - looks - idle * took) / runs
        kept = (rows.rows(size)[0]["n"] - bytes_before) / runs
        connections = rows.rows("SELECT count(*) AS n FROM pg_stat_activity WHERE usename = 'team'")[0]["n"]
        objects = rows.rows("SELECT coalesce(sum(length(body)), 0) AS n FROM fleet_object")[0]["n"]
        calls = rows.rows("SELECT sum(calls) AS n FROM fleet_batch")[0]["n"]
        rows.close()
    return {
        "transactions/s of an idle worker": round(idle, 1),
        "transactions of a run": round(used),
        "CPU ms of a transaction": round(cpu, 2),
        "calls of a run": round(float(calls) / runs, 1),
        "kB of a run in the database": round(kept / 1000),
        "kB of a run in the store": round(float(objects) / runs / 1000, 1),
        "connections of a worker, idle": connections - 1,
    }


def looked_after(rows: Database, batch: str) -> int:
    """Wait for a batch's end; how often it was looked at, each time in a transaction of ours."""
    left = "SELECT count(*) AS n FROM fleet_run WHERE batch = :b AND state <> 'done'"
    looks = 1
    while rows.rows(left, b=batch)[0]["n"]:
        time.sleep(1)
        looks += 1
    return looks


def overhead(delay: float = 6.0) -> dict[str, Any]:
    """Seconds of one run of about 30 s: bare, in a batch from its hand-in to its end, and the whole command.

    The first batch of a machine also makes the tables; the second one is what a user sees every day.
    """
    from tests.modelserver.server import Server

    with tempfile.TemporaryDirectory() as folder, Server(slow_model(delay)) as server:
        world = World(Path(folder))
        world.env = {"OPENAI_BASE_URL": server.base_url, "OPENAI_API_KEY": "k", "ORCHESTRATOR_MODEL": "small"}
        write(world.project, PYTHON.files)
        seconds = {"auto": timed(world, "auto", REQUEST, "--check", PYTHON.check, "--no-apply")}
        for name in ("first batch", "batch"):
            path = world.folder / f"{name}.jsonl"
            task = f"{REQUEST} ({name})"
            path.write_text(json.dumps({"task": task, "repository": str(world.project), "checks": [PYTHON.check]}))
            seconds[name] = timed(world, "batch", str(path), ORCHESTRATOR_FLEET_REPOSITORIES=json.dumps([folder]))
        rows = Database(f"sqlite:///{next(world.folder.rglob('fleet.sqlite'))}")
        run = rows.rows("SELECT ended - fed AS seconds FROM fleet_run ORDER BY submitted DESC")[0]["seconds"]
        rows.close()
    told = {
        "auto": seconds["auto"],
        "run in a batch": run,
        "batch": seconds["batch"],
        "first batch": seconds["first batch"],
    }
    return {name: round(value, 1) for name, value in told.items()} | {
        "overhead of the run": f"{run / seconds['auto'] - 1:.1%}",
        "of the command": f"{seconds['batch'] / seconds['auto'] - 1:.1%}",
    }


def timed(world: World, *arguments: str, **env: str) -> float:
    """Seconds of a command that ends well."""
    world.env |= env
    began = time.monotonic()
    done = world.run(*arguments)
    assert done.code == 0, done.err
    return time.monotonic() - began


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows as a Markdown table."""
    names = list(rows[0])
    lines = ["| " + " | ".join(names) + " |", "|" + "---|" * len(names)]
    return "\n".join([*lines, *("| " + " | ".join(str(row[name]) for name in names) + " |" for row in rows)])


def main() -> int:
    """Measure what is asked for and print tables; the plot goes to the folder that is named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="?", default="all", choices=("all", "hand", *PARTS))
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4, 8])
    parser.add_argument("--sizes", type=int, nargs="+", default=[10, 1000, 100_000])
    parser.add_argument("--docs", action="store_true", help="write the section of docs/FLEET.md and its plot")
    given = parser.parse_args()
    if given.what == "hand":
        return hand()
    kept = json.loads(KEPT.read_text("utf-8")) if KEPT.exists() else {}
    for part in PARTS if given.what == "all" else (given.what,):
        kept[part] = PARTS[part](given)
        print(f"{kept[part]}\n", flush=True)
    KEPT.parent.mkdir(parents=True, exist_ok=True)
    KEPT.write_text(json.dumps(kept), encoding="utf-8")
    if given.docs:
        text = "\n\n".join(kept[part] for part in PARTS if part in kept)
        write_section("fleet", "python bench/fleet.py", text, ROOT / "docs" / "FLEET.md")
    return 0


def counts_and_plan(given: argparse.Namespace) -> str:
    """What one worker and one run need; what fleets need by that, and how their database bears it."""
    figures = counts()
    machines = [Machine(cores, figures["CPU ms of a transaction"]) for cores in (4, 16, 64)]
    borne = [simulated(Figures.of(figures), fleet, machine) for fleet in FLEETS for machine in machines]
    return "\n\n".join(
        [
            table([{"of one worker, one run": name, "": value} for name, value in figures.items()]),
            "Planned, for runs of 5 minutes and 30 calls:",
            table(planned(Figures.of(figures))),
            f"Simulated, {SECONDS:g} seconds of each (`bench/fleet_simulation.py`):",
            table(borne),
        ]
    )


def drain_table(given: argparse.Namespace) -> str:
    """The dispatch of empty runs."""
    return f"{given.runs:,} empty runs through the queue:\n\n{table(drain(given.workers, given.runs))}"


def growth_table(given: argparse.Namespace) -> str:
    """Four workers on queues of several lengths; with ``--docs`` as a plot too."""
    rows, picture = growth(given.sizes), ""
    if given.docs:
        lines = [Line(f"{row['queued']:,} queued", [("CPU of a job", row["CPU ms/job"] or 0.1)]) for row in rows]
        text = svg("CPU milliseconds of one job, by the length of the queue", lines)
        (ROOT / "docs" / PICTURE).write_text(text, encoding="utf-8")
        picture = f"![CPU of one job, by the length of the queue]({PICTURE})\n\n"
    return f"{picture}Four workers, empty runs, and so many that wait:\n\n{table(rows)}"


def overhead_table(given: argparse.Namespace) -> str:
    """One run, bare and as a batch of one."""
    return f"A run of half a minute, bare and as a batch of one on this machine, in seconds:\n\n{table([overhead()])}"


PICTURE = "fleet.svg"
KEPT = ROOT / "build" / "benchmarks" / "fleet.json"
"""The last tables of each part, so that one can be measured anew by itself."""

PARTS = {"counts": counts_and_plan, "drain": drain_table, "growth": growth_table, "overhead": overhead_table}


if __name__ == "__main__":
    sys.exit(main())
