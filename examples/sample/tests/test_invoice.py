import pytest

from cornershop.invoice import WIDTH, Line, printed, subtotal, total

LINES = [Line("green tea", 2, 450), Line("honey", 1, 799)]


def test_the_subtotal_counts_every_piece():
    assert subtotal(LINES) == 1699
    assert subtotal([]) == 0


def test_without_a_discount_the_full_price_is_paid():
    assert total(LINES) == 1699


def test_a_discount_makes_it_cheaper():
    assert total(LINES, 10) == 1530
    assert total(LINES, 50) == 850
    assert total(LINES, 100) == 0
    assert total([Line("sugar", 3, 99)], 1) == 295


@pytest.mark.parametrize("percent", [-1, 101])
def test_a_discount_stays_between_nothing_and_everything(percent):
    with pytest.raises(ValueError, match="not a discount"):
        total(LINES, percent)


def test_every_printed_row_fills_the_paper():
    rows = printed([*LINES, Line("a jar of very thick chestnut spread", 12, 99999)]).splitlines()
    assert rows[0] == "2 green tea                 9.00"
    assert {len(row) for row in rows} == {WIDTH}
    assert rows[-1].endswith("12,016.87")
