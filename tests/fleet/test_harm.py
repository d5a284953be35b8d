"""The short form of the long trial (`python -m tests.fleet`): harm to workers, hosts and the database, all at once."""

import pytest

from tests.e2e.test_postgres import PROGRAMS
from tests.fleet.field import field_of, slow_model
from tests.fleet.harm import Plan, tried

pytestmark = [
    pytest.mark.fleet,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not PROGRAMS, reason="PostgreSQL is not installed (Debian: postgresql)"),
]


def test_every_run_ends_once_and_honestly_whatever_happens() -> None:
    """Kills, a frozen host, a database that is stopped, a full disk: verified once each, no answer paid twice."""
    plan = Plan(runs=12, workers=2, kill_every=15.0, stops=1, freezes=1, full_disks=1, seconds=540, seed=3)
    with field_of(slow_model(0.3)) as place:
        figures = tried(place, plan)
    assert figures["runs"] == 12 and figures["ended twice"] == 0, figures
    assert figures["answered and asked again"] == 0 and figures["kills"] >= 1, figures
    assert figures["outcomes"] == {"verified": 12} and figures["rows after the end"] == 0, figures
