"""A small Python package, a request with four requirements, and what a scripted model says about it.

Two independent tasks change the same line, so that the second one's merge conflicts; one task is wrong at first.
"""

import json

from tests.modelserver.scenario import Rule, Scenario, contains

FILES = {
    "ledger/__init__.py": '"""Accounts and money in cents."""\n\n__all__ = ["Account", "cents"]\n\n'
    "from ledger.accounts import Account\nfrom ledger.money import cents\n",
    "ledger/money.py": '''"""Money as whole cents."""


def cents(text: str) -> int:
    """Cents of an amount such as "12.50"."""
    whole, _, part = text.partition(".")
    return int(whole) * 100 + int((part + "00")[:2])
''',
    "ledger/accounts.py": '''"""Accounts."""


class Account:
    """A named balance in cents."""

    def __init__(self, name: str, balance: int = 0) -> None:
        self.name = name
        self.balance = balance

    def deposit(self, amount: int) -> None:
        """Add an amount."""
        self.balance += amount
''',
    "ledger/report.py": '''"""Reports over entries: pairs of an ISO date and an amount in cents."""


def total(entries: list[tuple[str, int]]) -> int:
    """Sum of all amounts."""
    return sum(amount for _, amount in entries)
''',
    "tests/test_ledger.py": """from ledger import Account, cents
from ledger.report import total


def test_cents():
    assert cents("12.5") == 1250


def test_deposit():
    account = Account("a")
    account.deposit(5)
    assert account.balance == 5


def test_total():
    assert total([("2026-01-02", 3), ("2026-02-01", 4)]) == 7
""",
    "pyproject.toml": '[project]\nname = "ledger"\nversion = "1"\n\n[tool.pytest.ini_options]\npythonpath = ["."]\n',
}

REQUEST = """Extend the ledger package:
- add `split(amount, parts)` to ledger/money.py: equal shares in cents, the remainder to the first ones; export it
- add `Account.transfer(other, amount)`: moves money, ValueError when the balance is too small; export `TransferError`
- add `monthly(entries)` to ledger/report.py: a dict from "YYYY-MM" to the sum of that month
- add `summary(entries, parts)` to ledger/report.py: the monthly sums, each split into equal parts
"""

PLAN = {
    "tasks": [
        {
            "id": "split",
            "title": "Split an amount",
            "goal": "ledger.money.split(amount, parts) returns a list of equal shares in cents; the remainder goes to "
            "the first shares. It is exported by ledger.",
            "files": ["ledger/money.py", "ledger/__init__.py"],
            "depends_on": [],
            "covers": ["R1"],
        },
        {
            "id": "transfer",
            "title": "Transfer between accounts",
            "goal": "Account.transfer(other, amount) moves money and raises TransferError, a ValueError that ledger "
            "exports, when the balance is too small.",
            "files": ["ledger/accounts.py", "ledger/__init__.py"],
            "depends_on": [],
            "covers": ["R2"],
        },
        {
            "id": "monthly",
            "title": "Sums per month",
            "goal": 'ledger.report.monthly(entries) returns a dict from "YYYY-MM" to the sum of that month.',
            "files": ["ledger/report.py"],
            "depends_on": [],
            "covers": ["R3"],
        },
        {
            "id": "summary",
            "title": "Monthly sums in parts",
            "goal": "ledger.report.summary(entries, parts) returns the monthly sums, each split into equal parts.",
            "files": ["ledger/report.py"],
            "depends_on": ["split", "monthly"],
            "covers": ["R4"],
        },
    ]
}


def file(path: str, text: str) -> str:
    """A fenced whole file, as the reviewer answers."""
    return f"{path}\n```python\n{text}```\n"


def block(path: str, search: str, replace: str) -> str:
    """One SEARCH/REPLACE block."""
    return f"{path}\n```\n<<<<<<< SEARCH\n{search}=======\n{replace}>>>>>>> REPLACE\n```\n"


TESTS = {
    "split": "from ledger import split\n\n\ndef test_shares_differ_by_at_most_one_cent():\n"
    "    assert split(10, 3) == [4, 3, 3]\n    assert split(9, 3) == [3, 3, 3]\n",
    "transfer": "import pytest\n\nfrom ledger import Account, TransferError\n\n\ndef test_money_moves():\n"
    '    a, b = Account("a", 5), Account("b")\n    a.transfer(b, 3)\n    assert (a.balance, b.balance) == (2, 3)\n\n\n'
    'def test_overdraft():\n    with pytest.raises(TransferError):\n        Account("a").transfer(Account("b"), 2)\n',
    "monthly": "from ledger.report import monthly\n\n\ndef test_sums_per_month():\n"
    '    entries = [("2026-01-02", 3), ("2026-01-09", 1), ("2026-02-01", 4)]\n'
    '    assert monthly(entries) == {"2026-01": 4, "2026-02": 4}\n',
    "summary": "from ledger.report import summary\n\n\ndef test_parts_of_months():\n"
    '    assert summary([("2026-01-02", 10)], 3) == {"2026-01": [4, 3, 3]}\n',
}

