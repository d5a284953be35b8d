"""What tests expect of a function, and what of its file a model needs to see, both as text."""

from pathlib import Path

import pytest

from tools.excerpt import MAX_CHARS, after, before, surroundings
from tools.expectations import expectations
from tools.functions import Target
from tools.holes import holes

TESTS = """import pytest
from shop import total, other


@pytest.fixture
def prices():
    return [1, 2]


class TestTotal:
    @pytest.mark.parametrize("more", [[3]])
    def test_sum(self, prices, more):
        assert total(prices + more) == 6


def test_empty():
    assert total([]) == 0


def test_other():
    assert other() == 1
"""

SHOP = '''"""Doc."""

import os
import re
from math import floor as down

LIMIT = 3
UNUSED = 4


def helper(x):
    return x


def stranger(x):
    return x


class Till:
    """A till."""

    size = 1

    def __init__(self):
        self.coins = []

    def other(self):
        return LIMIT

    @property
    def total(self):
        """All coins."""
        return helper(down(sum(self.coins))) + self.rest() + LIMIT

    def rest(self):
        return 0


def later(till):
    return till.total
'''


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A project that is only a test file."""
    (tmp_path / "test_shop.py").write_text(TESTS)
    return tmp_path


def test_the_failing_test_comes_first_then_its_fixtures_then_the_others_about_the_function(tree: Path) -> None:
    """Each once, at the left margin, decorators included; tests of other functions are left out."""
    text = expectations(tree, ["test_shop.py::TestTotal::test_sum[more0]"], "total")
    assert text == (
        '@pytest.mark.parametrize("more", [[3]])\n'
        "def test_sum(self, prices, more):\n    assert total(prices + more) == 6\n\n"
        "@pytest.fixture\ndef prices():\n    return [1, 2]\n\n"
        "def test_empty():\n    assert total([]) == 0\n"
    )


def test_a_test_is_given_whole_or_not_at_all(tree: Path) -> None:
    """The first one always, however little room there is."""
    text = expectations(tree, ["test_shop.py::test_empty"], "Shop.total", limit=1)
    assert text == "def test_empty():\n    assert total([]) == 0\n"


def test_an_unknown_test_expects_nothing(tree: Path) -> None:
    """No text, and no error."""
    assert expectations(tree, ["test_none.py::test_x"], "total") == ""


def test_surroundings_are_what_the_function_uses_and_the_head_of_its_class() -> None:
    """Imports, constants, functions and methods that it names, in the order of the file, as they stand there."""
    text = surroundings(Target.of(SHOP, "Till.total"))
    for part in (
        "from math import floor as down",
        "LIMIT = 3",
        "def helper(x):",
        "class Till:",
        "size = 1",
        "__init__",
        "def rest",
    ):
        assert part in text
    for part in ("import os", "UNUSED", "stranger", "def other", "def total", "later"):
        assert part not in text
    assert text.index("LIMIT") < text.index("helper") < text.index("class Till")


def test_what_is_still_to_be_written_sees_all_constants() -> None:
    """It cannot have named them yet."""
    source = "COINS = (2, 1)\n\n\ndef change(cents):\n    raise NotImplementedError\n"
    assert "COINS" in surroundings(Target.of(source, "change"))


def test_long_surroundings_lose_what_is_farthest() -> None:
    """The budget is kept, and the nearest parts with it."""
    parts = [f"def f{i}():\n    return {'x' * 300!r}\n" for i in range(20)]
    calls = " + ".join(f"f{i}()" for i in range(20))
    text = surroundings(Target.of("\n\n".join(parts) + f"\n\ndef last():\n    return {calls}\n", "last"))
    assert len(text) < MAX_CHARS + 100
    assert "def f19" in text
    assert "def f0" not in text


def test_a_hole_stands_between_the_two_halves_of_its_function() -> None:
    """Nothing below the function is shown: a small model copies it."""
    target = Target.of(SHOP, "Till.total")
    hole = holes(target)[0]
    filled = before(target, hole) + SHOP[hole.start : hole.end] + after(target, hole)
    assert filled.endswith(
        '    @property\n    def total(self):\n        """All coins."""\n        ' + target.lines[-8].strip() + "\n"
    )
