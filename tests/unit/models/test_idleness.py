"""How many threads the embedded model takes: by what others use now, not by the last minute's load."""

import subprocess
import sys
import time

import pytest

from models.embedded import threads
from models.idleness import Others


@pytest.mark.parametrize(
    ("others", "cores", "wanted"), [(0.0, 2, 2), (0.4, 2, 2), (0.9, 2, 1), (0.0, 1, 1), (3.0, 8, 2), (7.0, 8, 1)]
)
def test_two_threads_only_where_two_cores_are_nearly_idle(others: float, cores: int, wanted: int) -> None:
    """On a busy core a second thread would spin in vain."""
    assert threads(others, cores) == wanted


def test_a_program_that_computes_is_seen_and_what_has_ended_of_ours_is_not() -> None:
    """A child counts among the others while it runs; once it is over, its time was ours."""
    others = Others()
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as burner:
        time.sleep(1.0)
        busy = others.cores()
        burner.kill()
    assert busy > 0.3
    assert others.cores() < busy
