"""Patience: the waits of a run are its own, bounded, and shorter where another model can take over."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from models.faults import Fault
from models.patience import TRIES_BEFORE_FALLBACK, Patience
from models.seat import CallKey
from models.settings import RetryPolicy

KEY = CallKey("t1", "coder", 1, 0)
POLICY = RetryPolicy(base=0.5, cap=8.0, tries=6, window=60.0)
PASSING = Fault("server", "busy", 503)


@dataclass(frozen=True)
class Line:
    model: str


def waits(patience: Patience, fault: Fault = PASSING, *, more: bool = False, key: CallKey = KEY) -> list[float]:
    """All waits of one call that never gets an answer."""
    waiting, found = patience.waiting(key, "m", more=more), list[float]()
    while (wait := waiting.after(fault)) is not None:
        found.append(wait)
    return found


@given(st.integers(0, 1000))
def test_the_same_run_waits_the_same(seed: int) -> None:
    """Waits depend on seed and address alone; they grow, and none is longer than the cap."""
    first = waits(Patience(POLICY, seed))
    assert first == waits(Patience(POLICY, seed)) and len(first) == POLICY.tries - 1
    assert all(0.5 * POLICY.base <= wait <= POLICY.cap for wait in first)
    assert first != waits(Patience(POLICY, seed), key=KEY._replace(ordinal=1))


def test_a_wait_that_is_asked_for_is_kept_and_capped() -> None:
    """Retry-After is never undercut, and one beyond the window is not begun."""
    assert min(waits(Patience(POLICY, 0), Fault("rate", "", 429, retry_after=7.0))) == 7.0
    assert waits(Patience(POLICY, 0), Fault("rate", "", 429, retry_after=61.0)) == []


def test_a_lasting_fault_is_not_waited_for() -> None:
    """A wrong key is as wrong a second later."""
    assert waits(Patience(POLICY, 0), Fault("key", "", 401)) == []


def test_another_model_is_tried_sooner() -> None:
    """With a fallback at hand fewer tries are made."""
    assert len(waits(Patience(POLICY, 0), more=True)) == TRIES_BEFORE_FALLBACK - 1


def test_a_model_that_failed_rests_and_comes_back() -> None:
    """For the window after a passing fault, for good after a lasting one; never where no other is left."""
    now = [0.0]
    patience, lines = Patience(POLICY, 0, lambda: now[0]), [Line("a"), Line("b")]
    patience.rest("a", PASSING)
    assert patience.awake(lines) == [Line("b")]
    now[0] += POLICY.window + 1
    assert patience.awake(lines) == lines
    patience.rest("a", Fault("key", "", 401))
    now[0] += 1e6
    assert patience.awake(lines) == [Line("b")]
    assert patience.awake([Line("a")]) == [Line("a")]
    patience.rest("b", Fault("context", ""))
    assert patience.awake(lines) == [Line("b")]
