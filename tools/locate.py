"""Locate: which functions of the project a failing test points at. Deterministic: no model, nothing is run."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from tools.definitions import FunctionNode, find, first_line, functions, is_unwritten
from tools.frames import Frame, frames
from tools.modules import Project
from tools.references import Place, references, scope_of
from workspace.protected import is_test_path

MAX_LOCATIONS = 12
"""Most functions that are named; the right one stands early or not at all."""


UNITTEST_STARTS = ("", "tests/_", "test/_")
"""Where unittest may have been started: its ids are module names as seen from there."""


@dataclass(frozen=True)
class Location:
    """A function that a failing test points at."""

    path: str
    """Relative to the tree, POSIX."""
    function: str
    """Qualified: ``name``, ``Class.method``."""
    line: int
    """1-based, where its ``def`` stands."""


@dataclass(frozen=True)
class FailingTest:
    """The failing test in its file."""

    path: str
    function: str
    node: FunctionNode


def locate(tree: Path, test_id: str, output: str) -> list[Location]:
    """The functions that the failure points at, best first.

    First those that were running when it failed, the innermost first; then those that the test names, the failing
    line's before the others; then those that these call. Among the named and the called, unwritten ones come first.
    """
    project = Project(tree)
    running = frames(tree, test_id, output)
    stack = [place for frame in reversed(running) if (place := function_at(project, frame))]
    test = find_test(project, test_id)
    named = list(dict.fromkeys(named_by(project, test, running))) if test else []
    called = [place for owner in [*stack, *named] for place in called_by(project, owner)]
    likely = sorted(dict.fromkeys([*named, *called]), key=lambda place: not unwritten(project, place))
    found = (location(project, place) for place in dict.fromkeys([*stack, *likely]) if not is_test_path(place.path))
    return [place for place in found if place is not None][:MAX_LOCATIONS]


def find_test(project: Project, test_id: str) -> FailingTest | None:
    """The test function behind an id of pytest (``path::Class::test[x]``) or unittest (``pkg.mod.Class.test``)."""
    if "::" in test_id:
        file, *rest = test_id.split("[", 1)[0].split("::")
        return in_file(project, file, ".".join(rest))
    parts = test_id.split(".")
    for cut in range(len(parts) - 1, 0, -1):
        for folder in UNITTEST_STARTS:
            path = project.file_of(".".join(parts[:cut]), folder)
            if path and (test := in_file(project, path, ".".join(parts[cut:]))):
                return test
    return None


def in_file(project: Project, path: str, function: str) -> FailingTest | None:
    """The test of this qualified name in a file."""
    module = project.module(path)
    node = find(module.tree, function) if module else None
    return FailingTest(path, function, node) if node else None


def function_at(project: Project, frame: Frame) -> Place | None:
    """The innermost function that a line belongs to."""
    module = project.module(frame.path)
    spans = functions(module.tree) if module else ()
    around = [name for name, node in spans if first_line(node) <= frame.line <= (node.end_lineno or 0)]
    return Place(frame.path, around[-1]) if around else None


def named_by(project: Project, test: FailingTest, running: list[Frame]) -> Iterator[Place]:
    """The project's functions that a test names: its own lines first, then its fixtures' and helpers'."""
    scope = scope_of(project, test.path)
    lines = [f.line for f in running if f.path == test.path]
    failed = next((n for n in reversed(lines) if test.node.lineno <= n <= (test.node.end_lineno or 0)), None)
    places = list(references(project, scope, by_relevance(test.node, failed)))
    yield from places
    helpers = [found for place in places if (found := helper(project, place))]
    for path, function in [*helpers, *fixtures(project, test)]:
        yield from references(project, scope_of(project, path), function.body)


def by_relevance(node: FunctionNode, failed: int | None) -> list[ast.stmt]:
    """The test's statements: the failing one, those that make what it uses, the others before it, nearest first."""
    statements = [s for s in ast.walk(node) if isinstance(s, ast.stmt) and s is not node and is_leaf(s)]
    if failed is None:
        return statements
    before = sorted((s for s in statements if s.lineno <= failed), key=lambda s: -s.lineno)
    if not before:
        return statements
    used = {n.id for n in ast.walk(before[0]) if isinstance(n, ast.Name)}
    makes = [s for s in before[1:] if used & stored(s)]
    return [before[0], *makes, *(s for s in before[1:] if s not in makes)]


def is_leaf(statement: ast.stmt) -> bool:
    """True for a statement without others inside, and for ``with``, whose header counts."""
    return not hasattr(statement, "body") or isinstance(statement, ast.With | ast.AsyncWith)


def stored(statement: ast.stmt) -> set[str]:
    """The names that a statement binds."""
    return {n.id for n in ast.walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}


def helper(project: Project, place: Place) -> tuple[str, FunctionNode] | None:
    """The function behind a place in a test file."""
    module = project.module(place.path)
    node = find(module.tree, place.function) if module and is_test_path(place.path) else None
    return (place.path, node) if node else None


def fixtures(project: Project, test: FailingTest) -> Iterator[tuple[str, FunctionNode]]:
    """What runs before the test: fixtures named as its parameters, and the set-up of its class."""
    owner = test.function.rpartition(".")[0]
    wanted = {arg.arg for arg in test.node.args.args}
    conftests = [str(folder / "conftest.py") for folder in PurePosixPath(test.path).parents]
    for path in (test.path, *conftests):
        module = project.module(path)
        for name, node in functions(module.tree) if module else ():
            if name in wanted or (owner and name in {f"{owner}.setUp", f"{owner}.setup_method"}):
                yield path, node


def called_by(project: Project, place: Place) -> Iterable[Place]:
    """The project's functions that a function names."""
    module = project.module(place.path)
    node = find(module.tree, place.function) if module else None
    return references(project, scope_of(project, place.path), node.body) if node else ()


def unwritten(project: Project, place: Place) -> bool:
    """True where the function is still to be written."""
    module = project.module(place.path)
    node = find(module.tree, place.function) if module else None
    return node is not None and is_unwritten(node)


def location(project: Project, place: Place) -> Location | None:
    """The place with its line."""
    module = project.module(place.path)
    node = find(module.tree, place.function) if module else None
    return Location(place.path, place.function, node.lineno) if node else None
