"""References: which functions of the project a piece of code names, through imports, classes and methods."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tools.definitions import find
from tools.modules import Meaning, Project

MAX_BASES = 4
"""How many steps of inheritance are followed."""


@dataclass(frozen=True, order=True)
class Place:
    """A function of the project."""

    path: str
    function: str
    """Qualified."""


@dataclass(frozen=True)
class Scope:
    """What names mean inside one file: its own and imported ones, and the methods that an object may have."""

    names: dict[str, Meaning]
    methods: dict[str, list[Place]]
    """By method name, over all classes that the file can come across."""


def scope_of(project: Project, path: str) -> Scope:
    """The scope of a file: classes count that it defines or imports, or that stand where its imports come from."""
    names = {name: project.follow(meaning) for name, meaning in project.names(path).items()}
    classes = [m for m in names.values() if class_of(project, m)]
    for neighbour in dict.fromkeys(m.module for m in names.values()):
        module = project.module(neighbour)
        nodes = module.tree.body if module else []
        classes += [Meaning(neighbour, n.name) for n in nodes if isinstance(n, ast.ClassDef)]
    methods: dict[str, list[Place]] = {}
    for meaning in dict.fromkeys(classes):
        for name, place in class_methods(project, meaning).items():
            if place not in methods.setdefault(name, []):
                methods[name].append(place)
    return Scope(names, methods)


def references(project: Project, scope: Scope, nodes: Iterable[ast.AST]) -> Iterator[Place]:
    """The functions that the code names, in its order; a class stands for what makes its objects."""
    for node in nodes:
        for inner in in_order(node):
            if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Load) and inner.id in scope.names:
                yield from callable_places(project, scope.names[inner.id])
            elif isinstance(inner, ast.Attribute):
                meaning = meaning_of(project, scope, inner)
                if meaning is None:
                    yield from scope.methods.get(inner.attr, [])
                else:
                    yield from callable_places(project, meaning)


def in_order(node: ast.AST) -> Iterator[ast.AST]:
    """The node and all below it in the order of the source, without recursion."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        waiting += reversed(list(ast.iter_child_nodes(current)))


def meaning_of(project: Project, scope: Scope, node: ast.expr) -> Meaning | None:
    """What a dotted name stands for where it begins with a module or a class of the project; else None."""
    if isinstance(node, ast.Name):
        return scope.names.get(node.id)
    if not isinstance(node, ast.Attribute):
        return None
    owner = meaning_of(project, scope, node.value)
    if owner is None:
        return None
    if not owner.name:
        return project.follow(Meaning(owner.module, node.attr))
    if class_of(project, owner):
        place = class_methods(project, owner).get(node.attr)
        return Meaning(place.path, place.function) if place else None
    return None


def callable_places(project: Project, meaning: Meaning) -> list[Place]:
    """The function itself, or the constructors of a class."""
    module = project.module(meaning.module)
    if module is None or not meaning.name:
        return []
    if find(module.tree, meaning.name):
        return [Place(meaning.module, meaning.name)]
    methods = class_methods(project, meaning)
    return [methods[name] for name in ("__new__", "__init__", "__post_init__") if name in methods]


def class_of(project: Project, meaning: Meaning) -> ast.ClassDef | None:
    """The class at a module's top level that is meant."""
    module = project.module(meaning.module)
    nodes = module.tree.body if module else []
    return next((n for n in nodes if isinstance(n, ast.ClassDef) and n.name == meaning.name), None)


def class_methods(project: Project, meaning: Meaning, depth: int = MAX_BASES) -> dict[str, Place]:
    """The methods of a class by name, inherited ones included where the base stands in the project."""
    node = class_of(project, meaning)
    if node is None or depth == 0:
        return {}
    found: dict[str, Place] = {}
    names = project.names(meaning.module)
    for base in reversed(node.bases):
        if isinstance(base, ast.Name) and base.id in names:
            found |= class_methods(project, project.follow(names[base.id]), depth - 1)
    for n in node.body:
        if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef):
            found[n.name] = Place(meaning.module, f"{node.name}.{n.name}")
    return found
