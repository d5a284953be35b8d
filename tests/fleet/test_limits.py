"""Limits that hold for all workers together: runs, requests, repositories, order, budgets, and providers that fail."""

import json
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from tests.e2e.test_postgres import PROGRAMS
from tests.fleet.field import Field, field_of, slow_model
from tests.modelserver.scenario import FaultRule

pytestmark = [
    pytest.mark.fleet,
    pytest.mark.timeout(300),
    pytest.mark.skipif(not PROGRAMS, reason="PostgreSQL is not installed (Debian: postgresql)"),
]


def most_at_once(spans: Iterable[tuple[float, float]]) -> int:
    """How many spans of time lie over one another, at most."""
    edges = sorted(edge for begin, end in spans for edge in ((begin, 1), (end, -1)))
    now = most = 0
    for _, step in edges:
        now += step
        most = max(most, now)
    return most


def spans(place: Field) -> list[Mapping[str, Any]]:
    """When each run began and ended."""
    return place.rows.rows("SELECT repository, batch, priority, started, ended FROM fleet_run ORDER BY started")


def test_an_endpoint_and_a_repository_are_never_overrun(place_with_limit: Field) -> None:
    """Two runs at a time at the endpoint whatever slots there are, one at a time in a repository; all end."""
    place = place_with_limit
    lines = [place.line(n, f"r{n % 3}") for n in range(6)]
    batch = place.batch(lines)
    for _ in range(2):
        place.worker(slots=3)
    results = place.over(batch, 150)

    assert Counter(result["outcome"] for result in results) == {"verified": 6}
    rows = spans(place)
    assert most_at_once((row["started"], row["ended"]) for row in rows) == 2
    for repository in {row["repository"] for row in rows}:
        assert most_at_once((r["started"], r["ended"]) for r in rows if r["repository"] == repository) == 1
    # Calls of the endpoint too: a run asks one thing at a time here.
    assert max(entry["in_flight"] for entry in place.server.log.entries) <= 2


@pytest.fixture
def place_with_limit() -> Any:
    """A fleet whose endpoint takes two runs."""
    with field_of(slow_model(0.2), {"default": {"runs": 2}}) as place:
        yield place


def test_urgent_runs_overtake_and_batches_take_turns_and_none_begins_before_its_time() -> None:
    """One slot: what is urgent comes at the next free moment, a later batch is not kept waiting by a longer one."""
    with field_of(slow_model(0.0), {"*": {"runs": 1}}) as place:

        def quick(ticket: int, **more: Any) -> dict[str, Any]:
            return place.line(ticket, **more) | {"revision": "no-such-revision"}

        long = place.batch([quick(n) for n in range(4)])
        due = time.time() + 20
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(due))
        short = place.batch([quick(10), quick(11, priority=0), quick(12, priority=0, not_before=stamp)])
        place.worker()
        results = [*place.over(long, 150), *place.over(short, 60)]
        assert all("has no revision 'no-such-revision'" in result["reason"] for result in results)
        rows = place.rows.rows("SELECT batch, number, started FROM fleet_run ORDER BY started")
        order = [("long" if row["batch"] == long else "short", row["number"]) for row in rows]
        assert order[0] == ("short", 1)
        assert order.index(("short", 0)) <= 3, order
        assert int(due) <= next(row["started"] for row in rows if (row["batch"], row["number"]) == (short, 2))


def test_a_batchs_budget_is_not_passed_by_one_call() -> None:
    """Seven calls for two runs that want five each: the server sees seven, the rest ends as `budget`."""
    with field_of(slow_model(0.1)) as place:
        batch = place.batch([place.line(n) for n in range(3)], "--max-calls", "7")
        place.worker(slots=2)
        results = place.over(batch)
        asked = [entry for entry in place.server.log.entries if entry["role"]]
        assert len(asked) == 7
        assert "budget" in {result["outcome"] for result in results}
        assert sum(result["usage"].get("calls", 0) for result in results) == 7
        assert all("the budget of the batch is spent: 7 of 7 calls" in r["reason"] for r in results if r["exit"] == 3)
        assert place.world.run("batch", "results", batch).code == 3


def test_requests_of_a_minute_hold_for_all_workers() -> None:
    """Six in any minute: the seventh comes a minute after the first, whichever worker sends it."""
    with field_of(slow_model(0.0), {"default": {"requests": 6}}) as place:
        batch = place.batch([place.line(n) for n in range(2)])
        for _ in range(2):
            place.worker()
        results = place.over(batch, 150)
        assert [result["outcome"] for result in results] == ["verified", "verified"]
        times = sorted(entry["time"] for entry in place.server.log.entries if entry["role"])
        assert all(later - first > 55 for first, later in zip(times, times[6:], strict=False)) and len(times) > 6


def test_a_run_comes_back_when_its_provider_does() -> None:
    """Refused for long enough, it is put off with nothing lost, and ends as verified; other failures are results."""
    faults = [FaultRule("e401", role="coder", times=1)]
    with field_of(slow_model(0.1).under(faults)) as place:
        batch = place.batch([place.line(1)])
        place.worker()
        place.until("the wait", lambda: place.one("SELECT refusals FROM fleet_run WHERE batch = :b", b=batch) == 1)
        waits = place.one("SELECT not_before - fed FROM fleet_run WHERE batch = :b", b=batch)
        place.rows.change("UPDATE fleet_run SET not_before = 0")
        (result,) = place.over(batch)
        assert result["outcome"] == "verified" and 10 < waits < 60
        assert place.one("SELECT value FROM fleet_count WHERE name = 'provider_retries'") == 1
        told = json.loads(place.world.run("batch", "status", "--json").out)
        assert told["batches"][0]["outcomes"] == {"verified": 1} and len(told["workers"]) == 1
