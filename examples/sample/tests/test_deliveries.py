from datetime import date

import pytest

from cornershop.deliveries import days_between, next_delivery

MONDAY = date(2026, 11, 23)


def test_the_van_comes_on_the_next_of_its_days():
    assert next_delivery(MONDAY, {0, 3}) == date(2026, 11, 26)
    assert next_delivery(MONDAY, {0}) == date(2026, 11, 30)


def test_nobody_comes_on_a_closed_day():
    assert next_delivery(MONDAY, {1, 4}, closed=[date(2026, 11, 24)]) == date(2026, 11, 27)


def test_a_van_that_never_comes_is_refused():
    with pytest.raises(ValueError, match="at least one weekday"):
        next_delivery(MONDAY, [])


def test_gaps_are_counted_in_days():
    assert days_between([date(2026, 12, 1), MONDAY, date(2026, 11, 26)]) == [3, 5]
    assert days_between([MONDAY]) == []
