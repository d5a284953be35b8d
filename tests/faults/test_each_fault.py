"""The short form of the gate: each kind of fault at one seat, and some pairs. `make gate` tries them all."""

import pytest

from tests.faults.cases import SHORT_PAIRS, Case, one_each, pairs
from tests.faults.trial import tried


@pytest.mark.parametrize("case", [*one_each(), *pairs(SHORT_PAIRS)], ids=str)
def test_nothing_is_beyond_the_bar(case: Case) -> None:
    """No false success, no lost code, no cheat, no crash, no hang, no call too many, and the exit code of the bar."""
    assert tried(case)["wrong"] == []
