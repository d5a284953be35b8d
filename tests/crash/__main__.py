"""The kill matrix: a run of four tasks is struck at every request and at drawn instants, and must end as ever.

    python -m tests.crash                        every request, 200 instants, and the signals that a run hears
    python -m tests.crash --short                a few cases
    python -m tests.crash --only SIGKILL/asked   the cases whose names hold this; a whole name is that one case
    python -m tests.crash --results FILE         go on where FILE ends, and add to it

Each trial is the real command in a folder of its own, with a real server, git and sandbox. The exit code is 1 where
anything is wrong.
"""

import argparse
import contextlib
import json
import sys
from pathlib import Path

from tests.crash.cases import INSTANTS, SEED, Case, named, short, whole
from tests.crash.trial import Trial, Undisturbed, tried, undisturbed
from tests.plain import put_plain_python_first


def main() -> int:
    """Try the cases and print what came of them; returns the exit code."""
    given = _arguments().parse_args()
    put_plain_python_first()
    calm = undisturbed()
    trials = [_tried(case, calm, given.results) for case in _cases(given, calm)]
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
    return parser


def _cases(given: argparse.Namespace, calm: Undisturbed) -> list[Case]:
    with contextlib.suppress(ValueError):
        return [named(given.only)]
    cases = short() if given.short else whole(calm.requests, instants=given.instants, seed=given.seed)
    return [case for case in cases if given.only in str(case)]


def _tried(case: Case, calm: Undisturbed, results: Path | None) -> Trial:
    """The trial of a case: the one on file, else a new one, which is put there."""
    lines = results.read_text().splitlines() if results is not None and results.exists() else []
    for trial in map(json.loads, lines):
        if trial["case"] == str(case):
            return Trial(**trial)
    trial = tried(case, calm)
    print(f"{case}: {trial['seconds']:.1f} s, {'; '.join(trial['wrong']) or 'well'}", file=sys.stderr, flush=True)
    if results is not None:
        with results.open("a") as file:
            file.write(json.dumps(trial) + "\n")
    return trial


if __name__ == "__main__":
    sys.exit(main())
