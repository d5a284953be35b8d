"""A worker dies, freezes, leaves, or loses its database: its runs go on elsewhere, and it writes no more."""

import signal
import time
from collections.abc import Iterator

import pytest

from tests.e2e.test_postgres import PROGRAMS
from tests.fleet.field import LEASE, Field, field_of, slow_model

pytestmark = [
    pytest.mark.fleet,
    pytest.mark.timeout(300),
    pytest.mark.skipif(not PROGRAMS, reason="PostgreSQL is not installed (Debian: postgresql)"),
]

EPOCH = "SELECT epoch FROM fleet_run WHERE batch = :b"


@pytest.fixture
def place() -> Iterator[Field]:
    """A fleet with a model that takes a while."""
    with field_of(slow_model(0.7)) as place:
        yield place


def test_a_killed_workers_run_goes_on_at_another_host(place: Field) -> None:
    """Verified there, from checkpoint and journal: nothing that was answered is asked again."""
    batch = place.taken()
    place.strike(place.workers[0], signal.SIGKILL)
    at = time.monotonic()
    place.until("the take-over", lambda: place.one(EPOCH, b=batch) == 2)
    assert time.monotonic() - at < 4 * LEASE
    (result,) = place.over(batch)

    assert (result["outcome"], result["epochs"]) == ("verified", 2)
    excused, wrong = place.asked_again()
    assert wrong == [] and excused <= 1
    assert place.one("SELECT value FROM fleet_count WHERE name = 'lease_losses'") == 1
    assert place.one("SELECT count(*) FROM checkpoints") == place.one("SELECT count(*) FROM fleet_journal") == 0


def test_a_host_that_sleeps_past_its_lease_writes_nothing_when_it_wakes(place: Field) -> None:
    """Its worker ends by itself, its process is refused by the database; the other one's result stands."""
    batch = place.taken()
    frozen = place.workers[0]
    place.strike(frozen, signal.SIGSTOP, whole_host=True)
    place.until("the take-over", lambda: place.one(EPOCH, b=batch) == 2)
    frozen.strike(signal.SIGCONT, whole_host=True)
    (result,) = place.over(batch)

    assert frozen.process.wait(20) == 75
    assert (result["outcome"], result["epochs"]) == ("verified", 2)
    assert place.asked_again()[1] == []
    events = place.one("SELECT count(*) FROM fleet_part WHERE run = :r AND name = 'event'", r=result["run"])
    assert events == 1 and any(said["event"] == "lease.over" for said in frozen.said())


def test_a_worker_that_is_told_to_leave_gives_its_runs_back(place: Field) -> None:
    """SIGTERM: the call that is on its way is answered and kept, the run goes on elsewhere, exit code 0."""
    batch = place.taken()
    place.workers[0].strike(signal.SIGTERM)
    assert place.workers[0].process.wait(40) == 0
    (result,) = place.over(batch)

    assert result["outcome"] == "verified" and place.asked_again() == (0, [])
    assert not list((place.workers[0].host / "fleet" / "work").iterdir())
    # It gave its run back: nobody had to find out that it was gone.
    assert place.one("SELECT value FROM fleet_count WHERE name = 'lease_losses'") is None


def test_a_database_that_goes_away_costs_no_answer() -> None:
    """Stopped hard for longer than the lease, while a call is on its way: no worker is lost, nothing is asked again.

    The run's process is the same one afterwards: it waits, with its answer in its hands.
    """
    with field_of(slow_model(2.5)) as place:
        batch = place.taken()
        place.database.stop()
        time.sleep(LEASE + 2)
        place.database.start()
        (result,) = place.over(batch, 120)

        assert result["outcome"] == "verified" and place.asked_again() == (0, [])
        assert [worker.process.poll() for worker in place.workers] == [None, None]
        assert result["epochs"] == 1, [worker.said() for worker in place.workers]


def test_cancelling_a_run_leaves_nothing_behind(place: Field) -> None:
    """Its process ends, nothing is written for it afterwards, nothing more is asked; the worker takes the next one."""
    batch = place.taken()
    child = place.workers[0].family()[1:]
    assert place.world.run("batch", "cancel", batch).code == 0
    asked = len(place.server.requests)
    place.until("the end of its process", lambda: not set(child) & set(place.workers[0].family()), 10)
    assert len(place.server.requests) <= asked + 1
    place.until("the end of its folder", lambda: not list(place.workers[0].host.glob("fleet/work/*/runs/*")), 10)
    (result,) = place.over(batch)
    assert (result["outcome"], result["exit"]) == ("interrupted", 130)
    assert place.over(place.batch([place.line(2)]))[0]["outcome"] == "verified"
