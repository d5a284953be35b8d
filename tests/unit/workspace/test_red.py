"""Why a check is red, read from what real runners print.

The files in ``red/`` are outputs of pytest, unittest, node, cargo and go, as they were recorded and normalised; the
texts below follow runners that are seldom installed. A case is named after what is wrong.
"""

from pathlib import Path

import pytest

from workspace.places import Place, places
from workspace.red import cannot_run, missing_modules, red_reason

RECORDED = {path.stem: path.read_text("utf-8") for path in sorted(Path(__file__).parent.joinpath("red").glob("*.txt"))}

REASON = {
    "assertion": "assertion",
    "did_not_raise": "assertion",
    "crash_in_code": "assertion",
    "panic_in_code": "assertion",
    "missing_import": "missing_name",
    "missing_export": "missing_name",
    "missing_module": "missing_name",
    "missing_package": "missing_name",
    "missing_attribute": "missing_name",
    "missing_method": "missing_name",
    "missing_name": "missing_name",
    "not_implemented": "missing_name",
    "not_a_function": "missing_name",
    "keyword": "missing_name",
    "arguments": "missing_name",
    "types": "missing_name",
    "wrong_import": "missing_name",  # what is missing is told apart by its name, see below
    "syntax_in_code": "broken_code",
    "syntax_in_test": "broken_test",
    "fixture_missing": "broken_test",
    "unused_import": "broken_test",
    "name_in_test": "broken_test",
    "crash_in_test": "other",
    "panic_in_test": "other",
    "fixture_raises": "other",
    "no_tests": "no_tests",
    "timeout": "timeout",
}

FILES = (
    "shop/price.py", "tests/test_x.py", "test/x.test.js", "price.js", "cart.js", "src/lib.rs", "tests/x.rs", "net.go",
    "x_test.go", "src/main/java/shop/Sum.java", "src/test/java/shop/SumTest.java",
)  # fmt: skip

QUIET = {"cargo-no_tests", "node-no_tests"}
"""Both end with exit code 0: ``proves_nothing`` judges them."""


@pytest.mark.parametrize("name", sorted(RECORDED.keys() - QUIET))
def test_the_reason_of_a_recorded_failure(name: str) -> None:
    """Each runner's real output is read as what is really wrong: the code, the test, or neither."""
    runner, case = name.split("-")
    expected = REASON[case]
    if runner == "cargo" and case == "name_in_test":
        expected = "missing_name"  # rustc does not tell a misspelt name from one that a glob import is to bring
    assert red_reason(RECORDED[name]) == expected


@pytest.mark.parametrize(
    ("name", "missing"),
    [
        ("pytest-wrong_import", ["numpyy"]),
        ("pytest-missing_module", ["shop.tax"]),
        ("pytest-missing_import", ["shop.price"]),
        ("unittest-wrong_import", ["numpyy"]),
        ("node-wrong_import", ["lodashh"]),
        ("node-missing_module", ["tax.js"]),
        ("cargo-wrong_import", ["randd"]),
        ("cargo-missing_module", ["shop::tax"]),
        ("go-wrong_import", ["github.com/stretchr/testify/assert"]),
        ("go-missing_package", ["example.com/shop/tax"]),
        ("pytest-assertion", []),
    ],
)
def test_what_could_not_be_imported_is_named(name: str, missing: list[str]) -> None:
    """The missing module's name tells the code that is to be written from a wrong import of the test's own."""
    assert missing_modules(RECORDED[name]) == missing


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("pytest-crash_in_code", Place("shop/price.py", 6)),
        ("pytest-assertion", Place("tests/test_x.py", 5)),
        ("pytest-syntax_in_code", Place("shop/price.py", 1)),
        ("unittest-crash_in_code", Place("shop/price.py", 6)),
        ("node-crash_in_code", Place("cart.js", 2)),
        ("node-syntax_in_code", Place("price.js", 2)),
        ("cargo-panic_in_code", Place("src/lib.rs", 2)),
        ("cargo-types", Place("tests/x.rs", 5)),
        ("go-panic_in_code", Place("net.go", 8)),
        ("go-syntax_in_code", Place("net.go", 3)),
    ],
)
def test_the_innermost_place_comes_first(name: str, first: Place) -> None:
    """The line of the project that was running last is what a repair looks at; runner and library are left out."""
    assert places(RECORDED[name], FILES)[0] == first


def test_each_failure_keeps_its_own_places() -> None:
    """Two tracebacks in one output are not mixed: the code of the first comes before the test of the second."""
    output = RECORDED["pytest-crash_in_code"] + RECORDED["pytest-assertion"].replace(":5:", ":9:")
    assert places(output, FILES) == [
        Place("shop/price.py", 6),
        Place("tests/test_x.py", 5),
        Place("tests/test_x.py", 9),
    ]


