"""Runs as tables, for notebooks: ``from orchestrator.runs import load, runs``. Needs pandas (extra ``notebooks``).

runs()                       one row for each run of this machine, the newest first
run = load("last")           one run
run.attempts                 one row for each attempt: task, strategy, verdict, findings
print(run.prompt(3))         what the model was asked in the fourth call
print(run.diff_of(0))        what the first attempt changed
run.steps                    every visit of an agent; run.read("a.py", "t1:fixer:1") is a file as it was then
fork = run.fork("t1:fixer:1", model="other")
print(compare(run, fork))    where the two part, and what came of each
run.replay()                 the same again, from the journal alone
"""

from orchestrator.fork.again import Replayed
from orchestrator.fork.compare import Comparison
from orchestrator.fork.compare import compare as compare_runs
from orchestrator.runs.loaded import LoadedRun, load
from orchestrator.runs.tables import COLUMNS, runs

__all__ = ["COLUMNS", "Comparison", "LoadedRun", "Replayed", "compare", "load", "runs"]


def compare(a: LoadedRun, b: LoadedRun) -> Comparison:
    """Where two runs part, and what came of each."""
    return compare_runs(a.run, b.run)
