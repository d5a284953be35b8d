from cornershop.sales import best_sellers, sold

SALES = [("tea", 2), ("honey", 1), ("tea", 3), ("bread", 5)]


def test_pieces_are_counted_by_product():
    assert sold(SALES) == {"tea": 5, "honey": 1, "bread": 5}
    assert sold([("tea", 2), ("tea", -2)]) == {"tea": 0}
    assert sold([]) == {}


def test_the_best_seller_comes_first():
    assert best_sellers(SALES, 2) == ["bread", "tea"]
    assert best_sellers(SALES, 9) == ["bread", "tea", "honey"]
    assert best_sellers([], 3) == []
