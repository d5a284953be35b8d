"""What test runners print, read back: names of failed tests and the reason why a check is red."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workspace.failures import MOST, parse
from workspace.red import red_reason

PYTEST = """\
..F.E
== FAILURES ==
__ test_total __
tests/test_money.py:12: in test_total
    assert total([10, 20]) == 30
E   assert 20 == 30
== short test summary info ==
FAILED tests/test_money.py::test_total - assert 20 == 30
FAILED tests/test_money.py::TestCart::test_names[a - b: c] - AssertionError: x - y
FAILED tests/test_money.py::test_no_message
ERROR tests/test_names.py - ImportError: cannot import name 'slug'
ERROR tests/test_names.py::test_slug - fixture problem
3 failed, 3 passed, 2 errors
"""

UNITTEST = """\
F.E
======================================================================
FAIL: test_add (tests.test_calc.Sums.test_add)
----------------------------------------------------------------------
Traceback (most recent call last):
  File "tests/test_calc.py", line 4, in test_add
    self.assertEqual(add(1, 2), 3)
AssertionError: -1 != 3
======================================================================
FAIL: test_old (tests.test_calc.Sums) [empty]
======================================================================
ERROR: tests.test_broken (unittest.loader._FailedTest.tests.test_broken)
======================================================================
ERROR: test_broken (unittest.loader._FailedTest.test_broken)
----------------------------------------------------------------------
Ran 3 tests
FAILED (failures=2, errors=1)
"""

GO = """\
ok  	example.com/shop/names
--- FAIL: TestAdd
    --- FAIL: TestAdd/small
        calc_test.go:3: Add(1,2) = -1, want 3
FAIL
FAIL	example.com/shop/calc
# example.com/shop/stock [example.com/shop/stock.test]
stock/stock_test.go:5:9: undefined: Take
FAIL	example.com/shop/stock [build failed]
FAIL
"""

CARGO = """\
test tests::adds ... FAILED
test tests::zero ... ok
test src/lib.rs - add (line 3) ... FAILED

thread 'tests::adds' panicked at src/lib.rs:3:47:
"""

NODE_SPEC = """\
▶ cart
  ✔ is empty
  ✖ sums up
▶ cart
✖ test/load.test.js
\u2139 tests 3
✖ failing tests:

✖ sums up
"""

NODE_TAP = """\
TAP version 13
# Subtest: cart
    # Subtest: sums up
    not ok 1 - sums up
      ---
      failureType: 'testCodeFailure'
      ...
    1..1
not ok 1 - cart
  ---
  failureType: 'subtestsFailed'
  ...
not ok 2 - later # TODO
not ok 3 - alone
  ---
  failureType: 'testCodeFailure'
  ...
"""

JEST = """\
FAIL test/sum.test.js
  \u25cf cart \u203a sums up

    expect(received).toBe(expected)
"""

VITEST = " FAIL  test/sum.test.ts > cart > sums up\nAssertionError: expected 1 to be 2\n"

MAVEN = """\
[ERROR] shop.SumTest.adds -- Time elapsed: 0.01 s <<< FAILURE!
[ERROR] subtracts(shop.SumTest)  Time elapsed: 0.01 s  <<< ERROR!
"""

GRADLE = "SumTest > adds() FAILED\n    org.opentest4j.AssertionFailedError at SumTest.java:9\n"

MAKE = "cc -o x x.c\nmake: *** [Makefile:3: test] Error 1\n"


@pytest.mark.parametrize(
    ("output", "names"),
    [
        (PYTEST, [
            "tests/test_money.py::test_total", "tests/test_money.py::TestCart::test_names[a - b: c]",
            "tests/test_money.py::test_no_message", "tests/test_names.py", "tests/test_names.py::test_slug",
        ]),
        (UNITTEST, [
            "tests.test_calc.Sums.test_add", "tests.test_calc.Sums.test_old", "tests.test_broken", "test_broken",
        ]),
        (GO, ["example.com/shop/calc.TestAdd", "example.com/shop/calc.TestAdd/small", "example.com/shop/stock"]),
        (CARGO, ["tests::adds", "src/lib.rs - add (line 3)"]),
        (NODE_SPEC, ["sums up", "test/load.test.js"]),
        (NODE_TAP, ["sums up", "alone"]),
        (JEST, ["cart \u203a sums up", "test/sum.test.js"]),
        (VITEST, ["test/sum.test.ts > cart > sums up"]),
        (MAVEN, ["shop.SumTest.adds", "shop.SumTest.subtracts"]),
        (GRADLE, ["SumTest.adds"]),
        (MAKE, ["make test"]),
        ("everything is fine\n", []),
    ],
    ids=["pytest", "unittest", "go", "cargo", "spec", "tap", "jest", "vitest", "maven", "gradle", "make", "none"],
)  # fmt: skip
def test_failed_tests_are_named(output: str, names: list[str]) -> None:
    """Every known runner's failures come out once each, as that runner would take them back."""
    assert sorted(parse(output)) == sorted(names)


