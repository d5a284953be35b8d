"""Sales: what goes over the counter, as pairs of product and pieces."""

from collections.abc import Iterable


def sold(sales: Iterable[tuple[str, int]]) -> dict[str, int]:
    """How many pieces of each product were sold in all.

    ``sold([("tea", 2), ("honey", 1), ("tea", 3)])`` is ``{"tea": 5, "honey": 1}``.
    """
    raise NotImplementedError


def best_sellers(sales: Iterable[tuple[str, int]], places: int) -> list[str]:
    """The products of which most pieces were sold, the best first; equally good ones by name."""
    counts = sold(sales)
    return sorted(counts, key=lambda product: (-counts[product], product))[:places]
