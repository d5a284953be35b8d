"""The house's own rules: imports run one way, native code and prompts stay in their rooms, names say something."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("orchestrator", "graph", "nodes", "models", "prompts", "tools", "workspace")
LONGEST = 400
"""Lines of a file that nobody has to give a reason for."""


def sources(*packages: str) -> Iterator[Path]:
    for package in packages:
        yield from sorted((ROOT / package).rglob("*.py"))


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def test_imports_run_one_way() -> None:
    """Orchestrator → graph → nodes → {models, prompts, tools} → workspace; sockets and processes have one door each."""
    linter = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_only_tools_know_the_native_module() -> None:
    """Every other package uses it through tools."""
    others = [p for p in PACKAGES if p != "tools"]
    assert [str(p) for p in sources(*others) if any(n.startswith("tools._native") for n in imported(p))] == []


@pytest.mark.parametrize("package", ["nodes", "graph"])
def test_annotations_are_not_postponed(package: str) -> None:
    """LangGraph resolves the hints of nodes and state; postponed ones make edges vanish from the drawing."""
    assert [str(p) for p in sources(package) if "__future__.annotations" in imported(p)] == []


def test_no_file_is_long() -> None:
    """A file holds one idea."""
    long = {str(p.relative_to(ROOT)): len(p.read_text("utf-8").splitlines()) for p in sources(*PACKAGES)}
    assert {path: lines for path, lines in long.items() if lines > LONGEST} == {}


def test_no_file_is_named_for_nothing() -> None:
    """No utils, helpers, manager or common: such names say nothing and grow."""
    empty = {"utils", "util", "helpers", "helper", "manager", "common", "misc"}
    assert [str(p) for p in sources(*PACKAGES) if p.stem in empty] == []