EXPORTS = '__all__ = ["Account", "cents"]\n'

SPLIT = (
    block(
        "ledger/money.py",
        '    return int(whole) * 100 + int((part + "00")[:2])\n',
        '    return int(whole) * 100 + int((part + "00")[:2])\n\n\n'
        "def split(amount: int, parts: int) -> list[int]:\n"
        '    """Equal shares in cents; the remainder goes to the first ones."""\n'
        "    share, rest = divmod(amount, parts)\n"
        "    return [share + 1] * rest + [share] * (parts - rest)\n",
    )
    + block("ledger/__init__.py", EXPORTS, '__all__ = ["Account", "cents", "split"]\n')
    + block("ledger/__init__.py", "from ledger.money import cents\n", "from ledger.money import cents, split\n")
)

TRANSFER = block(
    "ledger/accounts.py",
    '"""Accounts."""\n',
    '"""Accounts."""\n\n\nclass TransferError(ValueError):\n    """The balance is too small."""\n',
) + block(
    "ledger/accounts.py",
    '        """Add an amount."""\n        self.balance += amount\n',
    '        """Add an amount."""\n        self.balance += amount\n\n'
    '    def transfer(self, other: "Account", amount: int) -> None:\n'
    '        """Move an amount to another account."""\n'
    "        if amount > self.balance:\n"
    '            raise TransferError(f"{self.name} holds {self.balance}, not {amount}")\n'
    "        self.balance -= amount\n        other.deposit(amount)\n",
)

TRANSFER_FIRST = TRANSFER + block(
    "ledger/__init__.py",
    EXPORTS + "\nfrom ledger.accounts import Account\n",
    '__all__ = ["Account", "TransferError", "cents"]\n\nfrom ledger.accounts import Account, TransferError\n',
)

TRANSFER_AGAIN = TRANSFER + block(
    "ledger/__init__.py",
    '__all__ = ["Account", "cents", "split"]\n\nfrom ledger.accounts import Account\n',
    '__all__ = ["Account", "TransferError", "cents", "split"]\n\nfrom ledger.accounts import Account, TransferError\n',
)

TOTAL = "    return sum(amount for _, amount in entries)\n"

MONTHLY_WRONG = block(
    "ledger/report.py",
    TOTAL,
    TOTAL + "\n\ndef monthly(entries: list[tuple[str, int]]) -> dict[str, int]:\n"
    '    """Sums per month."""\n    sums: dict[str, int] = {}\n    for date, amount in entries:\n'
    "        sums[date[:4]] = sums.get(date[:4], 0) + amount\n    return sums\n",
)

MONTHLY_FIX = block(
    "ledger/report.py",
    "        sums[date[:4]] = sums.get(date[:4], 0) + amount\n",
    "        sums[date[:7]] = sums.get(date[:7], 0) + amount\n",
)

SUMMARY = block(
    "ledger/report.py",
    '"""Reports over entries: pairs of an ISO date and an amount in cents."""\n',
    '"""Reports over entries: pairs of an ISO date and an amount in cents."""\n\nfrom ledger.money import split\n',
) + block(
    "ledger/report.py",
    "    return sums\n",
    "    return sums\n\n\ndef summary(entries: list[tuple[str, int]], parts: int) -> dict[str, list[int]]:\n"
    '    """Monthly sums in equal parts."""\n'
    "    return {month: split(amount, parts) for month, amount in monthly(entries).items()}\n",
)

PROJECT = json.dumps({"kind": "project", "title": "Extend the ledger"})
ACCEPT = json.dumps({"accept": True, "findings": []})


def scenario() -> Scenario:
    """The scripted model of this request; the answer depends on who asks, about which task, and what it was shown."""
    rules = [
        Rule(PROJECT, role="orchestrator", name="classify"),
        Rule(json.dumps(PLAN), role="planner", name="plan"),
        Rule(ACCEPT, role="reviewer", when=contains("Checks that passed"), name="accept"),
    ]
    goals = {t["id"]: t["goal"] for t in PLAN["tasks"]}
    for name, text in TESTS.items():
        rules.append(Rule(file("tests/x.py", text), role="reviewer", when=contains(goals[name]), name=f"test {name}"))
    again = contains(goals["transfer"], "done once before")
    rules += [
        Rule(TRANSFER_AGAIN, role="coder", when=again, name="code transfer again"),
        Rule(SPLIT, role="coder", when=contains(goals["split"]), name="code split"),
        Rule(TRANSFER_FIRST, role="coder", when=contains(goals["transfer"]), name="code transfer"),
        Rule(MONTHLY_WRONG, role="coder", when=contains(goals["monthly"]), name="code monthly, by year"),
        Rule(MONTHLY_FIX, role="fixer", when=contains(goals["monthly"], "assert"), name="fix monthly"),
        Rule(SUMMARY, role="coder", when=contains(goals["summary"]), name="code summary"),
    ]
    return Scenario("ledger", rules)