LINES = st.sampled_from([*PYTEST.splitlines(), *NODE_TAP.splitlines(), *GO.splitlines()])


@given(st.text() | st.lists(LINES).map("\n".join))
def test_any_output_can_be_read(output: str) -> None:
    """Whatever a program prints, reading it ends with a list of bounded length without repetition."""
    names = parse(output)
    assert len(names) <= MOST and len(set(names)) == len(names)
    red_reason(output)


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        (PYTEST.replace("ImportError", "x"), "assertion"),
        (UNITTEST, "assertion"),
        ("E   ModuleNotFoundError: No module named 'shop.tax'", "missing_name"),
        ("E   ImportError: cannot import name 'slug' from 'shop.names'", "missing_name"),
        ("E   NameError: name 'slug' is not defined", "missing_name"),
        ("E   AttributeError: 'Cart' object has no attribute 'total'", "missing_name"),
        ("E   TypeError: total() got an unexpected keyword argument 'tax'", "missing_name"),
        ("E   TypeError: total() takes 1 positional argument but 2 were given", "missing_name"),
        ("E   NotImplementedError", "missing_name"),
        ("SyntaxError: The requested module '../a.js' does not provide an export named 'x'", "missing_name"),
        ("TypeError: cart.total is not a function", "missing_name"),
        ("Error [ERR_MODULE_NOT_FOUND]: Cannot find module '/x/tax.js'", "missing_name"),
        ("error[E0425]: cannot find function `add` in this scope", "missing_name"),
        ("error[E0432]: unresolved import `calc::add`", "missing_name"),
        (GO, "missing_name"),
        ('E     File "tests/test_a.py", line 3\nE   SyntaxError: invalid syntax', "broken_test"),
        ("E       fixture 'shop' not found", "broken_test"),
        ("SyntaxError: Unexpected token ')'", "broken_test"),
        ("error: expected `;`, found `}`", "broken_test"),
        ('calc_test.go:3:8: "os" imported and not used', "broken_test"),
        ("no tests ran", "no_tests"),
        ("Ran 0 tests", "no_tests"),
        ("testing: warning: no tests to run\nok  \tx\t[no tests to run]", "no_tests"),
        ("x\n[stopped: it did not end within 2.5 seconds]\n", "timeout"),
        ("thread 'tests::adds' panicked at src/lib.rs:3:47:", "assertion"),
        ("--- FAIL: TestAdd\n    calc_test.go:3: Add(1,2) = -1", "assertion"),
        ("E   Failed: DID NOT RAISE ValueError", "assertion"),
        ("tests/test_a.py:3: in test_a\n    f()\nshop/a.py:9: in f\n    1 / 0\nE   ZeroDivisionError: x", "assertion"),
        ("tests/test_a.py:3: in test_a\n    1 / 0\nE   ZeroDivisionError: division by zero", "other"),
        ("sh: 1: frobnicate: not found", "other"),
    ],
)
def test_the_reason_for_red_is_told(output: str, reason: str) -> None:
    """A test is red because of what it asserts, what is missing, its own defects, or something else."""
    assert red_reason(output) == reason
