"""Sources that ask whether they are being tested are found; tests, and sources that always did so, are left alone."""

import pytest

from workspace.under_test import asks_whether_tested


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("shop/price.py", 'if "pytest" in sys.modules:'),
        ("shop/price.py", "if 'unittest' in sys.modules or 'pytest' in sys.modules:"),
        ("shop/price.py", 'if sys.modules.get("_pytest"):'),
        ("shop/price.py", 'if any("pytest" in part for part in sys.argv):'),
        ("shop/price.py", 'if os.environ.get("PYTEST_CURRENT_TEST"):'),
        ("src/price.ts", "if (process.env.JEST_WORKER_ID) {"),
        ("src/price.js", "if (process.env.NODE_TEST_CONTEXT) return 100;"),
        ("net.go", "if testing.Testing() {"),
        ("net.go", 'if flag.Lookup("test.v") != nil {'),
        ("src/lib.rs", "if cfg!(test) { return 100; }"),
    ],
)
def test_a_question_for_the_runner_is_found(path: str, line: str) -> None:
    """The line is named, in each language by what its runners leave behind."""
    assert asks_whether_tested(path, "first\n", f"first\n{line}\n") == 2
    assert asks_whether_tested(path, None, f"{line}\n") == 1


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("shop/price.py", "import sys"),
        ("shop/price.py", "import unittest"),
        ("shop/price.py", 'if "shop" in sys.modules:'),
        ("shop/price.py", '"""Runs under pytest and unittest alike."""'),
        ("src/lib.rs", "#[cfg(test)]"),
        ("src/price.ts", 'if (process.env.NODE_ENV === "production") {'),
        ("src/price.ts", "if (import.meta.vitest) {"),
        ("docs/testing.md", 'if "pytest" in sys.modules:'),
        ("tests/conftest.py", 'if "pytest" in sys.modules:'),
        ("tests/test_price.py", 'os.environ["PYTEST_CURRENT_TEST"]'),
    ],
)
def test_other_lines_are_none(path: str, line: str) -> None:
    """Imports, words, modules for tests alone, settings and tests ask nothing of the runner."""
    assert asks_whether_tested(path, "", f"{line}\n") is None


def test_a_source_that_asked_before_may_go_on() -> None:
    """A plugin of a runner has its reasons; what counts is what a change brings in."""
    asks = 'if "pytest" in sys.modules:\n'
    assert asks_whether_tested("plugin.py", asks, f"{asks}    pass\n") is None
    assert asks_whether_tested("plugin.py", asks, None) is None
