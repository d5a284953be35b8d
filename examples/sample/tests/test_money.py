import pytest

from cornershop.money import format_price, parse_price, split_evenly


@pytest.mark.parametrize(
    ("text", "cents"), [("12.50", 1250), ("12,50", 1250), ("€ 3", 300), (" 1.5 ", 150), ("0.05", 5)]
)
def test_prices_are_read_as_people_write_them(text, cents):
    assert parse_price(text) == cents


@pytest.mark.parametrize("text", ["", "free", "1.234", "-2", "1.2.3", "3."])
def test_what_is_no_price_is_refused(text):
    with pytest.raises(ValueError, match="not a price"):
        parse_price(text)


def test_amounts_are_shown_with_thousands_and_two_decimals():
    assert format_price(1234567) == "12,345.67"
    assert format_price(-5) == "-0.05"
    assert format_price(0) == "0.00"


def test_a_bill_is_split_to_the_cent():
    assert split_evenly(100, 3) == [34, 33, 33]
    assert split_evenly(100, 4) == [25, 25, 25, 25]
    assert split_evenly(11, 4) == [3, 3, 3, 2]
    assert split_evenly(2, 3) == [1, 1, 0]
    assert split_evenly(0, 2) == [0, 0]
    assert sum(split_evenly(9999, 7)) == 9999
