"""Excerpt: what a small model needs to see of a file around one function. The rest of the file only distracts it."""

import ast
import re
from collections.abc import Iterator

from tools.definitions import FunctionNode, find, first_line, parse
from tools.functions import Target
from tools.holes import Hole

MAX_CHARS = 2400
"""Most characters of surroundings, about 700 tokens: seven seconds of a 0.5B model on one thread."""

WORD = re.compile(r"[^\W\d]\w*")


def before(target: Target, hole: Hole) -> str:
    """The text before a hole: the surroundings and the function down to the hole."""
    return surroundings(target) + target.source[target.offset(target.start) : hole.start] + hole.lead


def after(target: Target, hole: Hole) -> str:
    """The text after a hole: the rest of the function."""
    return target.source[hole.end : target.offset(target.end)]


def surroundings(target: Target) -> str:
    """What the function uses of its file: imports, constants, functions, classes, and the head of its own class.

    In the order of the file and as it stands there; the parts farthest from the function are left out when it is long.
    """
    spans = sorted(set(wanted(target)))
    kept: list[tuple[int, int]] = []
    room = MAX_CHARS
    for start, end in sorted(spans, key=lambda span: min(abs(span[0] - target.start), abs(span[1] - target.start))):
        size = target.offset(end) - target.offset(start)
        if size <= room:
            kept.append((start, end))
            room -= size
    return joined(target, sorted(kept))


def joined(target: Target, spans: list[tuple[int, int]]) -> str:
    """The lines of the spans, with a blank line wherever some are left out."""
    text = ""
    for i, (start, end) in enumerate(spans):
        text += "".join(target.lines[start:end])
        adjacent = i + 1 < len(spans) and spans[i + 1][0] == end
        text += "" if adjacent or not text else target.newline
    return text


def wanted(target: Target) -> Iterator[tuple[int, int]]:
    """The spans of lines, counted from 0, that the function's text mentions."""
    tree = parse(target.source)
    words = set(WORD.findall(target.text))
    node = find(tree, target.function)
    for statement in tree.body:
        if statement is node:
            continue
        if contains(statement, node):
            yield from inside(statement, node, words)
        elif bound(statement) & words or (target.unwritten and is_constant(statement)):
            yield span(statement)


def is_constant(statement: ast.stmt) -> bool:
    """True for an assignment: what is still to be written may use it without naming it yet."""
    return isinstance(statement, ast.Assign | ast.AnnAssign)


def inside(owner: ast.stmt, node: FunctionNode | None, words: set[str]) -> Iterator[tuple[int, int]]:
    """The head of what the function stands in, and those of its other parts that the function mentions."""
    body: list[ast.stmt] = getattr(owner, "body", [])
    first = first_line(owner) if isinstance(owner, ast.ClassDef | FunctionNode) else owner.lineno
    yield first - 1, first_of(body[0]) - 1
    for statement in body:
        is_definition = isinstance(statement, FunctionNode | ast.ClassDef)
        if statement is node:
            continue
        if contains(statement, node):
            yield from inside(statement, node, words)
        elif not is_definition or bound(statement) & (words | {"__init__"}):
            yield span(statement)


def contains(statement: ast.stmt, node: FunctionNode | None) -> bool:
    """True where the function stands inside the statement."""
    return any(inner is node for inner in ast.walk(statement))


def bound(statement: ast.stmt) -> set[str]:
    """The names that a statement defines or imports."""
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return {alias.asname or alias.name.split(".")[0] for alias in statement.names}
    if isinstance(statement, FunctionNode | ast.ClassDef):
        return {statement.name}
    return {n.id for n in ast.walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}


def span(statement: ast.stmt) -> tuple[int, int]:
    """The lines of a statement, decorators included; the end is exclusive."""
    return first_of(statement) - 1, statement.end_lineno or 0


def first_of(statement: ast.stmt) -> int:
    """The 1-based first line of a statement, decorators included."""
    return first_line(statement) if isinstance(statement, FunctionNode | ast.ClassDef) else statement.lineno
