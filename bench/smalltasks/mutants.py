"""Mutants: a right function with one small fault, as a check on the tests that a task shows.

A task whose tests let a mutant pass that its hidden calls find would blame a model for what nobody told it.
"""

import ast
import copy
import sys
from collections.abc import Iterator
from typing import Any

from bench.smalltasks.task import Reference, Task

SWAPPED: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.And: ast.Or, ast.Or: ast.And, ast.Add: ast.Sub, ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult, ast.Div: ast.Mult, ast.Mod: ast.FloorDiv,
}  # fmt: skip
"""Operators and what is written for them by mistake."""


def mutants(task: Task) -> Iterator[tuple[str, Reference]]:
    """Yield the text and the function of each mutant of a task's reference that can be defined."""
    tree = ast.parse(task.source)
    for place, node in enumerate(_nodes(copy.deepcopy(tree))):
        for fault in _faults(node):
            mutant = ast.fix_missing_locations(_Put(place, fault).visit(copy.deepcopy(tree)))
            names: dict[str, Any] = dict(vars(sys.modules[task.reference.__module__]))
            exec(compile(mutant, task.name, "exec"), names)
            yield ast.unparse(mutant), names[task.name]


def _faults(node: ast.AST) -> Iterator[ast.AST]:
    """What may stand in the place of a node by mistake."""
    match node:
        case ast.Compare(ops=operators):
            for number, operator in enumerate(operators):
                if swapped := SWAPPED.get(type(operator)):
                    changed = copy.deepcopy(node)
                    changed.ops[number] = swapped()  # type: ignore[call-overload]
                    yield changed
        case ast.BinOp(op=operator) | ast.BoolOp(op=operator):
            if swapped := SWAPPED.get(type(operator)):
                changed = copy.deepcopy(node)
                changed.op = swapped()  # type: ignore[attr-defined]
                yield changed
        case ast.UnaryOp(operand=inner):
            yield inner
        case ast.Constant(value=int(number)) if not isinstance(number, bool):
            yield from (ast.Constant(number + 1), ast.Constant(number - 1))
        case ast.Call(func=ast.Name(), args=[only], keywords=[]):
            yield only
        case ast.Call(func=ast.Attribute(value=owner)):
            yield owner
        case ast.IfExp(body=one, orelse=other):
            yield from (one, other)


def _nodes(tree: ast.AST) -> list[ast.AST]:
    """All nodes in the order in which a transformer comes to them."""
    seen: list[ast.AST] = []

    class Visitor(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> ast.AST:
            seen.append(node)
            return self.generic_visit(node)

    Visitor().visit(tree)
    return seen


class _Put(ast.NodeTransformer):
    """Puts another node in one place, counted as in :func:`_nodes`."""

    def __init__(self, place: int, fault: ast.AST) -> None:
        self._left, self._fault = place, fault

    def visit(self, node: ast.AST) -> ast.AST:
        self._left -= 1
        return self._fault if self._left == -1 else self.generic_visit(node)
