"""Holes: in which order, with what around them, and how an answer is cut to fit."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.definitions import find, parse
from tools.functions import Target
from tools.holes import Hole, fill, holes

SOURCE = '''def f(x):
    """Doc."""
    # note
    y = x + 1

    if y:
        y = 2
    return y


def g():
    return 1
'''


def parts(source: str, function: str) -> list[tuple[str, str]]:
    """Kind and text of every hole."""
    return [(hole.kind, source[hole.start : hole.end]) for hole in holes(Target.of(source, function))]


def hole_of(source: str, function: str, text: str) -> tuple[Target, Hole]:
    """The hole that holds this text."""
    target = Target.of(source, function)
    (hole,) = (hole for hole in holes(target) if source[hole.start : hole.end] == text)
    return target, hole


def test_lines_come_from_the_top_then_tails_from_the_bottom_then_the_rests_of_lines() -> None:
    """Blank lines and comments are no holes; the last line is a tail, and so a hole once."""
    assert parts(SOURCE, "f") == [
        ("line", "y = x + 1"),
        ("line", "if y:"),
        ("line", "y = 2"),
        ("tail", "return y"),
        ("tail", "y = 2\n    return y"),
        ("tail", "if y:\n        y = 2\n    return y"),
        ("tail", "y = x + 1\n\n    if y:\n        y = 2\n    return y"),
        ("rest", " x + 1"),
        ("rest", " + 1"),
        ("rest", " 1"),
        ("rest", " y:"),
        ("rest", " 2"),
        ("rest", " y"),
    ]


def test_rests_begin_where_expressions_do_or_a_left_operand_ends() -> None:
    """Columns count characters, not bytes; the inside of an f-string is left alone."""
    source = "def f(é):\n    return g(é, f'ü{é + 1}') < é\n"
    assert [text for kind, text in parts(source, "f") if kind == "rest"] == [
        " g(é, f'ü{é + 1}') < é",
        "é, f'ü{é + 1}') < é",
        " f'ü{é + 1}') < é",
        " < é",
        " é",
    ]


@pytest.mark.parametrize(
    ("answer", "line"),
    [(" x - 1  # why", "y = x - 1"), (" '#' # why", "y = '#'"), (" (x  # why", "y = (x"), (" [')", "y = [')")],
)
def test_a_comment_that_the_line_did_not_have_is_left_out(answer: str, line: str) -> None:
    """Only a real one: a ``#`` inside a string stays."""
    target, hole = hole_of(SOURCE, "f", " x + 1")
    assert fill(target, hole, answer) == SOURCE.replace("y = x + 1", line)


def test_a_comment_on_a_line_that_had_one_stays() -> None:
    """It may say something new that is true."""
    source = "def f(x):\n    return x  # old\n"
    target, hole = hole_of(source, "f", " x  # old")
    assert fill(target, hole, " -x  # new") == source.replace("x  # old", "-x  # new")


@pytest.mark.parametrize(
    ("source", "filled"),
    [
        ("def f():\n    raise NotImplementedError\n", "def f():\n    return 1\n"),
        ('def f():\n    """Doc."""\n', 'def f():\n    """Doc."""\n    return 1\n'),
        ('def f():\n    """Doc."""', 'def f():\n    """Doc."""\n    return 1'),
        (
            'def f():\n    """Doc."""\n\n    # TODO\n    ...\nx = 1\n',
            'def f():\n    """Doc."""\n\n    return 1\nx = 1\n',
        ),
        ("def f(é): ...\r\n", "def f(é):\r\n    return 1\r\n"),
        ("class A:\n\tdef f(self): pass\n", "class A:\n\tdef f(self):\n\t\treturn 1\n"),
    ],
)
def test_an_unwritten_function_is_one_hole_wherever_its_body_would_be(source: str, filled: str) -> None:
    """The body is put below signature and docstring in the file's own indentation and line ends."""
    name = "A.f" if source.startswith("class") else "f"
    target = Target.of(source, name)
    (hole,) = holes(target)
    assert (hole.kind, fill(target, hole, "return 1\n\n")) == ("body", filled)


