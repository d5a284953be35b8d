"""Proof: what ended well without running anything is no evidence."""

from pathlib import Path

import pytest

from tests.unit.workspace.scenes import Content, scene
from workspace.checks import CheckRunner
from workspace.proof import proves_nothing
from workspace.red import red_reason
from workspace.sandbox import choose_sandbox

PYTEST = "python3 -m pytest -q"
UNITTEST = "python3 -m unittest"

NOTHING = [
    (PYTEST, ""),
    (PYTEST, "the code under test ended the process"),
    (f"{PYTEST} tests/test_a.py::test_b", "s      [100%]\n1 skipped\n"),
    (f"{PYTEST} tests/test_a.py", ".s      [100%]\n1 passed, 1 skipped\n"),
    (f"{UNITTEST} discover", "----\nRan 0 tests\n\nOK\n"),
    (f"{UNITTEST} tests.test_a.Case.test_b", "----\nRan 1 test\n\nOK (skipped=1)\n"),
    (f"{UNITTEST} tests.test_a", ""),
    (
        "go test -run '^TestGone$' ./...",
        "ok  \texample.com/m\t[no tests to run]\n?   \texample.com/n\t[no test files]\n",
    ),
    ("cargo test --test accept_t1", "running 0 tests\n\ntest result: ok. 0 passed; 0 failed; 0 ignored\n"),
    ("cargo test -- --exact gone", "test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 4 filtered out\n"),
    ("node --test --test-name-pattern=gone a.test.js", "# tests 1\n# pass 0\n# fail 0\n# skipped 1\n"),
    ("node --test --test-name-pattern=gone a.test.js", "\u2139 tests 1\n\u2139 pass 0\n"),
]

SOMETHING = [
    (PYTEST, "..      [100%]\n2 passed\n"),
    (PYTEST, "..      [100%]\n"),
    (PYTEST, "ss      [100%]\n2 skipped\n"),
    (f"cd sub && {PYTEST}", "1 passed, 3 warnings\n"),
    (f"{PYTEST} tests/test_a.py", "...     [100%]\n"),
    (f"{UNITTEST} discover -s tests", "Ran 2 tests\n\nOK (skipped=2)\n"),
    (f"{UNITTEST} tests.test_a", "Ran 1 test\n\nOK\n"),
    ("go test ./...", "?   \texample.com/m\t[no test files]\n"),
    ("go test -run '^TestA$' ./...", "ok  \texample.com/m\t[no tests to run]\nok  \texample.com/n\n"),
    ("cargo test", "test result: ok. 0 passed; 0 failed\n"),
    ("cargo test -- --exact a", "test result: ok. 0 passed\n\ntest result: ok. 1 passed; 0 failed\n"),
    ("node --test --test-name-pattern=a$ a.test.js", "# pass 1\n"),
    (f"{PYTEST} > log", ""),
    ("make test", ""),
    ("ruff check .", ""),
]


@pytest.mark.parametrize(("command", "output"), NOTHING)
def test_success_without_a_test_proves_nothing(command: str, output: str) -> None:
    """No test ran, or the one that was named was skipped."""
    assert proves_nothing(command, output)


@pytest.mark.parametrize(("command", "output"), SOMETHING)
def test_success_of_tests_and_of_unknown_commands_counts(command: str, output: str) -> None:
    """Where tests are said to have run, or nothing can be said, the exit code decides."""
    assert not proves_nothing(command, output)


PROJECT: dict[str, Content] = {
    "quits.py": b"import os\nos._exit(0)\n",
    "skips.py": b"import unittest\nraise unittest.SkipTest('not today')\n",
    "test_quits.py": b"def test_a():\n    import quits\n    assert quits.answer == 42\n",
    "test_skips.py": b"def test_a():\n    import skips\n    assert skips.answer == 42\n",
    "test_fine.py": b"def test_a():\n    assert True\n",
    "a.test.js": b"require('node:test')('there', () => {});\n",
}


@pytest.mark.parametrize(
    ("command", "passed"),
    [
        ("python3 -m pytest -q -p no:cacheprovider test_quits.py", False),
        ("python3 -m pytest -q -p no:cacheprovider test_skips.py", False),
        ("python3 -m pytest -q -p no:cacheprovider test_fine.py", True),
        ("python3 -m unittest discover -k gone", False),
        ("node --test --test-name-pattern=gone a.test.js", False),
        ("node --test --test-name-pattern=there a.test.js", True),
    ],
)
def test_real_runners_are_taken_at_their_word(tmp_path: Path, command: str, passed: bool) -> None:
    """Code that ends the process or skips its test, and filters that match nothing, never make a check green."""
    made = scene(tmp_path, PROJECT)
    runner = CheckRunner(made.run, choose_sandbox(unsafe=False))
    evidence = runner.run(command, made.lane, when="after", commit=made.base, timeout=60)
    assert (evidence["exit_code"] == 0 or command.startswith("python3 -m unittest")) and evidence["passed"] is passed
    if not passed:
        assert red_reason(made.run.artefacts.text(evidence["output"])) == "no_tests"
