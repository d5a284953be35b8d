"""What the embedded model makes of the sample project: one run for each seed, each a whole run of the real command.

    python bench/embedded.py            ten seeds, one after the other (a quarter of an hour)
    python bench/embedded.py --docs     also write the section of docs/BENCHMARKS.md

The exit code is 1 where a seed does not end as verified.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from bench.document import write_section  # noqa: E402
from orchestrator.exits import EXIT_OF_OUTCOME  # noqa: E402


@dataclass(frozen=True)
class Trial:
    """One run."""

    seed: int
    outcome: str
    calls: str
    seconds: float


def main() -> int:
    """Run, print the table, write the section where that is wanted."""
    parser = argparse.ArgumentParser(
        description="What the embedded model makes of the sample, see the head of this file."
    )
    parser.add_argument("--seeds", type=int, default=10, metavar="N", help="from 0 on (10)")
    parser.add_argument("--docs", action="store_true", help="write the section of docs/BENCHMARKS.md")
    given = parser.parse_args()
    trials = []
    for seed in range(given.seeds):
        trials.append(tried(seed))
        print(trials[-1], file=sys.stderr, flush=True)
    print(text := table(trials))
    if given.docs:
        write_section("embedded model", "python bench/embedded.py", text)
    return 0 if all(trial.outcome == "verified" for trial in trials) else 1


def tried(seed: int) -> Trial:
    """The demo with one seed."""
    with tempfile.TemporaryDirectory(prefix="embedded-") as folder:
        command = [sys.executable, str(ROOT / "examples" / "demo.py"), "--seed", str(seed)]
        command += ["--keep", str(Path(folder) / "sample")]
        began = time.monotonic()
        done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "NO_COLOR": "1"})
        seconds = time.monotonic() - began
    outcomes = {code: outcome for outcome, code in EXIT_OF_OUTCOME.items()}
    calls = re.search(r"(\d+) (?:model )?calls", done.stdout + done.stderr)
    outcome = outcomes.get(done.returncode, f"exit {done.returncode}")
    return Trial(seed, outcome, calls[1] if calls else "", seconds)


def table(trials: list[Trial]) -> str:
    """One column for each seed."""
    lines = [["seed", *(str(trial.seed) for trial in trials)], ["---"] * (len(trials) + 1)]
    lines += [["outcome", *(trial.outcome for trial in trials)], ["calls", *(trial.calls for trial in trials)]]
    lines += [["seconds, all in all", *(f"{trial.seconds:.0f}" for trial in trials)]]
    verified = sum(trial.outcome == "verified" for trial in trials)
    return "\n".join([f"{verified} of {len(trials)} are verified.", "", *(f"| {' | '.join(line)} |" for line in lines)])


if __name__ == "__main__":
    sys.exit(main())
