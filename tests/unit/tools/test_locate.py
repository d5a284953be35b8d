"""Where a failing test points, on real projects whose tests are really run by pytest and unittest."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools.locate import locate
from workspace.failures import parse
from workspace.output import normalise

SHOP = {
    "shop/__init__.py": "from shop.prices import total\n",
    "shop/prices.py": (
        "from shop import rounding\n\n\n"
        "def total(prices):\n"
        "    return rounding.whole(sum(prices)) + 1\n\n\n"
        "def cheapest(prices):\n"
        '    """The lowest price."""\n'
        "    raise NotImplementedError\n"
    ),
    "shop/rounding.py": "def whole(number):\n    return int(number)\n\n\ndef halves(number):\n    ...\n",
    "shop/cart.py": (
        "from shop.rounding import halves\n\n\n"
        "class Basket:\n"
        "    def count(self):\n"
        "        return len(self.items) + 1\n\n\n"
        "class Cart(Basket):\n"
        "    def __init__(self, items=()):\n"
        "        self.items = list(items)\n\n"
        "    @property\n"
        "    def half(self):\n"
        "        return halves(len(self.items))\n\n"
        "    def take(self, item):\n"
        "        self._check(item)\n"
        "        self.items.remove(item)\n\n"
        "    def _check(self, item):\n"
        "        if item in self.items:\n"
        "            raise KeyError(item)\n"
    ),
}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A small project without tests."""
    return write(tmp_path, SHOP)


def write(tree: Path, files: dict[str, str]) -> Path:
    """Put files below a folder."""
    for name, text in files.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(text)
    return tree


