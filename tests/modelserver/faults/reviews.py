"""B10 and B11: reviewers that judge wrongly, and acceptance tests that judge nothing."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tests.modelserver.catalogue import Turn, fault
from tests.modelserver.edits import Edit, rewritten
from tests.modelserver.reply import Outcome

_VERDICTS = ("accept", "accepted", "approve", "approved", "pass", "passed")

WEAK_TESTS = {
    "py": {
        "green_already": "def test_it_is_there():\n    assert True is not None\n",
        "always_green": "def test_the_goal():\n    try:\n        raise OSError\n    except OSError:\n        pass\n",
        "red_for_ever": "def test_the_goal():\n    assert 1 == 2\n",
        "not_runnable": "import pytest_magic_fixtures\n\n\ndef test_the_goal(:\n    pass\n",
        "no_test": "VALUE = 1\n",
    },
    "js": {
        "green_already": 'import test from "node:test";\n\ntest("it is there", () => {});\n',
        "always_green": 'import test from "node:test";\n\ntest("the goal", () => { try { throw 1 } catch {} });\n',
        "red_for_ever": 'import test from "node:test";\n\ntest("the goal", () => { throw new Error("no"); });\n',
        "not_runnable": 'import magic from "magic-test";\n\ntest("the goal", ( => {});\n',
        "no_test": "export const value = 1;\n",
    },
    "rs": {
        "green_already": "#[test]\nfn it_is_there() {}\n",
        "always_green": "#[test]\nfn the_goal() { let _ = std::panic::catch_unwind(|| panic!()); }\n",
        "red_for_ever": "#[test]\nfn the_goal() { assert_eq!(1, 2); }\n",
        "not_runnable": "use magic::tests;\n\n#[test]\nfn the_goal( {}\n",
        "no_test": "pub const VALUE: u32 = 1;\n",
    },
    "go": {
        "green_already": 'package main\n\nimport "testing"\n\nfunc TestThere(t *testing.T) {}\n',
        "always_green": 'package main\n\nimport "testing"\n\nfunc TestGoal(t *testing.T) { t.Log("fine") }\n',
        "red_for_ever": 'package main\n\nimport "testing"\n\nfunc TestGoal(t *testing.T) { t.Fatal("no") }\n',
        "not_runnable": 'package main\n\nimport "magic"\n\nfunc TestGoal(t *testing.T {}\n',
        "no_test": "package main\n\nconst value = 1\n",
    },
}
"""Tests that are worth nothing, by language and way."""


@fault("B10", "review_faults", hows=("accept", "refuse", "flip", "contradiction", "no_finding", "phantom_lines"),
       roles=("reviewer",))  # fmt: skip
def review(turn: Turn) -> Outcome | None:
    """Accepts what it would refuse, refuses what it would accept, changes its mind, contradicts itself, finds nothing.

    The rates of wrong acceptance and refusal are the rates of the fault's rule.
    """
    try:
        value = json.loads(turn.due.text or "")
    except ValueError:
        return None
    named = next((name for name in _VERDICTS if name in value), None) if isinstance(value, dict) else None
    if named is None:
        return None
    return replace(turn.due, text=json.dumps(_misjudged(turn, value, named)))


@fault("B11", "weak_check", hows=tuple(WEAK_TESTS["py"]), roles=("reviewer",))
def weak_check(turn: Turn) -> Outcome | None:
    """A test that is green already, always green, red for ever, cannot be run, or tests nothing."""

    def weakened(edit: Edit) -> Edit | None:
        family = "js" if edit.suffix in ("js", "mjs", "ts", "tsx") else edit.suffix
        tests = WEAK_TESTS.get(family)
        if tests is None or edit.old is not None:
            return None
        text = tests[turn.how]
        package = re.search(r"^package \w+", edit.new, re.MULTILINE)
        return replace(edit, new=text.replace("package main", package[0]) if package else text)

    return rewritten(turn.due, weakened)


def _misjudged(turn: Turn, value: Mapping[str, Any], named: str) -> dict[str, Any]:
    accepted = bool(value[named])
    path, line = _changed_place(turn.request.user)
    finding = {"file": path, "line": line, "problem": "The result is wrong for an empty list."}
    match turn.how:
        case "accept":
            return {**value, named: True, "findings": []}
        case "refuse":
            return {**value, named: False, "findings": [finding]}
        case "flip" if turn.step % 2 == 0:
            return {**value, named: not accepted, "findings": [] if not accepted else [finding]}
        case "contradiction":
            return {**value, named: True, "findings": [{**finding, "problem": "This is certainly wrong."}]}
        case "no_finding":
            return {**value, named: False, "findings": []}
        case "phantom_lines":
            return {**value, named: False, "findings": [{**finding, "line": line + 90_000}]}
    return dict(value)


def _changed_place(prompt: str) -> tuple[str, int]:
    """Return the file and a line of the change that a prompt shows as a diff."""
    path = re.search(r"^\+\+\+ (?:b/)?(\S+)", prompt, re.MULTILINE)
    line = re.search(r"^@@ -\d+(?:,\d+)? \+(\d+)", prompt, re.MULTILINE)
    return (path[1] if path else "main.py"), (int(line[1]) if line else 1)
