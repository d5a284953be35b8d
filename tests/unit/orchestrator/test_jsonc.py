"""JSON with comments: what is read, and where a fault is reported."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.jsonc import JsoncError, parse

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(PLAIN)
def test_every_json_text_reads_as_json_does(value: object) -> None:
    """Plain JSON is valid here and means the same."""
    assert parse(json.dumps(value)).value == value


@given(PLAIN)
def test_spacing_does_not_change_the_value(value: object) -> None:
    """Line breaks and indentation mean nothing."""
    assert parse(json.dumps(value, indent=3, ensure_ascii=False)).value == value


@given(st.text())
def test_any_text_is_read_or_refused_with_a_line(text: str) -> None:
    """No text crashes the reader, and the line of a fault lies inside the text."""
    try:
        parse(text)
    except JsoncError as fault:
        assert 1 <= fault.line <= text.count("\n") + 1


def test_comments_and_trailing_commas_are_allowed() -> None:
    """Both kinds of comment and a comma before a closing bracket are passed over."""
    text = '{ // one\n "a": [1, 2,], /* two\n lines */ "b": "// no comment",\n}\n// end'

    assert parse(text).value == {"a": [1, 2], "b": "// no comment"}


def test_each_value_knows_its_line() -> None:
    """The line of a member is that of its key, the line of an item that of its value."""
    lines = parse('{\n "a": {\n  "b":\n   3\n },\n "c": [\n  7]\n}').lines

    assert (lines["a",], lines["a", "b"], lines["c", 0]) == (2, 3, 7)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("", 1, "expected a value, the text ends"),
        ("{\n  'a': 1}", 2, "a key in double quotes"),
        ('{"a" 1}', 1, 'expected ":"'),
        ('{\n"a": 1\n"b": 2}', 3, 'expected "," or "}"'),
        ("[1\n2]", 2, 'expected "," or "]"'),
        ('{"a": 1}\n}', 2, "nothing more"),
        ('{"a": 1,\n "a": 2}', 2, "stands here twice"),
        ("{}\n/* never closed", 2, "not closed"),
        ('{"a": "no end', 1, "unterminated string"),
        ('{"a": "\\ud800"}', 1, "surrogate"),
        ("[" * 60, 1, "levels of nesting"),
        ('{"a": nul}', 1, "expected a value"),
    ],
)
def test_a_fault_names_its_line_and_what_was_expected(text: str, line: int, said: str) -> None:
    """The first fault is reported where it stands."""
    with pytest.raises(JsoncError, match=said.replace("(", r"\(")) as caught:
        parse(text)

    assert caught.value.line == line
