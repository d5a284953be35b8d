"""The bar: for every fault the exit codes that are right, and how many calls more than without it a run may take.

Once: the answer that follows is right, so the run ends as it would have; all but a few faults cost one call more.
For ever: the run may not end well, and says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.faults.cases import Case, Strike

VERIFIED, FAILED, BUDGET, STUCK, PROVIDER, UNVERIFIED = 0, 1, 3, 4, 5, 6

DEAD = {"e401", "e403", "e404_model", "e429_quota", "redirect"}
"""Nothing but a person can cure it: no second try, and the run ends at once."""

PASSING = {
    "e429", "e500", "e502", "e503", "e500mid", "html", "html502", "badbody", "raw", "reset", "timeout", "stall",
    "truncate", "truncedit", "sse_error", "gone", "e500_toolparse",
}  # fmt: skip
"""A request that came to nothing is sent again."""

HARMLESS = {"bad_usage", "slow", "not_stream"}
"""Nothing is missing: no call more."""

WRONG_WORK = {"wrong_logic", "wrongfix_then_right", "deaf", "burn", "loop", "premature", "hang", "test_edit",
              "review_faults", "hostile", "collateral", "e400_ctx"}  # fmt: skip
"""It is found by executing, reading or missing it, and repaired: a call, and perhaps one to read the repair."""

REFUSED = {"filter", "refusal", "think", "schema_miss"}
"""An answer that is none: asked again, and once more with other sampling."""

UNCURED = {"filter", "refusal", "silent_ctx", "e400_ctx"}
"""Asking again does not help: the question goes without an answer, and its default costs some calls elsewhere."""

MOST_WITHOUT_AN_ANSWER = 6

WRONG_TESTS = {"undefined", "weak_check"}
"""Faults of a test that may be red for what looks like the right reason."""

MOST_OF_A_WRONG_TEST = 10
"""A wrong test sends code that is right up the whole ladder, until the reviewer takes the test back."""


@dataclass(frozen=True)
class Bar:
    """What is right under a fault: exit codes, and the most calls more than without it (None: any number)."""

    exits: frozenset[int]
    extra: int | None


def bar_of(strike: Strike, clean: int) -> Bar:
    """The bar for one fault, in a scene that ends with the exit code `clean` without it."""
    name, seat = strike.kind.fault.name, strike.seat
    if name in DEAD:
        return Bar(frozenset({clean if seat == "review" else PROVIDER}), 0)
    if strike.length == "always":
        return Bar(frozenset({clean, STUCK, BUDGET, *_never_ending(name, seat)}), None)
    if name in UNCURED and seat == "test":
        return Bar(frozenset({clean, UNVERIFIED}), 2)
    if name in UNCURED and seat in ("classify", "plan"):
        return Bar(frozenset({clean}), MOST_WITHOUT_AN_ANSWER)
    return Bar(frozenset({clean}), _extra(name, seat))


def broken_bar(case: Case, exit: int, extra: int, clean: int) -> list[str]:
    """What does not keep to the bar; with two faults each may have its part in it."""
    bars = [bar_of(strike, clean) for strike in case.strikes]
    if not bars:
        return []
    wrong: list[str] = []
    allowed = frozenset[int]().union(*(bar.exits for bar in bars))
    if len(bars) > 1 and any(strike.kind.fault.name in DEAD for strike in case.strikes):
        allowed |= {PROVIDER}  # a review can be done without only where executed evidence stands
    if exit not in allowed:
        wrong.append(f"exit: {exit}, not {_listed(sorted(allowed))}")
    most = [bar.extra for bar in bars]
    if None not in most and extra > (limit := sum(each or 0 for each in most) + 4 * (len(bars) - 1)):
        wrong.append(f"calls: {extra} more, not at most {limit}")
    return wrong


def _never_ending(name: str, seat: str) -> set[int]:
    """The exit codes besides stuck, budget, and that of an agent who can be done without."""
    if name in PASSING:
        return {PROVIDER}
    return {UNVERIFIED} if seat == "test" else {FAILED}


def _extra(name: str, seat: str) -> int:
    if name in HARMLESS:
        return 0
    if seat == "test" and name in WRONG_WORK | WRONG_TESTS:
        return MOST_OF_A_WRONG_TEST
    if name == "plan_faults":
        return MOST_WITHOUT_AN_ANSWER  # a plan that names no real files leaves the search without a start
    return 3 if name in WRONG_WORK else 2 if name in REFUSED else 1


def _listed(exits: Sequence[int]) -> str:
    return " or ".join(map(str, exits))
