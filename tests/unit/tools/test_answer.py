"""Answers: what is taken out of a model's text, and how it lands in the file."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.answer import from_answer
from tools.functions import Target
from tools.gate import gate

SOURCE = '''"""Doc."""

import os


def area(w: int, h: int = 1) -> int:
    """The area."""
    return w + h  # hm


class Box:
    async def size(self, unit="cm"):
        return os.name

    @property
    def side(self):
        raise NotImplementedError
'''

BODY = "    return w + h  # hm\n"


def taken(code: str, function: str = "area", source: str = SOURCE) -> str | None:
    """The new source for an answer whose only block holds this code."""
    return from_answer(Target.of(source, function), f"Sure!\n\n```python\n{code}\n```\nDone.")


@pytest.mark.parametrize("signature", ["def area(w: int, h: int = 1) -> int:", "def area(w, h=1):", "def area(w, h):"])
def test_only_the_body_is_taken(signature: str) -> None:
    """Signature and docstring stay the file's; its comments come along, its other statements do not."""
    body = '    """Mine."""\n    w += 0\n    # product\n    return w * h\n'
    code = f'print("hi")\n{signature}\n{body}\nassert area(2, 3) == 6'
    assert taken(code) == SOURCE.replace(BODY, "    w += 0\n    # product\n    return w * h\n")


def test_a_default_that_was_changed_is_taken() -> None:
    """A wrong default value is a fault that an answer may repair; nothing else of the signature is."""
    assert taken("def area(w: int, h: int = 2) -> float:\n    return w * h") == SOURCE.replace(
        "h: int = 1", "h: int = 2"
    ).replace(BODY, "    return w * h\n")


@pytest.mark.parametrize(
    "code",
    ["def size(self, unit):\n  return unit", "class Box:\n  async def size(self, unit='cm'):\n    return unit"],
)
def test_a_method_is_found_with_and_without_its_class(code: str) -> None:
    """It is moved to the indentation of the file, whatever its own."""
    assert taken(code, "Box.size") == SOURCE.replace("return os.name", "return unit")


def test_decorators_of_the_file_stay() -> None:
    """An answer without them is no change to them."""
    assert taken("def side(self):\n    return 1", "Box.side") == SOURCE.replace("raise NotImplementedError", "return 1")


def test_a_body_beside_its_signature_gets_its_own_line() -> None:
    """In the answer as well as in the file."""
    assert taken("def area(w, h): return w * h") == SOURCE.replace(BODY, "    return w * h\n")
    assert taken("def f(x):\n    return -x", "f", "def f(x): return x\n") == "def f(x):\n    return -x\n"


def test_new_imports_that_are_used_go_below_the_files_own() -> None:
    """Unused ones, and names that the file has already, are left out."""
    imports = "import math, sys\nimport os\nfrom functools import reduce, cache\n\n"
    code = f"{imports}def area(w, h):\n    return math.prod([w, reduce(max, [h])])"
    expected = SOURCE.replace("import os\n", "import os\nimport math\nfrom functools import reduce\n").replace(
        BODY, "    return math.prod([w, reduce(max, [h])])\n"
    )
    assert taken(code) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (
            "#!/usr/bin/python\n\ndef f(x):\n    ...\n",
            "#!/usr/bin/python\n\nimport math\n\ndef f(x):\n    return math.pi\n",
        ),
        (
            '"""Doc."""\nx = 1\ndef f(x):\n    ...\n',
            '"""Doc."""\n\nimport math\n\nx = 1\ndef f(x):\n    return math.pi\n',
        ),
        ("def f(x):\n    ...\n", "import math\n\ndef f(x):\n    return math.pi\n"),
    ],
)
def test_a_first_import_stands_where_imports_stand(source: str, expected: str) -> None:
    """Below the docstring or the first comments, with a blank line around."""
    assert taken("import math\ndef f(x):\n    return math.pi", "f", source) == expected


def test_tabs_and_line_ends_of_the_file_are_kept() -> None:
    """Four spaces of the answer become the file's tab."""
    source = "class A:\r\n\tdef f(self, x):\r\n\t\treturn x\r\n"
    assert taken("def f(self, x):\n    if x:\n        return 1\n    return 2", "A.f", source) == (
        "class A:\r\n\tdef f(self, x):\r\n\t\tif x:\r\n\t\t\treturn 1\r\n\t\treturn 2\r\n"
    )


def test_a_string_over_several_lines_is_not_shifted() -> None:
    """A body that would mean something else at its new place is not taken."""
    code = 'def size(self, unit):\n    return """a\n    b"""'
    assert taken(code, "Box.size") is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I cannot do that.",
        "```python\ndef area(w, h):\n    return w * h\n",
        "```python\ndef area(w, h)\n    return w * h\n```",
        "```python\ndef volume(w, h):\n    return w * h\n```",
        "```python\ndef area(width, height):\n    return width * height\n```",
        '```python\ndef area(w, h):\n    """The area."""\n```',
    ],
)
def test_an_answer_without_the_whole_function_is_not_taken(text: str) -> None:
    """Empty, prose, cut off in the middle of a block, no syntax, another function, other parameters, no statements."""
    assert from_answer(Target.of(SOURCE, "area"), text) is None


def test_plain_code_without_a_fence_is_taken() -> None:
    """Small models forget the fence."""
    assert from_answer(Target.of(SOURCE, "area"), "def area(w, h):\n    return w * h\n") == SOURCE.replace(
        BODY, "    return w * h\n"
    )


def test_the_first_block_that_holds_the_function_counts() -> None:
    """Blocks with something else are passed over, in longer fences as well."""
    text = "```sh\nls\n```\n````py\ndef area(w, h):\n    return w * h\n````\n"
    assert from_answer(Target.of(SOURCE, "area"), text) == SOURCE.replace(BODY, "    return w * h\n")


@settings(deadline=None)
@given(st.lists(st.sampled_from(["x = 'é'", "if w:\n        h = 2", "import math", "# c", "y = [\n  1]"]), max_size=5))
def test_whatever_is_taken_passes_the_gate_or_changes_nothing(body: list[str]) -> None:
    """An answer can never change anything outside the function."""
    lines = "".join(f"    {line}\n" for line in body)
    source = taken(f"def area(w, h):\n{lines}    return w * h")
    assert source is not None
    assert gate(Target.of(SOURCE, "area"), source) is None
