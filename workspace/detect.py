"""Detect: the checks that a project shows by its files."""

import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from workspace.checks import Check
from workspace.files import files_below
from workspace.interpreters import python_command, python_with

PYTEST_FLAGS = "-q --no-header --tb=short -rfE -p no:cacheprovider"
"""Little output, every failed test by name, nothing written into the tree."""

NODE_TEST = "node --test --test-reporter=spec"
"""Node's own runner with the same format in every version."""


def detect(tree: Path, *, root: Path) -> list[Check]:
    """The test commands of every ecosystem in ``tree``, a copy of the user's ``root``; none where nothing can run."""
    found = list(commands(tree, root))
    if not found and has_make_test(tree):
        found = [("make test", "make test")]
    return [Check(name=name, command=command, kind="test", origin="detected") for name, command in found]


def commands(tree: Path, root: Path) -> Iterator[tuple[str, str]]:
    """Name and command of each ecosystem's tests."""
    finders: tuple[Callable[[Path, Path], tuple[str, str] | None], ...] = (python, javascript, cargo, go, maven, gradle)
    for finder in finders:
        if found := finder(tree, root):
            yield found


def python(tree: Path, root: Path) -> tuple[str, str] | None:
    """pytest where some interpreter at hand has it, else unittest where the tests are written for it."""
    tests = [f for f in files_below(tree) if re.fullmatch(r"test_.*\.py|.*_test\.py|tests?\.py", f.name)]
    if not tests:
        return None
    if command := pytest_command(root):
        return "pytest", command
    if any("unittest" in f.read_text("utf-8", "replace") for f in tests):
        return "unittest", f"{python_command(root)} -m unittest discover{unittest_start(tree)}"
    return None


def pytest_command(root: Path) -> str | None:
    """The command of pytest without paths; None where no interpreter has it."""
    interpreter = python_with("pytest", root)
    return f"{interpreter} -m pytest {PYTEST_FLAGS}" if interpreter else None


def unittest_start(tree: Path) -> str:
    """Where discovery starts: plain folders are not searched from above."""
    for name in ("tests", "test"):
        if (tree / name).is_dir():
            return f" -t . -s {name}" if (tree / name / "__init__.py").is_file() else f" -s {name}"
    return ""


def javascript(tree: Path, root: Path) -> tuple[str, str] | None:
    """The project's test script, started by its package manager; without one, node's runner where it finds tests."""
    script = test_script(tree)
    if script and (plain := plain_node(script)):
        return ("node --test", plain) if shutil.which("node") else None
    if script:
        manager = package_manager(tree)
        start = "bun run test" if manager == "bun" else f"{manager} test"
        return (start, start) if shutil.which(manager) else None
    tests = (f for f in files_below(tree) if re.fullmatch(r".*[._-]test\.[cm]?js", f.name))
    if shutil.which("node") and any(tests):
        return "node --test", NODE_TEST
    return None


def test_script(tree: Path) -> str:
    """The script ``test`` of package.json; empty where there is none, or the one that npm puts there."""
    scripts = package(tree).get("scripts")
    script = scripts.get("test") if isinstance(scripts, dict) else None
    return script if isinstance(script, str) and "no test specified" not in script else ""


def package(tree: Path) -> dict[str, object]:
    """The content of package.json; empty where there is none, or it is damaged."""
    try:
        content = json.loads((tree / "package.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def plain_node(script: str) -> str:
    """A script that only starts node's runner, with a fixed format: it needs no package manager. Empty for others."""
    if not re.match(r"node\s+--test\b", script) or re.search(r"[&|;<>$`]", script):
        return ""
    if "--test-reporter" in script:
        return script
    return re.sub(r"^node\s+--test\b", NODE_TEST, script)


def package_manager(tree: Path) -> str:
    """The package manager whose lock file lies here; npm where none does."""
    locks = {"pnpm-lock.yaml": "pnpm", "yarn.lock": "yarn", "bun.lock": "bun", "bun.lockb": "bun"}
    return next((manager for lock, manager in locks.items() if (tree / lock).is_file()), "npm")


def cargo(tree: Path, root: Path) -> tuple[str, str] | None:
    """Every test of the crate or workspace, whatever fails first."""
    here = (tree / "Cargo.toml").is_file() and shutil.which("cargo")
    return ("cargo test", "cargo test --no-fail-fast") if here else None


def go(tree: Path, root: Path) -> tuple[str, str] | None:
    """Every package of the module."""
    here = (tree / "go.mod").is_file() and shutil.which("go")
    return ("go test", "go test ./...") if here else None


def maven(tree: Path, root: Path) -> tuple[str, str] | None:
    """Maven, without the network."""
    here = (tree / "pom.xml").is_file() and shutil.which("mvn")
    return ("maven", "mvn -o -B -q test") if here else None


def gradle(tree: Path, root: Path) -> tuple[str, str] | None:
    """Gradle, without the network or a process that stays behind."""
    if not any((tree / name).is_file() for name in ("build.gradle", "build.gradle.kts")):
        return None
    program = "./gradlew" if os.access(tree / "gradlew", os.X_OK) else "gradle" if shutil.which("gradle") else ""
    return ("gradle", f"{program} --offline --no-daemon --console=plain test") if program else None


def has_make_test(tree: Path) -> bool:
    """True for a makefile with a target ``test`` and a make to read it."""
    for name in ("GNUmakefile", "makefile", "Makefile"):
        if (tree / name).is_file():
            text = (tree / name).read_text("utf-8", "replace")
            return bool(re.search(r"^test\s*:(?!=)", text, re.M)) and shutil.which("make") is not None
    return False
