"""Budgets: no sequence of calls passes a limit, and what is held back is given back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.budget import Budget, Limits, add, no_usage
from models.errors import BudgetSpent


@given(st.integers(0, 20), st.lists(st.integers(0, 50), max_size=30), st.integers(0, 400))
def test_calls_and_tokens_never_pass_their_limits(calls: int, prompts: list[int], tokens: int) -> None:
    """However large the prompts, taken calls and the tokens known before a call stay within the limits."""
    budget = Budget(Limits(calls=calls, tokens=tokens))
    for prompt in prompts:
        try:
            budget.take("t1", prompt)
        except BudgetSpent as spent:
            assert spent.limit in ("calls", "tokens") and spent.lane is None
        else:
            budget.charge("t1", {"calls": 1, "prompt_tokens": prompt, "completion_tokens": 0, "cost": 0.0}, held=prompt)
    spent_so_far = budget.spent()
    assert spent_so_far["calls"] <= calls and spent_so_far["prompt_tokens"] <= tokens


def test_what_parallel_calls_hold_back_counts() -> None:
    """Two prompts that fit alone but not together are not both sent."""
    budget = Budget(Limits(tokens=100))
    budget.take("t1", 60)
    with pytest.raises(BudgetSpent):
        budget.take("t2", 60)
    budget.charge("t1", no_usage(), held=60)
    budget.take("t2", 60)


def test_time_goes_on_where_an_earlier_process_stopped() -> None:
    """The seconds of earlier processes count, and the message says what was spent of what."""
    now = [100.0]
    budget = Budget(Limits(seconds=10.0), seconds=7.0, clock=lambda: now[0])
    budget.check()
    assert budget.remaining_seconds() == 3.0
    now[0] += 4.0
    with pytest.raises(BudgetSpent, match="11 of 10 seconds"):
        budget.check()
    assert budget.remaining_seconds() == 0.0


def test_an_unknown_cost_stays_unknown() -> None:
    """A sum with an unknown part is unknown, not too small."""
    known, unknown = {**no_usage(), "cost": 1.0}, {**no_usage(), "cost": None}
    assert add(known, unknown)["cost"] is None  # type: ignore[arg-type]


def test_a_task_that_comes_back_goes_on_with_its_limit() -> None:
    """The lanes of one task share its limit, in this process and after a resume; another task has its own."""
    used = {**no_usage(), "calls": 1}
    budget = Budget(Limits(), per_lane=Limits(calls=3), lanes={"t1": used, "t1.2": used})
    budget.take("t1.3")
    with pytest.raises(BudgetSpent) as spent:
        budget.take("t1.2")
    assert spent.value.lane == "t1"
    budget.take("t2")
