"""A small project in two languages, with what makes results awkward: a binary file, foreign bytes, a long line."""

from pathlib import Path

FILES = {
    "src/shop/cart.py": '''\
"""Carts and what they cost."""

from shop.tax import rate

LIMIT = 100


class Cart:
    """What a customer wants."""

    def __init__(self, owner: str) -> None:
        self.owner = owner
        self.items: list[tuple[str, float]] = []

    def add(self, name: str, price: float) -> None:
        """Puts one thing in."""
        if len(self.items) >= LIMIT:
            raise ValueError("the cart is full")
        self.items.append((name, price))

    def total(self) -> float:
        """The price of all, with tax."""
        return sum(price for _, price in self.items) * (1 + rate(self.owner))


def receipt(cart: Cart) -> str:
    """What the customer gets to see."""
    return f"{cart.owner}: total {cart.total():.2f}"
''',
    "src/shop/tax.py": '''\
"""Tax."""

RATES = {"de": 0.19, "fr": 0.20}


def rate(owner: str) -> float:
    """The rate for an owner; 0 where none is known."""
    return RATES.get(owner[:2], 0.0)
''',
    "src/shop/__init__.py": '"""A shop."""\n',
    "src/web/rows.ts": """\
import { format } from "./format";

export interface Row { name: string; price: number }

export function total(rows: Row[]): number {
  return rows.reduce((sum, row) => sum + row.price, 0);
}

export const label = (rows: Row[]) => format(total(rows));
""",
    "src/web/format.ts": "export const format = (n: number) => n.toFixed(2);\n",
    "tests/test_cart.py": """\
from shop.cart import Cart, receipt


def test_total() -> None:
    cart = Cart("de1")
    cart.add("tea", 10.0)
    assert round(cart.total(), 2) == 11.9
    assert "total" in receipt(cart)
""",
    "vendor/lib.min.js": f"var total=1;{'x=1;' * 500}var rest=2;\n",
    "README.md": "# Shop\n\nThe total is right.\n",
    ".gitignore": "out/\n",
    "out/log.txt": "total only_in_log\n",
}


def make_shop(root: Path) -> Path:
    """Write the project below ``root``."""
    for path, text in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    (root / "docs").mkdir()
    (root / "docs/logo.png").write_bytes(b"\x89PNG\0\0total")
    (root / "docs/latin1.txt").write_bytes(b"caf\xe9 total\n")
    return root
