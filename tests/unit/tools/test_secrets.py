"""Secrets that a run was told of: hidden where they stand as such, and never inside an ordinary word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.secrets import Secrets, values_of_settings

LONG = "Zq8vR2kT9mWx4LpNsQ7c"


def told(*values: str) -> Secrets:
    """What a run knows that was told these values."""
    secrets = Secrets("salt")
    secrets.learn(values)
    return secrets


def test_a_short_value_is_hidden_as_a_word_and_not_inside_one() -> None:
    """A password that is an everyday word leaves the words alone that contain it."""
    text = "url = 'pg://me:banana@db'\nbananas = banana_split(banana)\n"

    hidden = told("banana").hide(text)

    assert "bananas = banana_split(" in hidden and ":banana@" not in hidden and "(banana)" not in hidden


def test_a_long_value_is_hidden_inside_longer_words_too() -> None:
    """A key with something in front of it is still a key."""
    assert LONG not in told(LONG).hide(f"x{LONG}y")


@pytest.mark.parametrize("placeholder", ["test", "ollama", "Password", "changeme", "no-key"])
def test_a_placeholder_is_no_secret(placeholder: str) -> None:
    """What local servers and samples take for a key may be read: `def test` stays what it is."""
    text = f"def {placeholder}(): pass"

    assert told(placeholder, *values_of_settings(f"DB_PASSWORD={placeholder}")).hide(text) == text


@pytest.mark.parametrize("value", ["b@nana", "+x3k#", "$eCr3t$"])
def test_a_value_may_begin_and_end_with_any_sign(value: str) -> None:
    """Where a word ends is asked only of values that end like one."""
    assert value not in told(value).hide(f"'{value}' {value} a{value}")


@given(st.text(), st.lists(st.text(min_size=4, max_size=24), max_size=4))
def test_what_is_hidden_comes_back(text: str, values: list[str]) -> None:
    """Whatever the secrets are, an answer that repeats its prompt means the text itself."""
    secrets = told(*values)

    assert secrets.reveal(secrets.hide(text)) == text
