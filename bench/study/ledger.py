"""A ledger: a chain of three steps; a failing test is given for the first of them."""

from bench.study.job import Example, Job, Step

PARSE = '''"""Lines of the ledger: date, account and amount, as in `2026-03-01 food -12.50`."""


def is_comment(line):
    """Whether a line holds nothing but a remark."""
    return line.lstrip().startswith("#")
'''

PARSE_RIGHT = (
    PARSE
    + '''

def parse(text):
    """The entries of a ledger: (date, account, cents); comments and empty lines are left out."""
    entries = []
    for line in text.splitlines():
        if not line.strip() or is_comment(line):
            continue
        date, account, amount = line.split()
        sign = -1 if amount.startswith("-") else 1
        whole, _, part = amount.lstrip("-").partition(".")
        entries.append((date, account, sign * (int(whole) * 100 + int(part.ljust(2, "0")))))
    return entries
'''
)

BALANCE_RIGHT = '''"""Sums over the ledger."""

from ledger.parse import parse


def balances(text):
    """The sum of each account in cents; an account with the sum nought is left out."""
    sums = {}
    for _, account, cents in parse(text):
        sums[account] = sums.get(account, 0) + cents
    return {account: cents for account, cents in sums.items() if cents != 0}
'''

REPORT_RIGHT = '''"""The ledger for people."""

from ledger.balance import balances


def report(text):
    """One line for each account, by name: the name, a colon, and the amount with two digits after the point."""
    lines = []
    for account, cents in sorted(balances(text).items()):
        sign = "-" if cents < 0 else ""
        lines.append(f"{account}: {sign}{abs(cents) // 100}.{abs(cents) % 100:02d}")
    return lines
'''

JOB = Job(
    "ledger",
    "Make the ledger readable, in three steps that build on each other:",
    {
        "ledger/__init__.py": "",
        "ledger/parse.py": PARSE,
        "tests/test_comment.py": "import unittest\n\nfrom ledger.parse import is_comment\n\n\n"
        "class TestComment(unittest.TestCase):\n    def test_comment(self):\n"
        '        self.assertTrue(is_comment("  # rent"))\n        self.assertFalse(is_comment("rent"))\n',
        "README.md": "# ledger\n\nA ledger in plain text.\n",
    },
    (
        Step(
            "parse-lines",
            "Read the ledger",
            "Add `parse(text)` to ledger/parse.py: a list of (date, account, cents) for each line such "
            "as '2026-03-01 food -12.5', which gives ('2026-03-01', 'food', -1250); comments and empty lines are left "
            "out.",
            {"ledger/parse.py": PARSE_RIGHT},
            "from ledger.parse import parse",
            (
                Example("parse('2026-03-01 food -12.5')", "[('2026-03-01', 'food', -1250)]"),
                Example("parse('# x\\n\\n2026-03-02 pay 3.07\\n')", "[('2026-03-02', 'pay', 307)]"),
            ),
            (
                Example("parse('')", "[]"),
                Example("parse('a b 1.00\\na b -0.01')", "[('a', 'b', 100), ('a', 'b', -1)]"),
            ),
            given=True,
        ),
        Step(
            "sum-accounts",
            "Sum up the accounts",
            "Add ledger/balance.py with `balances(text)`: the sum in cents of each account of the ledger's text, read "
            "by `parse`, as a dictionary; accounts whose sum is nought are left out. "
            "`balances('d food 1.00\\nd food 2.50\\nd pay 1.00\\nd pay -1.00')` is {'food': 350}.",
            {"ledger/balance.py": BALANCE_RIGHT},
            "from ledger.balance import balances",
            (
                Example("balances('d food 1.00\\nd food 2.50')", "{'food': 350}"),
                Example("balances('d pay 1.00\\nd pay -1.00')", "{}"),
            ),
            (
                Example("balances('')", "{}"),
                Example("balances('d a 1.00\\nd b -2.00\\nd a 0.05')", "{'a': 105, 'b': -200}"),
            ),
            depends_on=("parse-lines",),
        ),
        Step(
            "print-report",
            "Print the report",
            "Add ledger/report.py with `report(text)`: one line for each account of `balances`, sorted by name, as in "
            "'food: 3.50' and 'rent: -700.05'.",
            {"ledger/report.py": REPORT_RIGHT},
            "from ledger.report import report",
            (
                Example("report('d food 3.50')", "['food: 3.50']"),
                Example("report('d rent -700.05\\nd food 3.50')", "['food: 3.50', 'rent: -700.05']"),
            ),
            (
                Example("report('d a 0.07\\nd b 0.10')", "['a: 0.07', 'b: 0.10']"),
                Example("report('d z 1.00\\nd a -0.50')", "['a: -0.50', 'z: 1.00']"),
            ),
            depends_on=("sum-accounts",),
        ),
    ),
)
