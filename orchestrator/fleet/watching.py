"""Watching a batch: one line for every run that ends, on standard error, until all have."""

import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

from orchestrator.fleet.database import Database
from orchestrator.fleet.overview import batches, is_over, result_line
from orchestrator.words import clean, duration, number, one_line

LOOK = 0.5
"""Seconds between two looks."""

ENDED = """\
SELECT * FROM fleet_run WHERE batch = :b AND state IN ('done', 'cancelled') AND ended >= :since
ORDER BY ended, number"""


def followed(database: Database, batch: str, keep_on: Callable[[], bool] = lambda: True) -> None:
    """Tell of every run of a batch that ends, until all have, or until `keep_on` says no."""
    told: set[str] = set()
    since = 0.0
    while True:
        over = is_over(database, batch)
        for row in database.rows(ENDED, b=batch, since=since - 1):
            since = max(since, row["ended"])
            if row["run"] not in told:
                told.add(row["run"])
                print(one_run(result_line(row)), file=sys.stderr, flush=True)
        if over or not keep_on():
            return
        time.sleep(LOOK)


def one_run(result: Mapping[str, Any]) -> str:
    """A run that has ended, in one line."""
    calls = result["usage"].get("calls", 0)
    about = f"{result['outcome']:<11}  {result['run'][:8]}  {duration(result['seconds']):>7}  {number(calls, 'call')}"
    why = f"  ({one_line(result['reason'], 70)})" if result["reason"] and result["exit"] else ""
    return clean(f"{about}  {one_line(result['task'], 60)}{why}")


def one_batch(batch: Mapping[str, Any]) -> str:
    """A batch in one line."""
    ended = ", ".join(f"{count} {outcome}" for outcome, count in sorted(batch["outcomes"].items())) or "none ended"
    under_way = f"{batch['waiting']} wait, {batch['running']} run"
    used = f"{number(batch['used']['calls'], 'call')}, {number(batch['used']['tokens'], 'token')}"
    name = one_line(batch["name"], 30)
    return clean(f"{batch['batch'][:8]}  {name}  {number(batch['runs'], 'run')}: {ended}; {under_way}; {used}")


def summary(database: Database, batch: str) -> str:
    """The end of a batch in one line."""
    return one_batch(batches(database, batch)[0])
