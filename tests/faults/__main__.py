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
import sys
import time
from pathlib import Path

from bench.document import write_section
from tests.faults.cases import PAIRS, SEED, SHORT_PAIRS, Case, chosen, named, one_each, pairs, singles
from tests.faults.totals import failures, table
from tests.faults.trial import Trial, tried
from tests.trials import of_all


def main() -> int:
    """Try the cases and print what came of them; returns the exit code."""
    given = _arguments().parse_args()
    cases = _cases(given)
    if given.list:
        print("\n".join(map(str, cases)))
        return 0
    if not cases:
        print("no case has such a name; all of them: python -m tests.faults --list", file=sys.stderr)
        return 2
    began, names = time.monotonic(), list(map(str, cases))
    trials = of_all(names, _tried, _line, workers=given.workers, results=given.results)
    print(text := table(trials))
    print(f"\n{len(trials)} runs, {time.monotonic() - began:.0f} s with {given.workers} workers")
    if given.docs:
        write_section("faults", "make gate", text)
    if said := failures(trials):
        print(f"\n{said}")
    return 1 if said else 0


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


def _tried(name: str) -> Trial:
    return tried(named(name))


def _line(trial: Trial) -> str:
    wrong = f"  {'; '.join(trial['wrong'])}" if trial["wrong"] else ""
    return f"{trial['case']}: {trial['outcome']} ({trial['exit']}), {trial['extra']:+d} calls{wrong}"


if __name__ == "__main__":
    sys.exit(main())
