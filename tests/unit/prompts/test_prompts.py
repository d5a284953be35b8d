"""Every prompt, rendered on a fixed example: a change of wording is a change of behaviour, so it shows as a diff."""

import jinja2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

from prompts import fenced, render

TASK = {"id": "t1", "title": "Split an amount", "goal": "split(amount, parts) returns equal shares in cents."}
CODE = '"""Money."""\n\n\ndef cents(text: str) -> int:\n    return int(text)\n'
CONTEXT = f"money.py\n```python\n{CODE}```\n"
TEST = {
    "path": "tests/test_split.py",
    "text": "def test_split():\n    assert split(10, 3) == [4, 3, 3]\n",
    "language": "python",
}
OUTPUT = "E   NameError: name 'split' is not defined"
PLACE = {
    "path": "money.py",
    "line": 5,
    "text": "  4 | def cents(text):\n> 5 |     return int(text)",
    "language": "python",
}
HISTORY = ["attempt 1 (code, blocks, a-model): `pytest` still fails (exit code 1: tests/test_split.py::test_split)"]
DIFF = "--- a/money.py\n+++ b/money.py\n@@ -1 +1 @@\n-a\n+b\n"

USES = '2 uses of "split" in 1 file\n\nsrc/report.py\n  4 call: split(text)'

CASES: dict[tuple[str, str], dict[str, object]] = {
    ("orchestrator", "system"): {},
    ("orchestrator", "classify"): {
        "request": "Add split().",
        "files": 3,
        "languages": "python",
        "failing": ["tests/test_money.py::test_split"],
    },
    ("orchestrator", "decide"): {
        "request": "Add split().",
        "task": TASK,
        "attempts": 5,
        "findings": ["[test] `pytest` still fails"],
        "choices": ["split", "replan", "stop"],
    },
    ("orchestrator", "answer_system"): {},
    ("orchestrator", "answer"): {"request": "What does cents() do?", "context": CONTEXT},
    ("orchestrator", "conflict"): {"files": ["money.py", "report.py"]},
    ("orchestrator", "broken"): {"problem": "`pytest` has new failures"},
    ("planner", "system"): {},
    ("planner", "plan"): {
        "request": "Add split() and use it.",
        "requirements": [("R1", "Add split()"), ("R2", "use it.")],
        "files": ["money.py", "report.py"],
        "more": 0,
        "outline": "money.py: cents",
        "failing": ["tests/test_money.py::test_split"],
        "replan": "",
        "done": [],
        "limit": 20,
    },
    ("searcher", "system"): {},
    ("searcher", "query"): {"goal": TASK["goal"], "problem": OUTPUT, "files": ["money.py"], "more": 12},
    ("searcher", "context"): {
        "parts": [{"path": "money.py", "note": "", "text": CODE, "language": "python"}],
        "hits": "1 match in 1 file",
        "uses": USES,
        "conventions": "AGENTS.md:\nNames are snake_case.",
        "new_files": ["split.py"],
    },
    ("reviewer", "specify_system"): {},
    ("reviewer", "specify"): {
        "goal": TASK["goal"],
        "context": CONTEXT,
        "path": "tests/test_split.py",
        "framework": "pytest",
        "command": "python -m pytest tests/test_split.py",
        "problem": "it passes already",
        "output": "",
    },
    ("reviewer", "restate"): {
        "goal": TASK["goal"],
        "path": TEST["path"],
        "test": TEST["text"],
        "language": "python",
        "diff": DIFF,
        "output": OUTPUT,
    },
    ("reviewer", "consent"): {
        "request": "split() gives the remainder to the last shares.",
        "goal": TASK["goal"],
        "reason": "the request turns the order round",
        "tests": ["tests/test_split.py"],
        "removed": ["tests/test_split.py: assert split(10, 3) == [4, 3, 3]"],
        "diff": DIFF,
    },
    ("reviewer", "review_system"): {},
    ("reviewer", "review"): {
        "goal": TASK["goal"],
        "diff": DIFF,
        "checks": ["python -m pytest tests/test_split.py"],
        "uses": USES,
    },
    ("reviewer", "audit_system"): {},
    ("reviewer", "audit"): {"diff": DIFF, "uses": USES},
    ("coder", "system"): {"format": "blocks", "may_edit": []},
    ("coder", "task"): {
        "goal": TASK["goal"],
        "context": CONTEXT,
        "tests": [TEST],
        "output": OUTPUT,
        "places": [PLACE],
        "history": HISTORY,
        "tried": [{"diff": DIFF, "problem": "attempt 1: `pytest` still fails"}],
        "carry": {"reason": "another task changed the same lines first.", "diff": DIFF},
    },
    ("coder", "again"): {"problem": "money.py:3: syntax error"},
    ("fixer", "system"): {"format": "whole", "may_edit": ["tests/test_old.py"]},
    ("fixer", "repair"): {
        "goal": TASK["goal"],
        "findings": ["[test] `pytest` still fails"],
        "output": OUTPUT,
        "context": CONTEXT,
        "tests": [TEST],
        "definitions": '1 definition of "split": src/split.py\n  1: def split(text)',
        "places": [PLACE],
        "history": HISTORY,
    },
}


@pytest.mark.parametrize(("template", "block"), CASES, ids=lambda part: str(part))
def test_rendered_prompt(template: str, block: str, snapshot: SnapshotAssertion) -> None:
    """The whole text that a model is sent, apart from what the door adds."""
    assert render(template, block, **CASES[template, block]) == snapshot


def test_data_keeps_every_byte() -> None:
    """Blank lines of a file reach the model as they are: it must copy them into a SEARCH block."""
    code = "a = 1\n\n\n\ndef f():\n    pass\n"
    parts = [{"path": "a.py", "note": "", "text": code, "language": "python"}]
    assert code in render("searcher", "context", parts=parts, hits="", uses="", conventions="", new_files=[])


def test_a_missing_value_is_an_error() -> None:
    """A value that a template needs and does not get stops the run instead of leaving a hole in the prompt."""
    with pytest.raises(jinja2.UndefinedError):
        render("coder", "again")


@given(st.text(alphabet="`a\n~", max_size=60))
def test_fenced_text_cannot_end_its_fence(text: str) -> None:
    """No line of the text is the fence that wraps it, whatever it holds."""
    first, *inner, last = fenced(text, "x").split("\n")
    assert first == last + "x"
    assert all(line.strip() != last for line in inner)
