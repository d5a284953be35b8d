"""A shop: three independent steps; failing tests are given for two of them."""

from bench.study.job import Example, Job, Step

PRICE = '''"""Prices in cents."""


def net(gross, percent):
    """The price without a tax of so many percent, rounded to the nearest cent."""
    return gross * percent // 100


def gross(net_price, percent):
    """The price with the tax."""
    return net_price + net_price * percent // 100
'''

PRICE_RIGHT = PRICE.replace(
    "    return gross * percent // 100\n", "    return (gross * 100 + (100 + percent) // 2) // (100 + percent)\n"
)

STOCK = '''"""What lies in the store, by article."""


def total(stock):
    """How many pieces there are in all."""
    return sum(stock.values())
'''

STOCK_RIGHT = (
    STOCK
    + '''

def reorder(stock, minimum):
    """What must be ordered so that every article has at least `minimum` pieces."""
    missing = {}
    for article, count in stock.items():
        if count < minimum:
            missing[article] = minimum - count
    return missing
'''
)

LABEL = '''"""Labels on the shelf."""


def money(cents):
    """An amount as it is printed."""
    return f"{cents // 100}.{cents % 100:02d}"
'''

LABEL_RIGHT = (
    LABEL
    + '''

def label(name, cents, width):
    """Name and price in one line of `width` characters; a name that is too long ends with a dot."""
    price = money(cents)
    room = width - len(price) - 1
    if len(name) > room:
        name = name[: room - 1] + "."
    return name.ljust(room) + " " + price
'''
)

JOB = Job(
    "shop",
    "The shop's till needs three things:",
    {
        "shop/__init__.py": "",
        "shop/price.py": PRICE,
        "shop/stock.py": STOCK,
        "shop/labels.py": LABEL,
        "tests/test_money.py": "import unittest\n\nfrom shop.labels import money\nfrom shop.stock import total\n\n\n"
        "class TestMoney(unittest.TestCase):\n    def test_money(self):\n"
        '        self.assertEqual(money(1205), "12.05")\n\n'
        "    def test_total(self):\n        self.assertEqual(total({'a': 2, 'b': 3}), 5)\n",
        "README.md": "# till\n\nPrices, stock and labels of a small shop.\n",
    },
    (
        Step(
            "net-price",
            "Repair the net price",
            "`net(gross, percent)` in shop/price.py is wrong: it must give the price without the tax, rounded to the "
            "nearest cent, so that `net(120, 20)` is 100 and `net(1999, 19)` is 1680.",
            {"shop/price.py": PRICE_RIGHT},
            "from shop.price import net",
            (Example("net(120, 20)", "100"), Example("net(1999, 19)", "1680"), Example("net(0, 7)", "0")),
            (Example("net(107, 7)", "100"), Example("net(50, 0)", "50"), Example("net(999, 19)", "839")),
            given=True,
        ),
        Step(
            "reorder",
            "List what must be ordered",
            "Add `reorder(stock, minimum)` to shop/stock.py: for every article with fewer than `minimum` pieces how "
            "many are missing; `reorder({'nut': 2, 'bolt': 9}, 5)` is {'nut': 3}, and an article with exactly the "
            "minimum is left out.",
            {"shop/stock.py": STOCK_RIGHT},
            "from shop.stock import reorder",
            (
                Example("reorder({'nut': 2, 'bolt': 9}, 5)", "{'nut': 3}"),
                Example("reorder({'nut': 5}, 5)", "{}"),
                Example("reorder({}, 5)", "{}"),
            ),
            (
                Example("reorder({'a': 0, 'b': 1, 'c': 2}, 2)", "{'a': 2, 'b': 1}"),
                Example("reorder({'a': 7, 'b': 6}, 7)", "{'b': 1}"),
            ),
            given=True,
        ),
        Step(
            "shelf-label",
            "Print shelf labels",
            "Add `label(name, cents, width)` to shop/labels.py: the name on the left and the price of `money` on the "
            "right of a line of `width` characters; a name that leaves no space before the price is cut and ends with "
            "a dot. `label('Nut', 205, 10)` is 'Nut   2.05' and `label('Carriage bolt', 205, 10)` is 'Carr. 2.05'.",
            {"shop/labels.py": LABEL_RIGHT},
            "from shop.labels import label",
            (
                Example("label('Nut', 205, 10)", "'Nut   2.05'"),
                Example("label('Carriage bolt', 205, 10)", "'Carr. 2.05'"),
            ),
            (
                Example("label('Bolts', 205, 10)", "'Bolts 2.05'"),
                Example("label('Washer', 12345, 12)", "'Wash. 123.45'"),
                Example("len(label('x' * 40, 1, 20))", "20"),
            ),
        ),
    ),
)
