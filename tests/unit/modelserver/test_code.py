"""Damage to code, and what a prompt shows, in the languages of the scripted projects."""

import pytest

from tests.modelserver import Request, code
from tests.modelserver.shown import expectation, files_shown, functions_in, is_test, repeated_line
from tests.unit.modelserver.client import chat

LANGUAGES = {
    "py": ("def one(a):\n    return a + 1\n\n\ndef two(a):\n    if a:\n        return 2\n\n    return 1\n", "#"),
    "js": ("export function one(a) {\n  return a + 1;\n}\n\nfunction two(a) {\n  return 2;\n}\n", "//"),
    "rs": ("pub fn one(a: u32) -> u32 {\n    a + 1\n}\n\nfn two() -> u32 {\n    2\n}\n", "//"),
    "go": ("func one(a int) int {\n\treturn a + 1\n}\n\nfunc two() int {\n\treturn 2\n}\n", "//"),
}
EVERY = pytest.mark.parametrize("suffix", list(LANGUAGES))


@EVERY
def test_functions_are_found_whole(suffix: str) -> None:
    """Each with its name and all of its lines, and together they are the text but for the empty lines between."""
    text, _ = LANGUAGES[suffix]
    found = functions_in(text)
    assert [each.name for each in found] == ["one", "two"]
    assert "".join(each.text for each in found).split() == text.split()


@EVERY
def test_wrong_logic_changes_one_line(suffix: str) -> None:
    """One line differs, its indentation does not, and nothing but the logic has changed."""
    text, _ = LANGUAGES[suffix]
    first = functions_in(text)[0].text
    wrong = code.with_wrong_logic(first, "")
    before, after = first.splitlines(), wrong.splitlines()
    changed = [(a, b) for a, b in zip(before, after, strict=True) if a != b]
    assert len(changed) == 1 and code.indent_of(changed[0][0]) == code.indent_of(changed[0][1])


def test_wrong_logic_is_not_what_was_there_before() -> None:
    """A wrong fix is neither the right one nor the old text, also where the first idea would be the old text."""
    assert code.with_wrong_logic("    return a / b\n", "    return a * b\n") not in (
        "    return a / b\n",
        "    return a * b\n",
    )


@EVERY
def test_comments_have_the_style_of_the_language(suffix: str) -> None:
    """A placeholder looks like a comment of its file."""
    assert code.comment("rest", code.style_of(suffix)).startswith(LANGUAGES[suffix][1])


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ("def test_x():\n    assert net(120, 1.2) == 100\n", "100"),
        ("  assert.strictEqual(net(120, 1.2), 100);\n", "100"),
        ("    assert_eq!(net(120, 20), 100);\n", "100"),
        ("        self.assertEqual(net(1), 2)\n", "2"),
        ("def test_x():\n    pass\n", None),
    ],
)
def test_what_a_test_expects(test: str, expected: str | None) -> None:
    """The value of the first comparison, in the words of several runners."""
    found = expectation(test)
    assert (found[1] if found else None) == expected


def test_files_are_read_from_a_prompt() -> None:
    """By the path over their fence, notes and line numbers aside; the first showing of a path counts."""
    prompt = (
        "a.py (lines 3-4)\n```python\n3 | x = 1\n4 | x = 1\n```\n\ntests/test_a.py:\n```python\nassert x == 1\n```\n"
    )
    shown = files_shown(Request(chat(prompt)))
    assert shown == {"a.py": "x = 1\nx = 1\n", "tests/test_a.py": "assert x == 1\n"}
    assert repeated_line(shown["a.py"]) == "x = 1\n" and repeated_line(shown["tests/test_a.py"]) is None
    assert [is_test(path) for path in ("tests/test_a.py", "a.test.js", "a_test.go", "contest.py")] == [
        True,
        True,
        True,
        False,
    ]
