"""Expectations: what a project's tests say about one function, as source text for a prompt."""

import ast
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path

from tools.definitions import FunctionNode, first_line, functions, split_lines
from tools.locate import FailingTest, find_test, fixtures
from tools.modules import Module, Project

MAX_CHARS = 2400
"""About 700 tokens: what a small model reads of tests without losing the thread."""


def expectations(tree: Path, test_ids: Sequence[str], function: str, *, limit: int = MAX_CHARS) -> str:
    """The failing tests with their fixtures, then the other tests of their files that name the function.

    At most ``limit`` characters; a test is given whole or not at all, the first one always.
    """
    project = Project(tree)
    failing = [test for name in test_ids if (test := find_test(project, name))]
    kept: list[str] = []
    for text in dict.fromkeys(texts(project, failing, function.split(".")[-1])):
        if not kept or sum(map(len, kept)) + len(text) <= limit:
            kept.append(text)
    return "\n\n".join(kept) + "\n" if kept else ""


def texts(project: Project, failing: Sequence[FailingTest], name: str) -> Iterator[str]:
    """The sources of the tests, most telling first."""
    for test in failing:
        if module := project.module(test.path):
            yield text_of(module, test.node)
    for test in failing:
        for path, node in fixtures(project, test):
            if module := project.module(path):
                yield text_of(module, node)
    for path in dict.fromkeys(test.path for test in failing):
        if module := project.module(path):
            yield from (text_of(module, node) for node in tests_of(module) if mentions(node, name))


def tests_of(module: Module) -> list[FunctionNode]:
    """The tests of a file."""
    return [node for _, node in functions(module.tree) if node.name.startswith("test")]


def mentions(node: FunctionNode, name: str) -> bool:
    """True where the code uses this name, bare or as an attribute."""
    return any(
        (isinstance(n, ast.Name) and n.id == name) or (isinstance(n, ast.Attribute) and n.attr == name)
        for n in ast.walk(node)
    )


def text_of(module: Module, node: FunctionNode) -> str:
    """A function as it stands in its file, decorators included, moved to the left margin."""
    lines = split_lines(module.source)[first_line(node) - 1 : node.end_lineno]
    return textwrap.dedent("".join(lines)).replace("\r\n", "\n").rstrip()
