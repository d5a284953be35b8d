"""Definitions: the functions of a Python source by their qualified names, as plain ``ast`` sees them."""

import ast
import re
from collections.abc import Iterator

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
"""A ``def`` or an ``async def``."""

LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
"""One line with its end, or a last one without."""


def parse(source: str) -> ast.Module:
    """The syntax tree of a source, which may begin with a byte order mark; raises SyntaxError, also for a null byte."""
    try:
        return ast.parse(source.removeprefix("\ufeff"))
    except ValueError as reason:  # Python 3.11 says ValueError for a null byte
        raise SyntaxError(str(reason)) from None
    except (RecursionError, MemoryError) as reason:
        raise SyntaxError("nested too deeply to be read") from reason


def split_lines(source: str) -> list[str]:
    """The lines with their ends, cut where Python's own line numbers count (unlike ``str.splitlines``)."""
    return LINE.findall(source)


def functions(tree: ast.AST, prefix: str = "") -> Iterator[tuple[str, FunctionNode]]:
    """Every function with its qualified name (``Class.method``, ``outer.inner``), in the order of the source."""
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, FunctionNode):
            yield prefix + child.name, child
            yield from functions(child, f"{prefix}{child.name}.")
        elif isinstance(child, ast.ClassDef):
            yield from functions(child, f"{prefix}{child.name}.")
        elif not isinstance(child, ast.expr):  # an expression holds no def, and a long one nests deeply
            yield from functions(child, prefix)


def find(tree: ast.AST, qualified: str) -> FunctionNode | None:
    """The function of this qualified name: the last one where it is defined again, as at run time."""
    found = [node for name, node in functions(tree) if name == qualified]
    return found[-1] if found else None


def body_after_docstring(node: FunctionNode) -> list[ast.stmt]:
    """The statements that do something; empty where there is only a docstring."""
    return node.body[1:] if ast.get_docstring(node, clean=False) is not None else node.body


def is_unwritten(node: FunctionNode) -> bool:
    """True where the body only says that it is to be written: ``raise NotImplementedError``, ``pass``, ``...``."""
    return all(is_placeholder(statement) for statement in body_after_docstring(node))


def is_placeholder(statement: ast.stmt) -> bool:
    """True for ``pass``, ``...`` and ``raise NotImplementedError(...)``."""
    match statement:
        case ast.Pass():
            return True
        case ast.Expr(value=ast.Constant(value=value)):
            return value is ...
        case ast.Raise(exc=ast.Name(id="NotImplementedError") | ast.Call(func=ast.Name(id="NotImplementedError"))):
            return True
        case _:
            return False


def first_line(node: FunctionNode | ast.ClassDef) -> int:
    """The 1-based line where a definition begins, its decorators included."""
    return min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
