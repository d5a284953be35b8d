"""The fleet's rows on SQLite: submission, leases, budgets and limits, as the same statements hold on PostgreSQL."""

from pathlib import Path
from typing import Any

import pytest

from orchestrator.fleet import overview, transitions
from orchestrator.fleet.database import Database, local_url, statements
from orchestrator.fleet.items import Item, Limits
from orchestrator.fleet.lease import Lease, has_turn, holds, take
from orchestrator.fleet.meter import BatchSpent, Meter
from orchestrator.fleet.schema import VERSION, file_text, prepared, tables, version_of
from orchestrator.fleet.submission import submit


@pytest.fixture
def database(tmp_path: Path) -> Database:
    """An empty one."""
    (tmp_path / "fleet").mkdir()
    return prepared(Database(local_url(tmp_path)))


def worker(database: Database, name: str) -> Lease:
    return Lease(database, name, 30.0)


def items(count: int) -> list[Item]:
    return [Item(task=f"task {n}", repository=f"/r{n}") for n in range(count)]


def runs_of(database: Database) -> list[str]:
    return [row["run"] for row in database.rows("SELECT run FROM fleet_run ORDER BY number")]


def call(digest: str, request: str | None = "x" * 400) -> dict[str, Any]:
    record: dict[str, Any] = {"type": "call", "digest": digest, "model": "m", "key": ["t1", "coder", 0, 0]}
    return record if request is None else {**record, "request": request}


def answer(digest: str, tokens: int) -> dict[str, Any]:
    usage = {"calls": 1, "prompt_tokens": tokens, "completion_tokens": 0, "cost": 0.5}
    return {"type": "answer", "digest": digest, "answer": {"usage": usage}}


def test_what_is_submitted_twice_is_one_run(database: Database) -> None:
    """The same file is the same batch; a longer one brings only what is new; a part of it leads to what is known."""
    first = submit(database, "one", items(2), Limits())
    again = submit(database, "one", items(2), Limits())
    longer = submit(database, "two", items(3), Limits())
    shorter = submit(database, "three", items(1), Limits())
    assert (first.known, again.known, longer.known, again.batch) == (0, 2, 2, first.batch)
    assert shorter.batch == first.batch and len(runs_of(database)) == 3


def test_a_run_is_one_workers_until_its_epoch_is_over(database: Database) -> None:
    """What the first holder says after the second took over changes nothing."""
    submit(database, "one", items(1), Limits())
    (run,) = runs_of(database)
    first = take(worker(database, "a"), run)
    second = take(worker(database, "b"), run)
    assert first is not None and second is not None and (first["epoch"], second["epoch"]) == (1, 2)
    assert not holds(database, run, 1) and holds(database, run, 2)
    assert not transitions.put_back(database, run, 1) and not transitions.given_up(database, run, 1, "late")
    assert transitions.put_off(database, run, 2, 0) and take(worker(database, "c"), run) is not None


def test_a_cancelled_run_is_nobodys(database: Database) -> None:
    """Neither its holder nor another worker can go on, and only `retry` brings it back."""
    batch = submit(database, "one", items(2), Limits()).batch
    run, _ = runs_of(database)
    take(worker(database, "a"), run)
    assert transitions.cancel(database, run=run) == 1
    assert not holds(database, run, 1) and take(worker(database, "b"), run) is None
    assert transitions.cancel(database, batch=batch) == 1 and overview.worst(database, batch) == 130
    assert transitions.retry(database, batch) == 2 and take(worker(database, "b"), run) is not None


def test_a_batchs_budget_stops_exactly(database: Database) -> None:
    """Three calls by two runs, and no fourth; tokens that are held back for a call count before it is answered."""
    batch = submit(database, "one", items(2), Limits(calls=3, tokens=1000)).batch
    meters = [Meter(database, run, batch, "default") for run in runs_of(database)]
    for run in runs_of(database):
        take(worker(database, "w"), run)
    meters[0].before(call("a"))
    meters[1].before(call("b", "x" * 3000))
    with pytest.raises(BatchSpent, match="0 of 1000 tokens"):
        meters[0].before(call("c", "x" * 1000))
    meters[1].after(answer("b", 300))
    meters[0].before(call("c", "x" * 1000))
    with pytest.raises(BatchSpent, match="3 of 3 calls"):
        meters[1].before(call("d"))
    assert overview.batches(database, batch)[0]["used"] == {"calls": 3, "tokens": 300, "cost": 0.5}


def test_requests_in_a_minute_wait_for_their_turn(database: Database) -> None:
    """Two of a model and three of the endpoint; the next one waits for the first to be a minute old."""
    batch = submit(database, "one", items(1), Limits()).batch
    take(worker(database, "w"), runs_of(database)[0])
    database.change("INSERT INTO fleet_limit VALUES ('default', NULL, 3, NULL), ('default/m', NULL, 2, NULL)")
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        database.change("DELETE FROM fleet_call")

    meter = Meter(database, runs_of(database)[0], batch, "default", wait)
    for digest in "abc":
        meter.before(call(digest))
    assert len(waits) == 1 and 0 < waits[0] <= 5.0


