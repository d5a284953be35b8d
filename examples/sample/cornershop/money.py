"""Money: amounts in whole cents, as people write them and as they share them."""


def parse_price(text: str) -> int:
    """Read a price such as ``12.50``, ``12,50``, ``€ 3`` or ``1.5`` as cents.

    Raises ValueError for anything else.
    """
    cleaned = text.replace("€", "").strip().replace(",", ".")
    whole, dot, cents = cleaned.partition(".")
    if not whole.isdigit() or (dot and not cents.isdigit()) or len(cents) > 2:
        raise ValueError(f"not a price: {text!r}")
    return int(whole) * 100 + int(cents.ljust(2, "0"))


def format_price(cents: int) -> str:
    """Show an amount: ``1234567`` is ``12,345.67``, ``-5`` is ``-0.05``."""
    sign = "-" if cents < 0 else ""
    whole, rest = divmod(abs(cents), 100)
    return f"{sign}{whole:,}.{rest:02d}"


def split_evenly(cents: int, people: int) -> list[int]:
    """Split an amount between people so that the shares differ by at most one cent.

    The shares add up to the amount, and the larger ones come first:
    ``split_evenly(100, 3)`` is ``[34, 33, 33]``.
    """
    share, rest = divmod(cents, people)
    return [share + 1] * rest + [share] * (people - rest)
