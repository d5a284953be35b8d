"""Repetition: endless circles are told from text that is merely regular."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.repetition import SPAN, TIMES, repeats


@given(st.text(min_size=1, max_size=SPAN // TIMES), st.text(max_size=400))
def test_a_unit_that_goes_on_for_ever_is_seen(unit: str, before: str) -> None:
    """Any unit, after any beginning, once it fills the span."""
    assert repeats(before + unit * (2 * SPAN // len(unit) + 1))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "=" * 120,
        "\n".join(f"    case {number}: return {number * number};" for number in range(300)),
        "".join(f"def test_{number}():\n    assert total({number}) == {number}\n\n\n" for number in range(100)),
        "x = [\n" + "    0, 0, 0, 0, 0, 0, 0, 0,\n" * 40 + "]\n",
    ],
    ids=["nothing", "a rule", "a table", "tests", "zeros"],
)
def test_regular_code_is_no_repetition(text: str) -> None:
    """Tables, rows of tests and a block of zeros are answers."""
    assert not repeats(text)