def output_of(tree: Path, *command: str) -> str:
    """What a test run prints, as prompts and events hold it."""
    line = [sys.executable, "-B", "-m", *command]
    environment = {"PATH": os.environ["PATH"], "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(line, cwd=tree, env=environment, capture_output=True, text=True, check=False)
    return normalise(done.stdout + done.stderr, tree)


def places(tree: Path, test: str, *, style: str = "short") -> list[str]:
    """Where every failing test of the named file points, as ``path:function``."""
    output = output_of(tree, "pytest", "-q", "-rfE", f"--tb={style}", "-p", "no:cacheprovider")
    (failing,) = (name for name in parse(output) if name.startswith(test))
    return [f"{place.path}:{place.function}" for place in locate(tree, failing, output)]


@pytest.mark.parametrize("style", ["short", "long", "native"])
def test_an_exception_points_at_the_innermost_project_function(shop: Path, style: str) -> None:
    """The frame that raised comes first, then its callers, whatever the style of the traceback."""
    write(
        shop, {"tests/test_cart.py": "from shop.cart import Cart\n\ndef test_take():\n    Cart(['tea']).take('tea')\n"}
    )
    found = places(shop, "tests/test_cart.py", style=style)
    assert found[:2] == ["shop/cart.py:Cart._check", "shop/cart.py:Cart.take"]


def test_a_wrong_value_points_at_what_the_failing_line_calls(shop: Path) -> None:
    """Without a project frame the failing line's own names come before the test's others, then what they call."""
    test = (
        "from shop import prices\nfrom shop.prices import total as pay\n\n"
        "def test_total():\n    assert prices.rounding.whole(2.5) == 2\n    assert pay([1, 2]) == 3\n"
    )
    write(shop, {"tests/test_prices.py": test})
    assert places(shop, "tests/test_prices.py") == ["shop/prices.py:total", "shop/rounding.py:whole"]


def test_a_name_is_followed_through_a_package_that_exports_it(shop: Path) -> None:
    """``from shop import total`` is found in the module that defines it."""
    write(shop, {"tests/test_it.py": "import shop\n\ndef test_total():\n    assert shop.total([1]) == 1\n"})
    assert places(shop, "tests/test_it.py")[0] == "shop/prices.py:total"


def test_an_unwritten_function_that_is_called_comes_before_a_written_one(shop: Path) -> None:
    """One step of indirection: the body ``...`` of what a property calls is likelier wrong than the property."""
    write(
        shop,
        {"tests/test_half.py": "from shop.cart import Cart\n\ndef test_half():\n    assert Cart('ab').half == 1\n"},
    )
    found = places(shop, "tests/test_half.py")
    assert found[0] == "shop/rounding.py:halves"
    assert "shop/cart.py:Cart.half" in found


def test_an_inherited_method_is_found_in_its_base_class(shop: Path) -> None:
    """``Cart.count`` stands in ``Basket``."""
    write(
        shop, {"tests/test_n.py": "from shop.cart import Cart\n\ndef test_n():\n    assert Cart('ab').count() == 2\n"}
    )
    assert places(shop, "tests/test_n.py")[0] == "shop/cart.py:Basket.count"


def test_fixtures_and_helpers_of_the_test_are_looked_into(shop: Path) -> None:
    """What a fixture of a conftest and a helper of the test file name counts as named by the test."""
    write(
        shop,
        {
            "tests/conftest.py": (
                "import pytest\nfrom shop.cart import Cart\n\n@pytest.fixture\ndef cart():\n    return Cart()\n"
            ),
            "tests/test_h.py": (
                "from shop.prices import total\n\n"
                "def pay(x):\n    return total([x])\n\ndef test_pay(cart):\n    assert pay(2) == 2\n"
            ),
        },
    )
    assert {"shop/prices.py:total", "shop/cart.py:Cart.__init__"} <= set(places(shop, "tests/test_h.py"))


def test_a_parametrised_test_in_a_class_has_its_own_report(shop: Path) -> None:
    """Of two failing tests each gets the frames of its own report, brackets and colons in the id included."""
    test = (
        "import pytest\nfrom shop.cart import Cart\nfrom shop.prices import cheapest\n\n"
        "class TestBoth:\n"
        "    @pytest.mark.parametrize('x', ['a::b'])\n"
        "    def test_cheapest(self, x):\n        cheapest([x])\n\n"
        "    def test_take(self):\n        Cart(['tea']).take('tea')\n"
    )
    write(shop, {"tests/test_both.py": test})
    assert places(shop, "tests/test_both.py::TestBoth::test_cheapest")[0] == "shop/prices.py:cheapest"
    assert places(shop, "tests/test_both.py::TestBoth::test_take")[0] == "shop/cart.py:Cart._check"


def test_the_source_folder_layout_is_understood(tmp_path: Path) -> None:
    """A package below ``src`` is found, also by a relative import inside it."""
    write(
        tmp_path,
        {
            "pyproject.toml": "[tool.pytest.ini_options]\npythonpath = ['src']\n",
            "src/app/__init__.py": "",
            "src/app/a.py": "from .b import inner\n\ndef outer():\n    return inner()\n",
            "src/app/b.py": "def inner():\n    pass\n",
            "test_a.py": "from app.a import outer\n\ndef test_outer():\n    assert outer() == 1\n",
        },
    )
    assert places(tmp_path, "test_a.py") == ["src/app/b.py:inner", "src/app/a.py:outer"]


def test_unittest_ids_and_reports_are_read(shop: Path) -> None:
    """A test of unittest, started inside the tests' folder, with a set-up method."""
    test = (
        "import unittest\nfrom shop.prices import cheapest\nfrom shop.cart import Cart\n\n"
        "class Prices(unittest.TestCase):\n"
        "    def setUp(self):\n        self.cart = Cart()\n\n"
        "    def test_cheapest(self):\n        self.assertEqual(cheapest([2, 1]), 1)\n"
    )
    write(shop, {"tests/__init__.py": "", "tests/test_u.py": test})
    for command in (["discover"], ["discover", "-s", "tests", "-t", "."]):
        output = output_of(shop, "unittest", *command)
        (failing,) = parse(output)
        found = [f"{place.path}:{place.function}" for place in locate(shop, failing, output)]
        assert found == ["shop/prices.py:cheapest", "shop/cart.py:Cart.__init__"]


def test_the_line_is_that_of_the_definition(shop: Path) -> None:
    """Lines count from 1 and name the ``def``."""
    write(shop, {"tests/test_c.py": "from shop.prices import cheapest\n\ndef test_c():\n    cheapest([])\n"})
    output = output_of(shop, "pytest", "-q", "-rfE", "-p", "no:cacheprovider")
    assert locate(shop, "tests/test_c.py::test_c", output)[0].line == 8


def test_two_modules_that_star_import_each_other_end(tmp_path: Path) -> None:
    """A cycle of star imports is read once, and the name behind it is found."""
    write(
        tmp_path,
        {
            "a.py": "from b import *\n\ndef one():\n    return 2\n",
            "b.py": "from a import *\n",
            "test_s.py": "from b import *\n\ndef test_one():\n    assert one() == 1\n",
        },
    )
    assert [p.function for p in locate(tmp_path, "test_s.py::test_one", "")] == ["one"]


def test_nothing_is_named_where_nothing_is_known(shop: Path) -> None:
    """An unknown test, an unreadable file and paths outside the tree give no location and no error."""
    write(shop, {"tests/test_bad.py": "def test_x(:\n"})
    outside = f'  File "{Path(subprocess.__file__)}", line 100, in run\n  File "../x.py", line 1, in f\n'
    assert locate(shop, "tests/test_none.py::test_x", outside) == []
    assert locate(shop, "tests/test_bad.py::test_x", outside) == []
    assert locate(shop, "", "") == []