def test_a_written_function_on_one_line_is_one_hole() -> None:
    """Its body moves to a line of its own."""
    target = Target.of("def f(x): return x\n", "f")
    (hole,) = holes(target)
    assert fill(target, hole, "return -x") == "def f(x):\n    return -x\n"


def test_a_line_takes_one_line_of_the_answer() -> None:
    """More is cut off, and so are the control tokens of a model."""
    target, hole = hole_of(SOURCE, "f", "y = 2")
    assert fill(target, hole, "y = 3  \ny = 4") == SOURCE.replace("y = 2", "y = 3")
    assert fill(target, hole, "y = 3<|endoftext|>") == SOURCE.replace("y = 2", "y = 3")


def test_indentation_that_is_said_again_is_left_out() -> None:
    """The text before the hole ends with it already."""
    target, hole = hole_of(SOURCE, "f", "y = 2\n    return y")
    assert fill(target, hole, "        y = 3\n    return y") == SOURCE.replace("y = 2", "y = 3")


def test_an_empty_answer_takes_the_line_out() -> None:
    """Its line end goes with it."""
    target, hole = hole_of(SOURCE, "f", "y = x + 1")
    assert fill(target, hole, "  ") == SOURCE.replace("    y = x + 1\n", "")


def test_a_tail_ends_where_the_answer_leaves_the_function() -> None:
    """Statements at the module's level are dropped, in a method also those of the class."""
    target, hole = hole_of(SOURCE, "f", "return y")
    assert fill(target, hole, "y += 1\n\n    return y\n\nprint(f(1))\n    return 2") == SOURCE.replace(
        "    return y\n", "    y += 1\n\n    return y\n"
    )
    source = "class A:\n    def f(self):\n        return 1\n\n    def g(self):\n        return 2\n"
    target, hole = hole_of(source, "A.f", "return 1")
    assert fill(target, hole, "return 3\n    def h(self):\n        return 4") == source.replace("return 1", "return 3")
    assert "\n    def " in hole.stops


def test_an_answer_with_tabs_or_carriage_returns_fits_the_file() -> None:
    """Line ends of the answer become those of the file."""
    source = "def f():\r\n\tx = 1\r\n\treturn x\r\n"
    target, hole = hole_of(source, "f", "x = 1\r\n\treturn x")
    assert fill(target, hole, "x = 2\r\n\treturn x\n") == source.replace("x = 1", "x = 2")


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(["x = 'é'", "if x:\n        x = 2", "", "# c"]), max_size=6),
    st.sampled_from(["\n", "\r\n"]),
)
def test_every_hole_filled_with_its_own_text_gives_the_source(body: list[str], end: str) -> None:
    """Filling is the inverse of cutting out, for each hole of a written function."""
    lines = "".join(f"    {part}\n" if part else "\n" for part in body)
    source = f"class A:\n  pass\ndef f(x):\n{lines}    return x\n\n\ny = 1\n".replace("\n", end)
    target = Target.of(source, "f")
    for hole in holes(target):
        assert fill(target, hole, source[hole.start : hole.end]) == source


@settings(deadline=None)
@given(st.text("ab =:()\n\t#'\"\\", max_size=30))
def test_no_answer_changes_anything_outside_the_function(answer: str) -> None:
    """Whatever is answered, what stands before and after the function stays, byte for byte."""
    target = Target.of(SOURCE, "f")
    for hole in holes(target):
        filled = fill(target, hole, answer)
        assert filled.startswith("def f(x):\n")
        assert filled.endswith("\n\n\ndef g():\n    return 1\n")


def test_a_line_that_was_taken_out_leaves_code_that_parses_or_is_refused_later() -> None:
    """Taking the only statement of an ``if`` out leaves no valid syntax: nothing is repaired in secret."""
    target, hole = hole_of("def f(x):\n    if x:\n        x = 1\n    return x\n", "f", "x = 1")
    with pytest.raises(SyntaxError):
        find(parse(fill(target, hole, "")), "f")
