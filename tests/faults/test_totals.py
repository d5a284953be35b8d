"""What the gate makes of trials: the bar for each fault, the totals, and how a failing trial is tried alone."""

import pytest

from tests.faults.bar import bar_of, broken_bar
from tests.faults.cases import named, singles
from tests.faults.totals import ZERO, failures, table
from tests.faults.trial import Trial


def trial(case: str, outcome: str, exit: int, *wrong: str) -> Trial:
    """A trial with this end."""
    return Trial(
        case=case, scene="small", exit=exit, outcome=outcome, reason="", calls=4, extra=1, struck=[1], seconds=1.0,
        wrong=list(wrong),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("case", "exit", "extra", "words"),
    [
        ("T2/e429/code/once/whole", 0, 1, []),
        ("T2/e429/code/once/whole", 5, 1, ["exit"]),
        ("T2/e429/code/once/whole", 0, 2, ["calls"]),
        ("T2/e429/code/always/whole", 5, 3, []),
        ("T2/e429/code/always/whole", 6, 3, ["exit"]),
        ("T1/e401/code/once/whole", 5, -1, []),
        ("T1/e401/code/once/whole", 0, 1, ["exit", "calls"]),
        ("B1/falsedone:claim/code/always/whole", 4, 14, []),
        ("T2/e429/code/once+M1/empty:null/code/once/whole", 0, 2, []),
        ("T2/e429/code/once+T1/e401/fix/once/whole", 5, 2, []),
    ],
)
def test_the_bar_tells_exit_codes_and_calls(case: str, exit: int, extra: int, words: list[str]) -> None:
    """Each of two faults may have its part in the end; a passing fault alone may cost one call and no more."""
    assert [said.partition(":")[0] for said in broken_bar(named(case), exit, extra, 0)] == words


def test_no_fault_that_strikes_once_may_end_in_success_and_another_end_alike() -> None:
    """The bar is strict: what strikes once has one right exit code, but where a question goes without an answer."""
    loose = {case.strikes[0].kind.fault.name for case in singles() if len(once(str(case))) > 1}
    assert loose == {"filter", "refusal", "silent_ctx", "e400_ctx"}


def once(case: str) -> frozenset[int]:
    """The exit codes that are right, for a fault that strikes once."""
    (strike,) = named(case).strikes
    return bar_of(strike, 0).exits if strike.length == "once" else frozenset()


def test_totals_count_what_must_not_be_and_name_how_to_try_it_again() -> None:
    """Every kind of wrong has its line, and a failing trial stands below with its command."""
    good = trial("T2/e429/code/once/whole", "verified", 0)
    bad = trial("B1/falsedone:claim/code/always/whole", "verified", 0, "false success: 144 != 100")
    text = table([good, bad])
    assert "| transport, once | 1 | 1 |" in text and "| behaviour, always | 1 | 1 |" in text
    assert "- 1 false success" in text and "- 0 cheat" in text
    assert all(word in text for word in ZERO)
    assert "--only 'B1/falsedone:claim/code/always/whole'" in failures([good, bad])
    assert failures([good]) == ""