def test_tokens_in_a_minute_wait_for_their_turn(database: Database) -> None:
    """A call that the window has no room for waits; one that no window could hold goes alone."""
    batch = submit(database, "one", items(1), Limits()).batch
    take(worker(database, "w"), runs_of(database)[0])
    database.change("INSERT INTO fleet_limit VALUES ('*', NULL, NULL, 250)")
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        database.change("DELETE FROM fleet_call")

    meter = Meter(database, runs_of(database)[0], batch, "default", wait)
    for digest, size, expected in (("a", 400, 0), ("b", 400, 0), ("c", 400, 1), ("d", 4000, 2)):
        meter.before(call(digest, "x" * size))  # four characters are counted as a token
        assert len(waits) == expected, digest


def test_only_a_silent_worker_loses_its_lease_and_only_once(database: Database) -> None:
    """It is told at its next beat; one that beats, and the one that looks, keep theirs."""
    leases = {name: worker(database, name) for name in ("silent", "beats", "looks")}
    database.change("DELETE FROM fleet_worker")
    for name in leases:
        database.change(
            "INSERT INTO fleet_worker VALUES (:n, 'h', '1', '[]', 1, {now}, {now} - :s, 0)",
            n=name,
            s=0.0 if name == "beats" else 60.0,
        )
    assert leases["looks"].end_silent() == {"silent"} and leases["looks"].end_silent() == set()
    assert [leases[name].beat(draining=False) for name in leases] == [False, True, True]


def test_a_worker_that_did_not_hear_of_its_own_take_takes_again(database: Database) -> None:
    """The connection broke at the commit: its second try gets the run, and is no loss of a lease."""
    submit(database, "one", items(1), Limits())
    (run,) = runs_of(database)
    for name in ("a", "b"):
        database.change("INSERT INTO fleet_worker VALUES (:n, 'h', '1', '[]', 1, {now}, {now}, 0)", n=name)
    assert take(worker(database, "a"), run) is not None
    again = take(worker(database, "a"), run)
    assert again is not None and again["epoch"] == 2 and take(worker(database, "b"), run) is None
    assert database.rows("SELECT * FROM fleet_count") == []


def test_a_run_that_outlives_its_workers_goes_on_while_it_gets_on(database: Database) -> None:
    """It is queued again for as long as its journal has grown since the last time; then it is given up, with a reason.

    A turn that was over before is nobody's reason to end the one that is under way.
    """
    submit(database, "one", items(1), Limits())
    (run,) = runs_of(database)

    def after(records: int) -> str:
        for number in range(records):
            database.change(
                "INSERT INTO fleet_journal (run, name, body) VALUES (:r, :n, '')", r=run, n=f"{turn}/{number}"
            )
        take(worker(database, "w"), run)
        transitions.outlived(database, run, turn)
        return str(database.rows("SELECT state FROM fleet_run")[0]["state"])

    for turn, records, state in ((1, 2, "queued"), (2, 1, "queued"), (3, 0, "done")):
        database.change("UPDATE fleet_run SET turn = :t", t=turn)
        transitions.outlived(database, run, turn - 1)
        assert after(records) == state, turn
    (row,) = database.rows("SELECT * FROM fleet_run")
    assert row["outcome"] == "failed" and "got no further" in row["reason"]


def test_a_database_of_the_first_version_is_brought_up_to_date(tmp_path: Path) -> None:
    """Its runs and workers are still there, and are worked with as if they had been made today; once is enough."""
    (tmp_path / "fleet").mkdir()
    database = Database(local_url(tmp_path))
    first = (
        tables(shared=False).replace(" endpoints text NOT NULL,", "").replace(" came bigint NOT NULL DEFAULT 0,", "")
    )
    with database.transaction() as transaction:
        transaction.script(first)
        transaction.change("INSERT INTO fleet_schema VALUES (1, 'salt')")
        transaction.change("INSERT INTO fleet_worker VALUES ('w', 'h', '1', 1, 0, 0, 0)")
    submit(database, "one", items(2), Limits())
    for _ in range(2):
        assert version_of(prepared(database)) == VERSION
    assert len(runs_of(database)) == 2 and worker(database, "w").living() == {"w"}
    Lease(database, "new", 30.0).begin(1, ["default"])
    assert take(Lease(database, "new", 30.0), runs_of(database)[0]) is not None
    assert [each["endpoints"] for each in overview.workers(database, 30.0)] == [["default"]]


def test_a_duty_of_the_fleet_is_one_workers_at_a_time(database: Database) -> None:
    """Whoever asks first has it; the next one once the time is over; another duty is another turn."""
    assert [has_turn(database, "feed", 60.0), has_turn(database, "feed", 60.0)] == [True, False]
    assert has_turn(database, "reap", 60.0)
    database.change("UPDATE fleet_count SET value = value - 61")
    assert [has_turn(database, "feed", 60.0), has_turn(database, "feed", 60.0)] == [True, False]


def test_a_script_is_cut_into_statements(database: Database) -> None:
    """A body in dollar quotes is one statement, whatever stands in it."""
    assert [each.split()[0] for each in statements(file_text("fence.sql"))] == ["CREATE"] * 9
