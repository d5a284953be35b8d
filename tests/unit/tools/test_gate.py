"""The gate: what is refused before a test is spent on it, each with its reason."""

import pytest

from tools.functions import Target
from tools.gate import fingerprint, gate

SOURCE = '''"""Doc."""

import os
from shop import prices

LIMIT = 3


def deco(f):
    return f


class Till:
    size = 1

    @deco
    def take(self, amount: int, *rest, fast=False, **more) -> int:
        """Doc."""
        if amount > LIMIT:
            return 0
        return amount - 1


def after():
    return 1
'''
OLD = "return amount - 1"


def refusal(new: str, old: str = OLD, source: str = SOURCE, function: str = "Till.take") -> str | None:
    """What the gate says to a candidate in which ``old`` reads ``new``."""
    assert old in source
    return gate(Target.of(source, function), source.replace(old, new))


def test_a_change_inside_the_function_passes() -> None:
    """The plain case, a local pure import and one that the file has included."""
    assert refusal("return amount") is None
    assert refusal("import math\n        return math.floor(amount)") is None
    assert refusal("import os\n        return os.cpu_count()") is None


def test_a_new_pure_import_above_passes() -> None:
    """Imports at the top are the one thing outside the function that a candidate may add."""
    candidate = SOURCE.replace("import os\n", "import os\nimport math\n").replace(OLD, "return math.floor(amount)")
    assert gate(Target.of(SOURCE, "Till.take"), candidate) is None


@pytest.mark.parametrize(
    ("new", "old", "reason"),
    [
        ("return (", OLD, "does not parse"),
        ("def took(", "def take(", "Till.take is gone"),
        ("amount - 1  # same", "amount - 1", "unchanged"),
        ("def take(self, count: int,", "def take(self, amount: int,", "parameters changed"),
        ("amount, *rest", "amount: int, *rest", "parameters changed"),
        ("fast, **more", "fast=False, **more", "parameters changed"),
        ("*others,", "*rest,", "parameters changed"),
        ("-> float:", "-> int:", "something outside the function changed"),
        ("", "    @deco\n", "decorators changed"),
        ("async def take", "def take", "async changed"),
        ("LIMIT = 4", "LIMIT = 3", "something outside the function changed"),
        ("size = 2", "size = 1", "something outside the function changed"),
        (f"{OLD}\n\n\nprint(1)", OLD, "something outside the function changed"),
        (f"{OLD}\n\n    def more(self):\n        return 2", OLD, "something outside the function changed"),
        ("import subprocess\n        return 1", OLD, "imports subprocess"),
        ("from os import path\n        from os.path import join\n        return 1", OLD, "imports os.path"),
        ("from . import secret\n        return 1", OLD, "imports ."),
        ("return eval('1')", OLD, "uses eval"),
        ("return [exec][0]('1')", OLD, "uses exec"),
        ("return __import__('os')", OLD, "uses __import__"),
        ("return len(open('x').read())", OLD, "uses open"),
        (f"{OLD}\n        return 2", OLD, "never reached"),
        ("for x in rest:\n            break\n            x = 1\n        return 2", OLD, "never reached"),
        ("raise ValueError\n        amount = 1", OLD, "never reached"),
    ],
)
def test_what_may_not_be_is_refused_with_its_reason(new: str, old: str, reason: str) -> None:
    """One rule each."""
    assert reason in (refusal(new, old) or "")


def test_a_default_may_take_another_value() -> None:
    """A wrong default is a fault like any other; that it is there stays."""
    assert refusal("fast=True", "fast=False") is None


def test_what_the_original_did_stays_allowed() -> None:
    """A function that opened files may go on, and one with a dead line may keep it."""
    source = "def f(p):\n    return open(p).read()\n    x = 1\n"
    assert refusal("open(p, 'rb')", "open(p)", source, "f") is None


def test_a_change_in_layout_or_comments_is_no_change() -> None:
    """Only what runs counts."""
    assert refusal("return (amount\n                -1)") == "unchanged"


def test_a_candidate_that_was_tried_is_refused() -> None:
    """Equal but for comments means tried; another import makes it another candidate."""
    target = Target.of(SOURCE, "Till.take")
    candidate = SOURCE.replace(OLD, "return amount")
    seen = {fingerprint(target, candidate)}
    assert gate(target, candidate.replace("return amount", "return amount  # at last"), seen) == "tried before"
    assert gate(target, candidate.replace("import os\n", "import os\nimport math as prices\n"), seen) is None


def test_the_gate_leaves_the_target_as_it_was() -> None:
    """Asking twice gives the same answer."""
    target = Target.of(SOURCE, "Till.take")
    candidate = SOURCE.replace(OLD, "return amount")
    assert [gate(target, candidate) for _ in range(2)] == [None, None]
