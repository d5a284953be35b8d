"""The checks of tools._native: only what an edit brought in."""

import ast
from pathlib import Path

import pytest

from tools._native import check

N = 50_000


def codes(path: str, after: str, before: str | None = None) -> list[tuple[str, int, str]]:
    """Findings that block, in short."""
    return [(found.source, found.line, found.code) for found in check(path, after, before) if found.blocking]


def test_findings_say_what_where_and_why() -> None:
    """A finding carries all that a message to the author needs."""
    (found,) = check("a.py", "def f():\n    return reslut\n")

    assert (found.source, found.line, found.column, found.code) == ("static", 2, 12, "F821")
    assert found.message == "Undefined name `reslut`"


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ("def f(:\n    pass\n", ("syntax", 1, "syntax-error")),
        ("def f():\n    pass\n\ndef f():\n    pass\n", ("static", 4, "F811")),
        ("def f():\n  a = 1\n    b = 2\n", ("syntax", 3, "syntax-error")),
        ("x = 1\n```\n", ("guard", 2, "stray-fence")),
        ("x = 1\n>>>>>>> REPLACE\n", ("guard", 2, "edit-marker")),
        ("# ... rest of code unchanged ...\n", ("guard", 1, "elision")),
        ("def f():\n    x = 1\n    ...\n    return x\n", ("guard", 3, "bare-ellipsis")),
    ],
)
def test_each_kind_of_problem_is_found_in_python(after: str, expected: tuple[str, int, str]) -> None:
    """Syntax, static and guard findings, each with its line."""
    assert expected in codes("a.py", after)
    assert codes("a.py", after, before=after) == []


def test_old_problems_are_not_held_against_an_edit() -> None:
    """What was wrong before stays out, also when its line moves."""
    before = "print(unknown)\n"

    assert codes("a.py", "import os\n\nprint(unknown)\n", before) == []
    assert codes("a.py", "print(unknown)\nprint(other)\n", before) == [("static", 2, "F821")]


def test_public_definitions_do_not_get_lost() -> None:
    """A whole-file answer that forgets a function is found out; one that moves it is not."""
    before = "def area(r):\n    return r\n\ndef volume(r):\n    return r\n"
    after = "def area(r):\n    return r * r\n"
    (lost,) = check("shapes.py", after, before)

    assert (lost.source, lost.code) == ("guard", "lost-symbol")
    assert "public function volume (line 4 before the edit) is gone" in lost.message
    assert codes("shapes.py", "from solids import volume\n\n" + after, before) == []


def test_what_does_no_harm_is_advice() -> None:
    """An unused import is said and does not block; the rendered line marks it."""
    (found,) = check("a.py", "import os\n")

    assert not found.blocking
    assert found.render() == "a.py:1:8: advice: `os` imported but unused (F401)"


def test_scripts_are_checked_for_syntax_and_names() -> None:
    """JavaScript and TypeScript that would fail when loaded or run is found, with its place."""
    assert codes("a.ts", "export const a = (b: number) => b +;\n") == [("syntax", 1, "syntax-error")]
    assert codes("a.tsx", "export const a = <Card />;\n") == [("static", 1, "undefined-name")]
    assert codes("a.mjs", "const a = 1;\na = 2;\n") == [("static", 2, "constant-assigned")]


def test_data_files_are_parsed_by_exact_parsers() -> None:
    """JSON, YAML and TOML that programs could not read are syntax errors."""
    assert codes("ci.yaml", "a: [1\nb: 2\n") == [("syntax", 2, "syntax-error")]
    assert codes("package.json", '{\n  "a": 1,\n') == [("syntax", 2, "syntax-error")]
    assert codes("pyproject.toml", "a = 1\na = 2\n") == [("syntax", 2, "syntax-error")]
    assert codes("tsconfig.json", "{ // comments are usual here\n}\n") == []


def test_other_languages_have_the_guards() -> None:
    """Left-out code is found in every comment style."""
    for path, line in [("a.js", "// ... remaining methods ..."), ("a.html", "<!-- rest of the file unchanged -->")]:
        assert codes(path, f"{line}\n") == [("guard", 1, "elision")]


@pytest.mark.parametrize(
    "text",
    ["[" * N, "x = " + "-" * N + "1", "x" + ".a" * N, "f" + "()" * N, "1+" * N, "f'{" + "[" * N, "a if b else " * N],
    ids=["brackets", "signs", "attributes", "calls", "sums", "in a string", "conditions"],
)
def test_endless_nesting_is_a_finding_and_no_crash(text: str) -> None:
    """A model that repeats itself by the ten thousand costs a message, not the process."""
    assert ("syntax", 1, "syntax-error") in codes("a.py", text)
    assert codes("a.py", "x = 1\n", before=text) == []


def test_deep_data_is_not_wrong_for_being_deep() -> None:
    """Where a parser gives up for want of stack, nothing is said about the file."""
    assert codes("a.json", "[" * 1_000 + "]" * 1_000) == []
    assert codes("a.toml", "a = " + "[" * 1_000 + "]" * 1_000) == []


@pytest.mark.slow
def test_the_standard_library_raises_no_guard() -> None:
    """No file of the standard library that parses has a guard finding or an invented syntax error."""
    root = Path(ast.__file__).parent
    alarms = []
    for path in root.rglob("*.py"):
        if {"test", "tests", "site-packages", "lib2to3", "idlelib"} & set(path.relative_to(root).parts):
            continue
        found = check(path.name, path.read_text(encoding="utf-8"))
        alarms += [(str(path), one.line, one.message) for one in found if one.source != "static"]

    assert alarms == []
