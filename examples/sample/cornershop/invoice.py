"""Invoice: what a customer pays, and how it is printed."""

from collections.abc import Sequence
from dataclasses import dataclass

from cornershop.money import format_price
from cornershop.names import shorten

WIDTH = 32
"""Characters in a line of the till's printer."""


@dataclass(frozen=True)
class Line:
    """Some pieces of one product."""

    product: str
    quantity: int
    unit_price: int

    @property
    def price(self) -> int:
        """The price of all pieces."""
        return self.quantity * self.unit_price


def subtotal(lines: Sequence[Line]) -> int:
    """The price of all lines, before any discount."""
    return sum(line.price for line in lines)


def total(lines: Sequence[Line], discount_percent: int = 0) -> int:
    """What the customer pays: the price of all lines less the discount, which is rounded down to whole cents.

    Raises ValueError for a discount below 0 or above 100 percent.
    """
    if not 0 <= discount_percent <= 100:
        raise ValueError(f"not a discount: {discount_percent} percent")
    full = subtotal(lines)
    discount = full * discount_percent // 100
    return full + discount


def printed(lines: Sequence[Line], discount_percent: int = 0) -> str:
    """The invoice as the till prints it: one row per line, then the total."""
    rows = [row(f"{line.quantity} {line.product}", line.price) for line in lines]
    return "\n".join([*rows, "-" * WIDTH, row("Total", total(lines, discount_percent))])


def row(text: str, cents: int) -> str:
    """A text on the left and an amount on the right of one printed line."""
    amount = format_price(cents)
    return shorten(text, WIDTH - len(amount) - 1).ljust(WIDTH - len(amount)) + amount
