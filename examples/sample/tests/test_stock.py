import pytest

from cornershop.stock import OutOfStock, Stock


@pytest.fixture
def stock():
    return Stock({"tea": 5, "coffee": 2, "sugar": 9})


def test_a_delivery_is_added(stock):
    stock.receive("tea", 3)
    stock.receive("honey", 1)
    assert (stock.count("tea"), stock.count("honey")) == (8, 1)


def test_what_was_taken_is_gone(stock):
    assert stock.take("sugar", 4) == 5
    assert stock.count("sugar") == 5


def test_the_last_piece_can_be_taken(stock):
    assert stock.take("coffee", 2) == 0
    assert stock.count("coffee") == 0


def test_more_than_there_is_cannot_be_taken(stock):
    with pytest.raises(OutOfStock):
        stock.take("coffee", 3)
    with pytest.raises(OutOfStock):
        stock.take("honey", 1)
    assert stock.count("coffee") == 2


@pytest.mark.parametrize("amount", [0, -1])
def test_nothing_is_no_amount(stock, amount):
    with pytest.raises(ValueError, match="at least one"):
        stock.take("tea", amount)
    with pytest.raises(ValueError, match="at least one"):
        stock.receive("tea", amount)


def test_the_scarcest_is_ordered_first(stock):
    assert stock.to_reorder(9) == ["coffee", "tea"]
    assert stock.to_reorder(10) == ["coffee", "tea", "sugar"]
    assert stock.to_reorder(2) == []
