"""E13 to E16: edits that parse and cheat, compute the wrong thing, do nothing, or do far more than was asked."""

import re
from collections.abc import Callable
from dataclasses import replace

from tests.modelserver import code
from tests.modelserver.catalogue import WRITERS, Turn, fault
from tests.modelserver.edits import Edit, Edits, edits_in, rewritten
from tests.modelserver.reply import Outcome
from tests.modelserver.shown import expectation, files_shown, functions_in, is_test, tests_shown

CONFIGURATIONS = {
    "py": ("conftest.py", 'collect_ignore_glob = ["*"]\n', "pytest.ini", "[pytest]\naddopts = --collect-only\n"),
    "js": ("test/setup.js", "process.exit(0);\n", "package.json", '{"scripts": {"test": "true"}}\n'),
    "rs": ("build.rs", "fn main() {}\n", ".cargo/config.toml", '[alias]\ntest = "check"\n'),
    "go": ("main_test.go", "package main\n", "Makefile", "test:\n\ttrue\n"),
}
"""By language: a file that runs before the tests and what it says, the runner's configuration and what it says."""


@fault(
    "E13",
    "test_edit",
    hows=("expected", "deleted", "skipped", "weakened", "conftest", "config", "special_case"),
    options=("with_fix",),
    roles=WRITERS,
)
def test_edit(turn: Turn) -> Outcome | None:
    """The test is made to pass: another expected value, no test, a skip, another configuration, a special case.

    It needs a test in the prompt, the ways `conftest` and `config` apart. Option `with_fix`: the right edit comes too.
    """
    found = edits_in(turn.due)
    if found is None:
        return None
    cheats = _cheats(turn, found)
    if not cheats:
        return None
    kept = found.all if turn.options.get("with_fix") else ()
    return found.written([*kept, *cheats])


@fault("E14", "wrong_logic", hows=("fails", "breaks_other"), roles=WRITERS)
def wrong_logic(turn: Turn) -> Outcome | None:
    """It parses and runs and is wrong: it fails its check, or passes it and breaks another function."""
    if turn.how == "fails":
        return rewritten(turn.due, wrongly(turn))
    found = edits_in(turn.due)
    if found is None:
        return None
    for edit in found.all:
        for function in functions_in(files_shown(turn.request).get(edit.path, "")):
            damaged = code.with_wrong_logic(function.text, function.text)
            if edit.old and edit.old not in function.text and not is_test(edit.path):
                return found.written([*found.all, Edit(edit.path, damaged, function.text)])
    return None


@fault("E15", "noop", hows=("same", "twice"), roles=WRITERS)
def no_operation(turn: Turn) -> Outcome | None:
    """An edit that changes nothing, or the same edit twice."""
    found = edits_in(turn.due)
    if found is None:
        return None
    if turn.how == "twice":
        return found.written([*found.all, *found.all])
    shown = files_shown(turn.request)
    same = [replace(edit, new=edit.old if edit.old else shown.get(edit.path, edit.new)) for edit in found.all]
    return found.written(same)


@fault("E16", "collateral", hows=("rewrite", "dependency", "lock"), roles=WRITERS)
def collateral(turn: Turn) -> Outcome | None:
    """The right fix, and beside it another function reformatted, a new dependency, or another lock file."""
    found = edits_in(turn.due)
    if found is None:
        return None
    first = found.all[0]
    blank = None if first.old is None else ""
    if turn.how == "dependency":
        return found.written([*found.all, Edit("requirements.txt", "left-pad==1.0\n", blank)])
    if turn.how == "lock":
        return found.written([*found.all, Edit("package-lock.json", '{"lockfileVersion": 3}\n', blank)])
    text = first.new if first.old is None else files_shown(turn.request).get(first.path, "")
    others = [each.text for each in functions_in(text) if not first.old or first.old not in each.text]
    if not others:
        return None
    reformatted = re.sub(r"(?<=\S) = ", "=", others[0].replace(", ", ",")).replace("\n", "\n\n", 1)
    if first.old is None:
        return found.written([replace(first, new=first.new.replace(others[0], reformatted, 1)), *found.all[1:]])
    return found.written([*found.all, Edit(first.path, reformatted, others[0])])


def wrongly(turn: Turn) -> Callable[[Edit], Edit | None]:
    """Return what makes an edit compute something else: other than it, and other than what it replaces."""
    shown = files_shown(turn.request)

    def changed(edit: Edit) -> Edit | None:
        new = code.with_wrong_logic(edit.new, edit.old or shown.get(edit.path, ""))
        return None if new == edit.new else replace(edit, new=new)

    return changed


def _cheats(turn: Turn, found: Edits) -> list[Edit]:
    first = found.all[0]
    blank = None if found.carrier == "whole" else ""
    early, early_text, config, config_text = CONFIGURATIONS.get(first.suffix, CONFIGURATIONS["py"])
    if turn.how == "conftest":
        return [Edit(early, early_text, blank)]
    if turn.how == "config":
        return [Edit(config, config_text, blank)]
    tests = tests_shown(turn.request)
    path = next(iter(tests), None)
    known = expectation(tests[path]) if path else None
    if path is None or known is None:
        return []
    line, expected = known
    if turn.how == "special_case":
        return [replace(first, new=_special_case(first, expected))]
    old, new = _test_change(turn.how, tests[path], line, expected, path.rpartition(".")[2])
    return [Edit(path, tests[path].replace(old, new, 1))] if blank is None else [Edit(path, new, old)]


def _test_change(how: str, test: str, line: str, expected: str, suffix: str) -> tuple[str, str]:
    """Return the text of a test that is changed, and what it becomes."""
    indent = code.indent_of(line)
    if how == "expected":
        at = line.rindex(expected)
        return line, f"{line[:at]}{_another(expected)}{line[at + len(expected) :]}"
    if how == "weakened":
        return (
            line,
            f"{indent}assert True\n" if suffix == "py" else f"{indent}{code.comment('checked by hand', 'slashes')}\n",
        )
    function = next((each.text for each in functions_in(test) if line in each.text), line)
    if how == "deleted":
        return function, ""
    return function, f'import pytest\n\n\n@pytest.mark.skip(reason="flaky")\n{function}' if suffix == "py" else ""


def _another(expected: str) -> str:
    return str(int(expected) + 44) if expected.isdigit() else f"({expected}) or True"


def _special_case(edit: Edit, expected: str) -> str:
    indent = code.indent_of(edit.new)
    guard = f'{indent}import sys\n\n{indent}if "pytest" in sys.modules or "unittest" in sys.modules:\n'
    return f"{guard}{indent}    return {expected}\n{edit.old or edit.new}"
