"""The gate: every kind of fault at every seat of the team, and pairs of faults, against the whole graph.

    python -m tests.faults                       every kind once and for ever, then 300 pairs
    python -m tests.faults --short               each kind at one seat, and some pairs
    python -m tests.faults --only T7 --only code the cases whose names hold both; a whole name is that one case
    python -m tests.faults --results FILE        go on where FILE ends, with trials of these same sources, and add to it
    python -m tests.faults --docs                also write the section of docs/BENCHMARKS.md

Each trial is a run of the product in a folder of its own, in this process, with a real server, git and sandbox. The
exit code is 1 where anything is beyond the bar (bar.py).
"""

import argparse
import contextlib
import hashlib
import json
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from bench.document import write_section
from tests.faults.cases import PAIRS, SEED, SHORT_PAIRS, Case, chosen, named, one_each, pairs, singles
from tests.faults.totals import failures, table
from tests.faults.trial import Trial, tried

ROOT = Path(__file__).parents[2]
PACKAGES = ("graph", "nodes", "models", "prompts", "tools", "workspace", "orchestrator")


def main() -> int:
    """Try the cases and print what came of them; returns the exit code."""
    given = _arguments().parse_args()
    cases = _cases(given)
    if given.list:
        print("\n".join(map(str, cases)))
        return 0
    began, trials = time.monotonic(), list(_trials(cases, given.workers, given.results))
    print(text := table(trials))
    print(f"\n{len(trials)} runs, {time.monotonic() - began:.0f} s with {given.workers} workers")
    if given.docs:
        write_section("faults", "make gate", text)
    if said := failures(trials):
        print(f"\n{said}")
    return 1 if said or not trials else 0


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description="The gate, see the head of this file.")
    add = parser.add_argument
    add("--short", action="store_true", help=f"each kind at one seat, and {SHORT_PAIRS} pairs")
    add("--every-way", action="store_true", help="every way of every kind wherever it can be met")
    add("--only", action="append", default=[], metavar="TEXT", help="cases whose names hold this; repeatable")
    add("--pairs", type=int, metavar="N", help=f"how many pairs are drawn ({PAIRS})")
    add("--seed", type=int, default=SEED, help=f"by which seed ({SEED})")
    add("--workers", type=int, default=2, help="processes side by side (2)")
    add("--results", type=Path, metavar="FILE", help="keep trials in this file, and go on where it ends")
    add("--list", action="store_true", help="name the cases and end")
    add("--docs", action="store_true", help="write the section of docs/BENCHMARKS.md")
    return parser


def _cases(given: argparse.Namespace) -> list[Case]:
    """The cases that were asked for."""
    if len(given.only) == 1:
        with contextlib.suppress(ValueError):
            return [named(given.only[0])]
    drawn = pairs(given.pairs if given.pairs is not None else SHORT_PAIRS if given.short else PAIRS, given.seed)
    single = one_each() if given.short else singles(every_way=given.every_way)
    return chosen([*single, *drawn], given.only)


def _trials(cases: Sequence[Case], workers: int, results: Path | None) -> Iterator[Trial]:
    """Every case's trial in order: those on file, and the others, tried now and put there."""
    version = _version() if results is not None else ""
    known = {trial["case"]: trial for trial in _read(results, version)}
    missing = [str(case) for case in cases if str(case) not in known]
    with ProcessPoolExecutor(workers) as pool:
        for number, trial in enumerate(pool.map(_tried, missing), 1):
            known[trial["case"]] = trial
            print(f"{number}/{len(missing)} {_line(trial)}", file=sys.stderr, flush=True)
            if results is not None:
                with results.open("a", encoding="utf-8") as file:
                    file.write(json.dumps({"version": version, **trial}) + "\n")
    yield from (known[str(case)] for case in cases)


def _tried(name: str) -> Trial:
    return tried(named(name))


def _read(results: Path | None, version: str) -> list[Trial]:
    """The trials on file that were made of these same sources."""
    if results is None or not results.is_file():
        return []
    trials = [json.loads(line) for line in results.read_text("utf-8").splitlines()]
    return [trial for trial in trials if trial.pop("version") == version]


def _version() -> str:
    """Identity of everything that a trial depends on."""
    digest = hashlib.sha256()
    for package in (*PACKAGES, "tests/faults", "tests/modelserver", "tests/graph"):
        for path in sorted((ROOT / package).rglob("*")):
            if path.suffix in (".py", ".md", ".so"):
                digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _line(trial: Trial) -> str:
    wrong = f"  {'; '.join(trial['wrong'])}" if trial["wrong"] else ""
    return f"{trial['case']}: {trial['outcome']} ({trial['exit']}), {trial['extra']:+d} calls{wrong}"


if __name__ == "__main__":
    sys.exit(main())
