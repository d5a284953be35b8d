"""Modules: what the names in a Python file stand for, in the files of one project. Nothing is imported or run."""

import ast
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path, PurePosixPath

from tools.definitions import parse

MAX_BYTES = 2_000_000
"""Larger files are not read: no function that a person wrote stands in one."""

MAX_HOPS = 8
"""How many re-exports a name is followed through."""


@dataclass(frozen=True)
class Module:
    """One parsed file of the project."""

    path: str
    """Relative to the project, POSIX."""
    tree: ast.Module = field(repr=False)
    source: str = field(repr=False)


@dataclass(frozen=True)
class Meaning:
    """What a name stands for: something defined in a module, or the module itself (``name`` is empty)."""

    module: str
    name: str


class Project:
    """The Python files of one tree, parsed when they are asked for."""

    def __init__(self, tree: Path) -> None:
        self.tree = tree
        self.module = lru_cache(maxsize=None)(self._module)

    def _module(self, path: str) -> Module | None:
        file = self.tree / path
        try:
            if not file.resolve().is_relative_to(self.tree.resolve()) or file.stat().st_size > MAX_BYTES:
                return None
            source = file.read_bytes().decode("utf-8", "replace")
            return Module(path, parse(source), source)
        except (OSError, SyntaxError):
            return None

    def file_of(self, dotted: str, near: str) -> str | None:
        """The file of an absolute module name as seen from the file ``near``: the root, ``src``, its own folders."""
        parts = dotted.split(".")
        folders = ["", "src", *map(str, PurePosixPath(near).parents)]
        for folder in dict.fromkeys("" if f == "." else f for f in folders):
            stem = PurePosixPath(folder, *parts)
            for path in (f"{stem}.py", f"{stem}/__init__.py"):
                if (self.tree / path).is_file():
                    return path
        return None

    def relative(self, path: str, level: int, dotted: str) -> str | None:
        """The file of a relative import in the file ``path``."""
        parents = PurePosixPath(path).parents
        if level > len(parents):
            return None
        stem = parents[level - 1].joinpath(*filter(None, dotted.split(".")))
        options = [f"{stem}/__init__.py"] if not dotted else [f"{stem}.py", f"{stem}/__init__.py"]
        return next((str(PurePosixPath(p)) for p in options if (self.tree / p).is_file()), None)

    def names(self, path: str, importers: frozenset[str] = frozenset()) -> dict[str, Meaning]:
        """What the names in a file stand for, as far as it lies in the project; re-exports are not followed here.

        ``importers`` are the files whose star import led here: two that import each other so are read once.
        """
        module = self.module(path)
        found: dict[str, Meaning] = {}
        for node in ast.walk(module.tree) if module else ():
            if isinstance(node, ast.Import):
                found |= self.imported(path, node)
            elif isinstance(node, ast.ImportFrom):
                found |= self.imported_from(path, node, importers | {path})
        for node in module.tree.body if module else ():
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                found[node.name] = Meaning(path, node.name)
        return found

    def imported(self, path: str, node: ast.Import) -> dict[str, Meaning]:
        """The names of ``import a.b as c``; ``import a.b`` binds ``a``."""
        found = {}
        for alias in node.names:
            dotted = alias.name if alias.asname else alias.name.split(".")[0]
            if file := self.file_of(dotted, path):
                found[alias.asname or dotted] = Meaning(file, "")
        return found

    def imported_from(self, path: str, node: ast.ImportFrom, importers: frozenset[str]) -> dict[str, Meaning]:
        """The names of ``from m import a as b, c``; a star stands for all top-level names of the module."""
        dotted = node.module or ""
        file = self.relative(path, node.level, dotted) if node.level else self.file_of(dotted, path)
        if file is None:
            return {}
        found: dict[str, Meaning] = {}
        for alias in node.names:
            if alias.name == "*":
                found |= self.names(file, importers) if file not in importers else {}
            else:
                found[alias.asname or alias.name] = Meaning(file, alias.name)
        return found

    def follow(self, meaning: Meaning) -> Meaning:
        """The place of definition, through re-exports; a submodule for a name that is one."""
        for _ in range(MAX_HOPS):
            module = self.module(meaning.module)
            if not meaning.name or module is None or defines(module.tree, meaning.name):
                return meaning
            onward = self.names(meaning.module).get(meaning.name) or self.submodule(meaning)
            if onward is None or onward == meaning:
                return meaning
            meaning = onward
        return meaning

    def submodule(self, meaning: Meaning) -> Meaning | None:
        """The module ``m.name`` where ``m`` is a package."""
        if PurePosixPath(meaning.module).name != "__init__.py":
            return None
        file = self.relative(meaning.module, 1, meaning.name)
        return Meaning(file, "") if file else None


def defines(tree: ast.Module, name: str) -> bool:
    """True where the module's top level defines a function or class of this name."""
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    return any(isinstance(node, kinds) and node.name == name for node in tree.body)
