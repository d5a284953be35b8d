"""Detect: the checks that a project shows by its files."""

import json
import os
import re
import shlex
import shutil
from collections.abc import Callable, Collection, Iterator
from pathlib import Path, PurePosixPath

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
    return [Check(name=name, command=command, kind="test", origin="detected") for name, command in found]


def commands(tree: Path, root: Path) -> Iterator[tuple[str, str]]:
    """Name and command of each ecosystem's tests at the top; of the projects in folders below where it has none there.

    A makefile speaks for the whole where nothing at the top is known better.
    """
    at_top = {finder: finder(tree, root) for finder, _ in FINDERS}
    if not any(at_top.values()) and has_make_test(tree):
        yield "make test", "make test"
        return
    for finder, manifests in FINDERS:
        if found := at_top[finder]:
            yield found
        else:
            for folder in projects_below(tree, manifests):
                if below := finder(tree / folder, root / folder):
                    yield f"{below[0]} in {folder}", within(folder, below[1])


def within(folder: str, command: str) -> str:
    """The command as it is run from the top."""
    return f"cd {shlex.quote(folder)} && {command}"


def projects_below(tree: Path, manifests: Collection[str]) -> list[str]:
    """The outermost folders that hold one of these files, relative to ``tree``; samples and test data are none."""
    folders: list[PurePosixPath] = []
    for file in files_below(tree):
        folder = PurePosixPath(file.parent.relative_to(tree).as_posix())
        if file.name not in manifests or not 0 < len(folder.parts) <= DEEPEST or NO_PROJECT.intersection(folder.parts):
            continue
        if not any(folder.is_relative_to(outer) for outer in folders):
            folders.append(folder)
    return sorted(map(str, folders))[:MOST_BELOW]


def python(tree: Path, root: Path) -> tuple[str, str] | None:
    """pytest where some interpreter at hand has it, else unittest where the tests are written for it."""
    if is_python_below(tree):
        return None
    tests = [f for f in files_below(tree) if re.fullmatch(r"test_.*\.py|.*_test\.py|tests?\.py", f.name)]
    if not tests:
        return None
    if command := pytest_command(root):
        return "pytest", command
    if any("unittest" in f.read_text("utf-8", "replace") for f in tests):
        return "unittest", f"{python_command(root)} -m unittest discover{unittest_start(tree)}"
    return None


def is_python_below(tree: Path) -> bool:
    """True where Python projects lie in folders below and nothing of them at the top: each is run in its own folder."""
    if any((tree / name).is_file() for name in PYTHON_MANIFESTS) or any(tree.glob("*.py")):
        return False
    at_top = any(any((tree / name).glob("*.py")) for name in ("tests", "test"))
    return not at_top and bool(projects_below(tree, PYTHON_MANIFESTS))


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
    if not (tree / "package.json").is_file() and projects_below(tree, ["package.json"]):
        return None
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


PYTHON_MANIFESTS = ("pyproject.toml", "setup.py", "setup.cfg", "requirements.txt", "pytest.ini", "tox.ini")
"""What lies at the top of a Python project."""

FINDERS: tuple[tuple[Callable[[Path, Path], tuple[str, str] | None], tuple[str, ...]], ...] = (
    (python, PYTHON_MANIFESTS),
    (javascript, ("package.json",)),
    (cargo, ("Cargo.toml",)),
    (go, ("go.mod",)),
    (maven, ("pom.xml",)),
    (gradle, ("settings.gradle", "settings.gradle.kts", "build.gradle", "build.gradle.kts")),
)
"""Each ecosystem with the files that lie at the top of its projects."""

NO_PROJECT = frozenset({"example", "examples", "fixtures", "testdata", "templates", "test", "tests", "docs"})
"""Folders whose projects are samples."""

DEEPEST = 3
"""How many folders deep a project may lie."""

MOST_BELOW = 6
"""Most projects of one ecosystem that are checked by themselves."""
