"""What small models can do alone, asked again and again, and led by the process.

usage: small_models.py [--results FILE] [--home DIR] [--sizes 0.5b 1.5b] [--ways WAY …] [--only NAME …] [--shard I/N]
                       [--docs]

Every task is a function to repair or to write, with tests to see; whether a result is right is measured on hidden
calls against a reference. A finished trial is a line of the results file, and a second start goes on after the last.
Sampling is given as much CPU as ours took on the same task, so ours comes first. `--docs` only writes the section of
docs/BENCHMARKS.md from what the results file holds.

The models are fetched into the state directory if they are not there.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from bench.document import write_section
from bench.smalltasks import Task, all_tasks
from bench.smalltasks.contest import Sampler, Trial, led, sampled
from bench.smalltasks.table import section
from bench.smalltasks.trial import is_right
from models.fetch import fetch
from workspace.sandbox import choose_sandbox

WAYS = ("ours", "once", "sampled")


Row = dict[str, Any]


def main() -> int:
    """Run the trials that are missing, or write the section."""
    arguments = parsed()
    if arguments.docs:
        write_section("small models", "python bench/small_models.py", section(finished(arguments.results)))
        return 0
    for size in arguments.sizes:
        for way in arguments.ways:
            try_all(size, way, chosen(arguments), arguments.results, arguments.home)
    print(section(finished(arguments.results)))
    return 0


def parsed() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--results", type=Path, default=Path(tempfile.gettempdir()) / "small-models.jsonl")
    parser.add_argument("--home", type=Path, required="--docs" not in sys.argv, help="state directory with the models")
    parser.add_argument("--sizes", nargs="+", default=["0.5b", "1.5b"], choices=["0.5b", "1.5b"])
    parser.add_argument("--ways", nargs="+", default=list(WAYS), choices=WAYS)
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME")
    parser.add_argument("--shard", default="0/1", metavar="I/N", help="every N-th task, from the I-th")
    parser.add_argument("--docs", action="store_true")
    return parser.parse_args()


def chosen(arguments: argparse.Namespace) -> list[Task]:
    """The tasks that this start is for."""
    first, of = map(int, arguments.shard.split("/"))
    tasks = [task for task in all_tasks() if not arguments.only or task.name in arguments.only]
    return tasks[first::of]


def try_all(size: str, way: str, tasks: Sequence[Task], results: Path, home: Path) -> None:
    """Run one way with one model on each task that has no line yet."""
    done = {row["task"]: row for row in finished(results) if (row["size"], row["way"]) == (size, way)}
    missing = [task for task in tasks if task.name not in done]
    budget = {row["task"]: row["cpu"] for row in finished(results) if (row["size"], row["way"]) == (size, "ours")}
    if way == "sampled":
        missing = [task for task in missing if task.name in budget]
    for task, trial in trials(size, way, missing, budget, home):
        sandbox = choose_sandbox(unsafe=False)
        with tempfile.TemporaryDirectory() as folder:
            right = trial.claimed and is_right(task, trial.source, sandbox, Path(folder))
        row: Row = {"size": size, "way": way, "task": task.name, "kind": task.kind, "solved": trial.claimed}
        row |= {"right": right, "cpu": round(trial.cpu, 2), "wall": round(trial.wall, 1), "samples": trial.samples}
        with results.open("a", encoding="utf-8") as file:
            file.write(json.dumps({**row, "source": trial.source}) + "\n")
        print(json.dumps(row), flush=True)


def trials(
    size: str, way: str, tasks: Sequence[Task], budget: dict[str, float], home: Path
) -> Iterator[tuple[Task, Trial]]:
    """Run one way on each task; the model is loaded once for sampling, and each time for ours."""
    if not tasks:
        return
    if way == "ours":
        for task in tasks:
            with tempfile.TemporaryDirectory() as folder:
                yield task, led(task, f"local:{size}", home, Path(folder) / task.name)
        return
    sandbox, sampler = choose_sandbox(unsafe=False), Sampler(fetch(size, home, print), size)
    try:
        for task in tasks:
            most, cpu = (1, 0.0) if way == "once" else (sys.maxsize, budget[task.name])
            with tempfile.TemporaryDirectory() as folder:
                yield task, sampled(sampler, task, sandbox, Path(folder), most=most, cpu=cpu)
    finally:
        sampler.close()


def finished(results: Path) -> list[Row]:
    """The lines of the results file."""
    if not results.exists():
        return []
    return [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()]


if __name__ == "__main__":
    sys.exit(main())
