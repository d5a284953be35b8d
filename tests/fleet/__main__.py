"""The long trial: 200 runs over 4 workers, harm every few seconds; prints its figures as a table.

python -m tests.fleet [--runs 200] [--workers 4] [--seed 0]
"""

import argparse
import sys

from tests.fleet.field import field_of, slow_model
from tests.fleet.harm import Plan, tried
from tests.plain import put_plain_python_first


def main() -> int:
    """Carry it out; exit code 1 where anything is not as it must be."""
    parser = argparse.ArgumentParser(prog="python -m tests.fleet", description=__doc__)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--kill-every", type=float, default=8.0)
    parser.add_argument("--seconds", type=float, default=7200.0)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    put_plain_python_first()
    plan = Plan(given.runs, given.workers, given.kill_every, 2, 1, 1, given.seconds, given.seed)
    with field_of(slow_model(0.3)) as place:
        figures = tried(place, plan)
    for name, value in figures.items():
        print(f"| {name} | {value} |")
    bad = [name for name in ("ended twice", "answered and asked again", "rows after the end") if figures[name]]
    bad += ["runs"] if figures["runs"] != given.runs else []
    print(f"failed: {', '.join(bad)}" if bad else "as it must be")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
