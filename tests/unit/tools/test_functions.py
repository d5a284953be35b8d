"""A function inside its file: found, described, and replaced without touching a byte around it."""

import ast
import keyword

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.definitions import functions, parse, split_lines
from tools.functions import FunctionMissing, Target, splice

CLASS = '''class Till:
    @staticmethod
    @property
    def empty(a, b=1, *, c):
        """Doc."""
        # first
        return a

    async def fill(self):
        def inner(x):
            return x
        return inner
'''


def test_a_method_is_described_with_its_decorators_and_docstring() -> None:
    """Lines count from 0, the head is what stands above the statements."""
    target = Target.of(CLASS, "Till.empty")
    assert (target.start, target.body, target.end) == (1, 5, 7)
    assert (target.outer, target.indent, target.name) == ("    ", "        ", "empty")
    assert target.head.splitlines()[0] == "    @staticmethod"
    assert target.head.endswith('"""Doc."""')
    assert target.text.endswith("return a")
    assert not target.unwritten


def test_async_and_nested_functions_are_found_by_their_qualified_names() -> None:
    """``Till.fill`` is async, ``Till.fill.inner`` stands inside it."""
    assert isinstance(Target.of(CLASS, "Till.fill").node, ast.AsyncFunctionDef)
    assert Target.of(CLASS, "Till.fill.inner").indent == " " * 12


def test_the_last_of_two_definitions_counts_as_at_run_time() -> None:
    """A function that is defined again hides the earlier one, also inside an ``if``."""
    source = "def f():\n    return 1\n\nif True:\n    def f():\n        return 2\n"
    assert Target.of(source, "f").start == 4


@pytest.mark.parametrize("name", ["gone", "Till", "Till.gone", ""])
def test_what_is_no_function_is_missing(name: str) -> None:
    """A class or an unknown name raises an error that names it."""
    with pytest.raises(FunctionMissing, match="there is no function"):
        Target.of(CLASS, name)


@pytest.mark.parametrize("source", ["def f(:\n", "def f():\n    '\0'\n"])
def test_a_source_that_cannot_be_parsed_is_a_syntax_error(source: str) -> None:
    """Null bytes included."""
    with pytest.raises(SyntaxError):
        Target.of(source, "f")


@pytest.mark.parametrize(
    "body",
    [
        "pass",
        "...",
        "raise NotImplementedError",
        'raise NotImplementedError("later")',
        '"""Doc."""',
        '"""Doc."""\n    ...',
    ],
)
def test_placeholders_are_unwritten(body: str) -> None:
    """All the usual ways to say that a body is still to come."""
    assert Target.of(f"def f():\n    {body}\n", "f").unwritten


@pytest.mark.parametrize("body", ["return None", "raise ValueError", '"text"\n    return 1', "x = ..."])
def test_bodies_that_do_something_are_written(body: str) -> None:
    """Only placeholders count as unwritten."""
    assert not Target.of(f"def f():\n    {body}\n", "f").unwritten


def test_lines_are_cut_where_python_counts_them() -> None:
    """A form feed or a line separator inside a string is no line end; all three line ends are."""
    source = 'a = "\u2028\x0c"\r\nb = 1\rc = 2\n\ndef f():\n    return "é" * 2'
    assert len(split_lines(source)) == 6
    assert Target.of(source, "f").text.endswith('return "é" * 2')


def test_windows_line_ends_stay() -> None:
    """What is put in gets the file's own line end."""
    source = "def f():\r\n    return 1\r\n"
    target = Target.of(source, "f")
    assert splice(target, 14, 22, "x = 1\n    return x") == "def f():\r\n    x = 1\r\n    return x\r\n"


def test_a_byte_order_mark_moves_nothing() -> None:
    """Positions count the mark, so that it stays at the front."""
    source = "\ufeffdef f(é='ü'): return é\n"
    target = Target.of(source, "f")
    assert target.inline is not None
    assert source[target.inline :] == "return é\n"


NAMES = st.text("abcdefgé", min_size=1, max_size=4).filter(lambda name: not keyword.iskeyword(name))
BODIES = st.lists(st.sampled_from(["pass", "x = 'ü\u2028'", "# note", "", "return 1"]), min_size=1, max_size=5)
UNITS = st.sampled_from(["    ", "\t", "  "])
ENDS = st.sampled_from(["\n", "\r\n", "\r"])


@settings(deadline=None)
@given(NAMES, BODIES, UNITS, ENDS, st.sampled_from(["", "async "]), st.booleans(), st.booleans())
def test_putting_the_original_back_changes_nothing(
    name: str, body: list[str], unit: str, end: str, kind: str, in_class: bool, last: bool
) -> None:
    """For every function of any source: its own text in its own place gives the source, byte for byte."""
    lines = ["# é", f"{kind}def {name}(a=1):", *(unit + line if line else "" for line in body), f"{unit}pass"]
    if in_class:
        lines = ["class K:", *(unit + line if line else "" for line in lines)]
    source = end.join([*lines, *([] if last else ["", "y = 2", ""])])
    for qualified, _ in functions(parse(source)):
        target = Target.of(source, qualified)
        start = target.offset(target.start)
        assert source[start : start + len(target.text)] == target.text
        assert splice(target, start, start + len(target.text), target.text) == source
