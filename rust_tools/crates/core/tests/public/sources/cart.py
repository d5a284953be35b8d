"""A shopping cart: lines, discounts and their total."""

from dataclasses import dataclass, field
from decimal import Decimal

from shop.rates import rate_for as rate

LIMIT: int = 100


@dataclass
class Line:
    """One product and how many of it."""

    price: Decimal
    count: int = 1

    @property
    def total(self) -> Decimal:
        """What the line costs."""
        return self.price * self.count


class Cart:
    """Lines of one customer."""

    def __init__(self, country: str) -> None:
        self.country = country
        self.lines: list[Line] = field(default_factory=list)

    async def add(
        self,
        line: Line,
        *,
        check: bool = True,
    ) -> None:
        """Put a line in."""
        if check and len(self.lines) >= LIMIT:
            raise ValueError(f"{LIMIT} lines at most, total {self.total()}")
        self.lines.append(line)

    def total(self) -> Decimal:
        """What the cart costs."""

        # the total before tax
        def with_tax(amount: Decimal) -> Decimal:
            return amount * (1 + rate(self.country))

        return with_tax(sum((line.total for line in self.lines), Decimal()))


def show(cart: Cart) -> str:
    """The total for people."""
    total = cart.total()
    return f"total: {total:.2f}"
