"""Stock: what is on the shelf, and what has to be ordered again."""

from collections.abc import Mapping


class OutOfStock(Exception):
    """More was asked for than there is."""


class Stock:
    """Counts of products by name; a product that was never received has none."""

    def __init__(self, counts: Mapping[str, int] | None = None) -> None:
        self._counts = dict(counts or {})

    def count(self, product: str) -> int:
        """How many there are."""
        return self._counts.get(product, 0)

    def receive(self, product: str, amount: int) -> None:
        """Put a delivery on the shelf."""
        if amount <= 0:
            raise ValueError("a delivery has at least one piece")
        self._counts[product] = self.count(product) + amount

    def take(self, product: str, amount: int) -> int:
        """Take pieces from the shelf and return how many are left; all of them or, with OutOfStock, none."""
        if amount <= 0:
            raise ValueError("at least one piece is taken")
        left = self.count(product) - amount
        if left <= 0:
            raise OutOfStock(f"{product}: {self.count(product)} left, {amount} asked for")
        self._counts[product] = left
        return left

    def to_reorder(self, minimum: int) -> list[str]:
        """Products of which fewer than ``minimum`` are left, the scarcest first, then by name."""
        low = [name for name, count in self._counts.items() if count < minimum]
        return sorted(low, key=lambda name: (self.count(name), name))
