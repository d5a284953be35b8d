"""Output: the same for the same behaviour, and cut to what matters."""

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from workspace.output import normalise, trim

LANE = Path("/home/u/.local/state/opencode-orchestrator/runs/r1/lanes/t1/tree")

PIECES = st.lists(
    st.sampled_from([
        "\x1b[31m", "\r", "\n", "\x1b]0;title\x07", " in 0.05s", "1 failed, 2 passed", "=====", " ", "(1.2ms)",
        "/tmp/tmpabcd1234", "0x7f0011223344", "at 0x7f0011223344", str(LANE), "/", "file://", "Ran 3 tests in 0.001s",
        "test a ... ok\n", "test b ... FAILED\n", "ok  \tx\t0.01s", "rootdir: x\n", "FAILED a.py::b - x\n", "  y\n",
        "    at f (node:internal/x:1:2)\n", "thread 'a' (12) panicked", "Time elapsed: 1 s", "/lib/python3.11/", "/a",
        "   Compiling x\n", "____ x ____", "\x1b", "[",
    ]) | st.text(max_size=5),
    max_size=25,
).map("".join)  # fmt: skip


@given(PIECES)
@example("\x1b\x1b[0m[31m")
def test_normalising_twice_changes_nothing(text: str) -> None:
    """Whatever the text, a second time finds nothing left to do."""
    once = normalise(text, LANE)
    assert normalise(once, LANE) == once


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("==== 1 failed, 2 passed in 0.05s ====", "====== 1 failed, 2 passed in 12.31s ======"),
        ("1 failed in 0.05s", "1 failed in 61.31s (0:01:01)"),
        ("Ran 3 tests in 0.001s", "Ran 3 tests in 1.234s"),
        ("ok  \texample.com/shop\t0.004s", "ok  \texample.com/shop\t(cached)"),
        ("--- FAIL: TestAdd (0.00s)", "--- FAIL: TestAdd (1.20s)"),
        ("✖ adds (0.731042ms)", "✖ adds (1.2ms)"),
        ("\u2139 duration_ms 45.1", "\u2139 duration_ms 145.99"),
        ("\ufe63 zero (0.1ms) # SKIP", "\ufe63 zero (0.3ms) # SKIP"),
        ("test result: ok. 1 passed; finished in 0.00s", "test result: ok. 1 passed; finished in 3.10s"),
        ("<shop.Cart object at 0x7f3a2b4c5d6e>", "<shop.Cart object at 0x7fffffffffff>"),
        ("thread 'a' (4121) panicked at x", "thread 'a' (77) panicked at x"),
        ("/tmp/pytest-of-ann/pytest-3/test_a0/x", "/tmp/pytest-of-bob/pytest-41/test_a0/x"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("10%\r50%\r100%\n", "100%\n"),
        ("platform linux -- Python 3.11.7, pytest-9.0\nrootdir: /x\nE   x", "E   x"),
        ("test b ... ok\ntest a ... FAILED\n", "test a ... FAILED\ntest b ... ok\n"),
        (f"{LANE}/shop/money.py:3: in f", "shop/money.py:3: in f"),
        (f"file://{LANE}/a.js:1", "a.js:1"),
    ],
)
def test_what_differs_from_run_to_run_is_gone(one: str, other: str) -> None:
    """Two runs of the same behaviour give the same text."""
    assert normalise(one, LANE) == normalise(other, LANE)


@pytest.mark.parametrize(
    "text",
    [
        "E   assert 0x1f == 0x20", "E   assert '2024-01-01T00:00:00' == ''", "took 5 s", "assert 1.5 == 2.5",
        "expected (3 items)", "x = 'test a ... ok'", "E   assert 'a  b' == 'a b'", "test a ... ok\nx\ntest b ... ok",
    ],
)  # fmt: skip
def test_what_a_test_says_stays(text: str) -> None:
    """Values that only look like durations, dates or addresses are part of the message."""
    assert normalise(text, LANE) == text


def test_a_short_text_is_not_trimmed() -> None:
    """What fits stays as it is."""
    assert trim("a\nb\n", 4) == "a\nb\n"


def test_the_failing_assertion_survives_a_flood() -> None:
    """The lines that say what failed and where are kept, however much stands around them; the gaps are told."""
    failure = [
        "tests/test_money.py:12: in test_total",
        "    assert total(lines) == 30",
        "E   AssertionError: assert 20 == 30",
    ]
    text = "\n".join([*(f"noise {n}" for n in range(3000)), *failure, *(f"more {n}" for n in range(3000))])
    short = trim(text, 600)
    assert len(short) <= 600
    assert "\n".join(failure) in short
    assert "lines cut ...]" in short
    assert short.endswith("more 2999")


LINES = st.sampled_from(["E   assert x", "line", "", "a.py:3: in f", "x" * 90])


@given(st.text(max_size=400) | st.lists(LINES).map("\n".join), st.integers(0, 300))
@example("x\n" * 12 + ("E " + "x" * 60 + "\n") * 3 + "x\n" * 12, 200)
def test_trimming_keeps_its_bound_and_invents_nothing(text: str, most: int) -> None:
    """The result is never longer than asked, and every line of it is of the text or says that something was cut."""
    short = trim(text, most)
    assert len(short) <= max(most, 0)
    if most >= 200 and short != text:
        lines = set(text.splitlines())
        assert all(line in lines or "cut ...]" in line for line in short.splitlines())


def test_a_flood_of_long_words_is_trimmed_in_one_pass() -> None:
    """Output whose lines are one word each costs no more than other output of its size: it ends within the time."""
    flood = ("x" * 14_000 + "\n") * 400 + "shop/price.py:3: AssertionError\n"
    trimmed = trim(flood, 60_000)
    assert len(trimmed) <= 60_000 and trimmed.splitlines()[-1] == "shop/price.py:3: AssertionError"
