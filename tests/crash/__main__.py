"""The kill matrix: a run of four tasks is struck at every request and at drawn instants, and must end as ever.

    python -m tests.crash                        every request, 200 instants, and the signals that a run hears
    python -m tests.crash --short                a few cases
    python -m tests.crash --only SIGKILL/asked   the cases whose names hold this; a whole name is that one case
    python -m tests.crash --results FILE         go on where FILE ends, with trials of these same sources, and add to it

Each trial is the real command in a folder of its own, with a real server, git and sandbox. The exit code is 1 where
anything is wrong.
"""

import argparse
import contextlib
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from tests.crash.cases import INSTANTS, SEED, Case, named, short, whole
from tests.crash.trial import Trial, Undisturbed, tried, undisturbed
from tests.plain import put_plain_python_first
from tests.trials import of_all


def main() -> int:
    """Try the cases and print what came of them; returns the exit code."""
    given = _arguments().parse_args()
    put_plain_python_first()
    calm = _calm(given.workers)
    names = list(map(str, _cases(given, calm)))
    trials = of_all(names, partial(_tried, calm=calm), _line, workers=given.workers, results=given.results)
    wrong = [trial for trial in trials if trial["wrong"]]
    struck, again = sum(t["struck"] for t in trials), sum(t["again"] for t in trials)
    print(
        f"{len(trials)} trials, {struck} struck in time; {again} unanswered questions asked again; {len(wrong)} wrong"
    )
    for trial in wrong:
        print(f"  python -m tests.crash --only {trial['case']}\n    " + "\n    ".join(trial["wrong"]))
    return 1 if wrong or not trials else 0


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description="See the head of this file.")
    parser.add_argument("--short", action="store_true", help="a few cases")
    parser.add_argument("--only", default="", metavar="TEXT", help="cases whose names hold this")
    parser.add_argument("--instants", type=int, default=INSTANTS, metavar="N", help=f"how many are drawn ({INSTANTS})")
    parser.add_argument("--seed", type=int, default=SEED, help=f"by which seed ({SEED})")
    parser.add_argument(
        "--results", type=Path, metavar="FILE", help="keep trials in this file, and go on where it ends"
    )
    parser.add_argument("--workers", type=int, default=2, help="processes side by side (2)")
    return parser


def _calm(workers: int) -> Undisturbed:
    """The run without any strike, beside as many others as a trial has beside it."""
    with ProcessPoolExecutor(workers) as pool:
        runs = [pool.submit(undisturbed) for _ in range(workers)]
        return max((run.result() for run in runs), key=lambda run: run.seconds)


def _cases(given: argparse.Namespace, calm: Undisturbed) -> list[Case]:
    with contextlib.suppress(ValueError):
        return [named(given.only)]
    cases = short() if given.short else whole(calm.requests, instants=given.instants, seed=given.seed)
    return [case for case in cases if given.only in str(case)]


def _tried(name: str, calm: Undisturbed) -> Trial:
    return tried(named(name), calm)


def _line(trial: Trial) -> str:
    return f"{trial['case']}: {trial['seconds']:.1f} s, {'; '.join(trial['wrong']) or 'well'}"


if __name__ == "__main__":
    sys.exit(main())
