"""Text on its way to a terminal."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.words import clean, command_text, duration, listed, number, one_line, short

OBEYED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


@given(st.text())
def test_nothing_that_a_terminal_obeys_passes(text: str) -> None:
    """Whatever comes in, no control or reordering character comes out."""
    assert not OBEYED.search(clean(text))


@given(st.text(), st.integers(1, 60))
def test_one_line_is_one_line_of_that_width(text: str, width: int) -> None:
    """No line break, and never longer than asked."""
    line = one_line(text, width)
    assert "\n" not in line and len(line) <= width


def test_an_escape_sequence_becomes_visible() -> None:
    """A sequence that would clear the screen is shown instead of obeyed."""
    assert clean("a\x1b[2Jb\x07\u202ec") == "a\\x1b[2Jb\\x07\\u202ec"


@given(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126)))
def test_plain_text_is_left_alone(text: str) -> None:
    """Ordinary text stays as it is."""
    assert clean(text) == text


@given(st.text(), st.integers(20, 80))
def test_a_command_fits_on_one_line(command: str, width: int) -> None:
    """No command is longer than asked, whatever it holds."""
    line = command_text(command, width)
    assert "\n" not in line and len(line) <= width


def test_a_long_command_keeps_its_program_and_its_target() -> None:
    """The options in the middle are what a reader can miss."""
    command = "python3 -m pytest -q --no-header --tb=short -rfE -p no:cacheprovider tests/test_accept_split.py"

    assert command_text(command, 50) == "python3 -m pytest … tests/test_accept_split.py"


def test_a_long_command_is_shown_without_the_folder_of_its_program() -> None:
    """Where an interpreter lies says less than what it runs; a command that has room is shown as it is."""
    command = "/home/somebody/project/.venv/bin/python -m pytest -q tests/test_invoice.py::test_a_discount_is_taken"

    assert command_text(command, 120) == command
    assert command_text(command, 70) == "python -m pytest -q tests/test_invoice.py::test_a_discount_is_taken"
    assert command_text(command, 50) == "python -m pytest … ::test_a_discount_is_taken"
    assert command_text(command, 40) == "python -m pytest … a_discount_is_taken"


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0, "0:00"), (7.9, "0:07"), (750, "12:30"), (3723, "1:02:03"), (-1, "0:00")]
)
def test_durations_read_like_a_clock(seconds: float, shown: str) -> None:
    """Minutes and seconds, hours where there are any."""
    assert duration(seconds) == shown


@pytest.mark.parametrize(
    ("count", "noun", "shown"), [(1, "file", "1 file"), (2, "file", "2 files"), (2, "entry", "2 entries")]
)
def test_counts_carry_their_noun(count: int, noun: str, shown: str) -> None:
    """One is singular, everything else plural."""
    assert number(count, noun) == shown


@pytest.mark.parametrize(("count", "shown"), [(950, "950"), (12_345, "12.3k"), (1_234_567, "1.2M")])
def test_large_counts_are_short(count: int, shown: str) -> None:
    """At most five characters."""
    assert short(count) == shown


def test_a_list_says_what_it_leaves_out() -> None:
    """No silent cut."""
    assert listed(["a", "b", "c"], 2) == "a, b and 1 more"
