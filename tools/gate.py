"""Gate: what a candidate must be before a test is spent on it. Hygiene, not defence: the sandbox is the defence."""

import ast
from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from tools.definitions import FunctionNode, find, parse
from tools.functions import Target

PURE_MODULES = frozenset(
    {
        "abc", "array", "base64", "bisect", "calendar", "cmath", "collections", "colorsys", "contextlib", "copy",
        "dataclasses", "datetime", "decimal", "difflib", "enum", "fractions", "functools", "graphlib", "hashlib",
        "heapq", "html", "itertools", "json", "keyword", "math", "numbers", "operator", "random", "re", "statistics",
        "string", "struct", "textwrap", "time", "types", "typing", "unicodedata", "uuid", "zlib", "zoneinfo",
    }
)  # fmt: skip
"""Standard modules that compute and touch nothing outside: any candidate may import them."""

REFUSED_NAMES = frozenset({"__import__", "breakpoint", "compile", "eval", "exec", "exit", "input", "open", "quit"})
"""Names that a small function seldom needs and that do harm; allowed only where the original used them."""

LEAVES = ast.Return | ast.Raise | ast.Continue | ast.Break
"""Statements after which the next one in the same block is never reached."""

NO_PARAMETERS = ast.arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[])

Import = ast.Import | ast.ImportFrom


def gate(target: Target, candidate: str, seen: AbstractSet[str] = frozenset()) -> str | None:
    """Why the candidate, a whole new source, is refused without a test; None when it may be tested.

    ``seen`` holds the :func:`fingerprint` of earlier candidates.
    """
    try:
        tree = parse(candidate)
    except SyntaxError as reason:
        return f"does not parse: {reason.msg}"
    node = find(tree, target.function)
    if node is None:
        return f"{target.function} is gone"
    original = parse(target.source)
    return (
        changed_face(target.node, node)
        or changed_surroundings(original, tree, target.function)
        or refused_import(original, tree)
        or refused_name(target.node, node)
        or unreachable(target.node, node)
        or known(target, tree, node, seen)
    )


def fingerprint(target: Target, candidate: str) -> str:
    """Equal for candidates that do the same, comments and layout aside; raises SyntaxError."""
    tree = parse(candidate)
    node = find(tree, target.function)
    return "" if node is None else dump(tree, node)


def dump(tree: ast.Module, node: FunctionNode) -> str:
    """The function and the module's imports, as text."""
    return "\n".join([*(ast.dump(n) for n in tree.body if isinstance(n, Import)), ast.dump(node)])


def known(target: Target, tree: ast.Module, node: FunctionNode, seen: AbstractSet[str]) -> str | None:
    """Refuses what is the original, or was tested before."""
    if ast.dump(node) == ast.dump(target.node):
        return "unchanged"
    return "tried before" if dump(tree, node) in seen else None


def changed_face(old: FunctionNode, new: FunctionNode) -> str | None:
    """Refuses another kind of function, other decorators, other parameters; a default may take another value."""
    if type(old) is not type(new):
        return "async changed"
    if [ast.dump(d) for d in old.decorator_list] != [ast.dump(d) for d in new.decorator_list]:
        return "decorators changed"
    return None if parameters(old) == parameters(new) else "parameters changed"


def parameters(node: FunctionNode) -> tuple[object, ...]:
    """Names, kinds and number of defaults of the parameters, and what they are annotated with."""
    args = node.args
    groups = (args.posonlyargs, args.args, args.kwonlyargs, [args.vararg], [args.kwarg])
    names = tuple(tuple(ast.dump(arg) if arg else "" for arg in group) for group in groups)
    return names, len(args.defaults), tuple(default is None for default in args.kw_defaults)


def changed_surroundings(old: ast.Module, new: ast.Module, function: str) -> str | None:
    """Refuses a change outside the function, imports at the top aside."""
    same = outside(old, function) == outside(new, function)
    return None if same else "something outside the function changed"


def outside(tree: ast.Module, function: str) -> list[str]:
    """Every statement of the module as text, imports left out, the function without parameters and body."""
    node = find(tree, function)
    if node is None:
        return []
    kept = node.args, node.body
    node.args, node.body = NO_PARAMETERS, []
    texts = [ast.dump(n) for n in tree.body if not isinstance(n, Import)]
    node.args, node.body = kept
    return texts


def refused_import(old: ast.Module, new: ast.Module) -> str | None:
    """Refuses a module that is neither pure nor imported by the file already."""
    present = {module for n in ast.walk(old) if isinstance(n, Import) for module in modules(n)}
    for n in ast.walk(new):
        for module in modules(n):
            if module not in present and module.split(".")[0] not in PURE_MODULES:
                return f"imports {module}"
    return None


def modules(node: ast.AST) -> Iterator[str]:
    """The modules that a statement imports; a relative one begins with its dots."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        yield "." * node.level + (node.module or "")


def refused_name(old: FunctionNode, new: FunctionNode) -> str | None:
    """Refuses a harmful built-in that the original did not use, by name or as an attribute of ``builtins``."""
    added = (names(new) - names(old)) & REFUSED_NAMES
    return f"uses {min(added)}" if added else None


def names(node: ast.AST) -> set[str]:
    """The bare names that are read or written."""
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}


def unreachable(old: FunctionNode, new: FunctionNode) -> str | None:
    """Refuses a statement that can never run, unless the original had as many."""
    return "a statement is never reached" if dead_statements(new) > dead_statements(old) else None


def dead_statements(node: FunctionNode) -> int:
    """How many statements stand behind one that leaves their block."""
    count = 0
    for child in ast.walk(node):
        for block in blocks(child):
            leaving = next((i for i, statement in enumerate(block) if isinstance(statement, LEAVES)), len(block))
            count += max(0, len(block) - leaving - 1)
    return count


def blocks(node: ast.AST) -> Iterator[list[ast.stmt]]:
    """The statement lists of a node."""
    for field in ("body", "orelse", "finalbody"):
        block = getattr(node, field, None)
        if isinstance(block, list):
            yield block
