"""The short form of the kill matrix: in the middle of a run of four tasks, and what a signal must not cost."""

import pytest

from tests.crash.cases import Case, named, short, whole
from tests.crash.trial import Undisturbed, tried, undisturbed


@pytest.fixture(scope="module")
def calm() -> Undisturbed:
    """A run that nothing disturbs."""
    return undisturbed()


@pytest.mark.parametrize("case", short(), ids=str)
def test_a_run_that_is_struck_ends_as_if_it_had_not_been(case: Case, calm: Undisturbed) -> None:
    """The same tree, no answered question asked again, no process, lock, lane or partial file left."""
    trial = tried(case, calm)
    assert trial["wrong"] == [] and trial["struck"]


def test_the_whole_matrix_strikes_at_every_request_and_at_drawn_instants() -> None:
    """Each request as it comes and as it is answered; the same seed draws the same instants; each has a name."""
    cases = whole(17)
    assert len({case for case in cases if case.moment != "at"}) == 34
    assert len({case for case in cases if case.moment == "at" and case.signal.name == "SIGKILL"}) == 200
    assert whole(17) == cases and whole(17, seed=1) != cases
    assert all(str(named(str(case))) == str(case) for case in cases)