JEST = "FAIL test/x.test.js\n  \u25cf net\n\n    {said}\n\n      at Object.<anonymous> ({place}:6:10)\n"
VITEST = " FAIL  test/x.test.js > net\n{said}\n \u276f {place}:6:10\n"
MOCHA = "  0 passing\n  1 failing\n\n  1) cart\n       net:\n     {said}\n      at Context.<anonymous> ({place}:6:10)\n"
MAVEN = (
    "[ERROR] shop.SumTest.adds -- Time elapsed: 0.01 s <<< {kind}!\n{said}\n\tat shop.{place}.adds({place}.java:9)\n"
)
JAVAC = "[ERROR] COMPILATION ERROR : \n[ERROR] src/test/java/shop/SumTest.java:[9,23] {said}\n"


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        (JEST.format(said="expect(received).toBe(expected)", place="test/x.test.js"), "assertion"),
        (JEST.format(said="TypeError: (0 , _price.net) is not a function", place="test/x.test.js"), "missing_name"),
        (JEST.format(said="TypeError: rows is null", place="price.js"), "assertion"),
        (JEST.format(said="TypeError: rows is null", place="test/x.test.js"), "other"),
        (JEST.format(said="ReferenceError: nett is not defined", place="test/x.test.js"), "broken_test"),
        (JEST.format(said="Cannot find module '../tax' from 'test/x.test.js'", place="x"), "missing_name"),
        (JEST.format(said="SyntaxError: test/x.test.js: Unexpected token (6:38)", place="x"), "broken_test"),
        (JEST.format(said="Exceeded timeout of 5000 ms for a test", place="test/x.test.js"), "timeout"),
        ("FAIL test/x.test.js\n  Your test suite must contain at least one test.\n", "other"),
        (VITEST.format(said="AssertionError: expected 144 to be 100", place="test/x.test.js"), "assertion"),
        (VITEST.format(said="TypeError: net is not a function", place="test/x.test.js"), "missing_name"),
        (VITEST.format(said="Error: Test timed out in 5000ms.", place="test/x.test.js"), "timeout"),
        ('Error: Failed to resolve import "../tax" from "test/x.test.ts". Does the file exist?\n', "missing_name"),
        ('Error: Transform failed with 1 error:\ntest/x.ts:6:38: ERROR: Expected ")" but found ";"\n', "broken_test"),
        (MOCHA.format(said="AssertionError [ERR_ASSERTION]: 144 == 100", place="test/x.test.js"), "assertion"),
        (MOCHA.format(said="TypeError: price.net is not a function", place="test/x.test.js"), "missing_name"),
        (MOCHA.format(said="Error: Timeout of 2000ms exceeded.", place="test/x.test.js"), "timeout"),
        ("\n\n  0 passing\n\n", "no_tests"),
        (MAVEN.format(kind="FAILURE", said="org.opentest4j.AssertionFailedError: x", place="SumTest"), "assertion"),
        (MAVEN.format(kind="ERROR", said="java.lang.NullPointerException: x is null", place="Sum"), "assertion"),
        (MAVEN.format(kind="ERROR", said="java.lang.NullPointerException: x is null", place="SumTest"), "other"),
        (JAVAC.format(said="cannot find symbol\n  symbol:   method gross(int)"), "missing_name"),
        (JAVAC.format(said="method net in class shop.Sum cannot be applied to given types;"), "missing_name"),
        (JAVAC.format(said="';' expected"), "broken_test"),
        (JAVAC.replace("test/java/shop/SumTest", "main/java/shop/Sum").format(said="';' expected"), "broken_code"),
        ("[ERROR] Failed to execute goal surefire:test: No tests were executed!\n", "no_tests"),
        ("SumTest > adds() FAILED\n    org.opentest4j.AssertionFailedError at SumTest.java:9\n", "assertion"),
    ],
)  # fmt: skip
def test_the_reason_in_the_words_of_other_runners(output: str, reason: str) -> None:
    """jest, vitest, mocha, maven and gradle are read like the others."""
    assert red_reason(output) == reason


@pytest.mark.parametrize(
    ("code", "output", "line"),
    [
        (127, "sh: 1: frobnicate: not found\n", "sh: 1: frobnicate: not found"),
        (126, "sh: 1: ./run.sh: Permission denied\n", "sh: 1: ./run.sh: Permission denied"),
        (1, "/usr/bin/python3: No module named pytest\n", "/usr/bin/python3: No module named pytest"),
        (2, "make: pytest: No such file or directory\nmake: *** [Makefile:2: test] Error 127\n",
         "make: pytest: No such file or directory"),
        (1, 'npm error Missing script: "test"\n', 'npm error Missing script: "test"'),
        (1, "> jest\n\nsh: 1: jest: not found\n", "sh: 1: jest: not found"),
        (4, "ERROR: usage: __main__.py [options]\n__main__.py: error: unrecognized arguments: --cov\n",
         "ERROR: usage: __main__.py [options]"),
        (101, "error: no matching package named `serde` found\n", "error: no matching package named `serde` found"),
    ],
)  # fmt: skip
def test_a_command_that_cannot_run_says_why(code: int, output: str, line: str) -> None:
    """A missing program, module, script or package is told apart from a red test, with the line that says so."""
    assert cannot_run(code, output) == line


@pytest.mark.parametrize("name", sorted(RECORDED))
def test_a_recorded_failure_did_run(name: str) -> None:
    """No failure of a test is taken for a command that cannot run, whatever else its output says."""
    assert cannot_run(1, RECORDED[name]) == ""


def test_a_failure_beside_a_missing_program_did_run() -> None:
    """Where a test is said to have failed, the command ran, even if something that it started was not found."""
    assert cannot_run(1, "sh: 1: jq: not found\nFAILED tests/test_a.py::test_b - assert 1 == 2\n") == ""
