"""What a project shows by its files: its checks, and the Python they are run with."""

import json
import shutil
import sys
from pathlib import Path

import pytest

from workspace.detect import PYTEST_FLAGS, detect
from workspace.interpreters import python_command, python_with


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """An empty project."""
    (tmp_path / "project").mkdir()
    return tmp_path / "project"


def write(tree: Path, files: dict[str, str]) -> None:
    """Write files by their paths."""
    for name, text in files.items():
        path = tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def found(tree: Path) -> dict[str, str]:
    """Name and command of each check."""
    checks = detect(tree, root=tree)
    assert all(check["origin"] == "detected" and check["kind"] == "test" for check in checks)
    return {check["name"]: check["command"] for check in checks}


def programs(folder: Path, monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Make these the only programs of the PATH."""
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).write_text("#!/bin/sh\n")
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)


def make_environment(folder: Path, *packages: str) -> None:
    """A virtual environment as it looks on disk, with packages in it."""
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python").symlink_to(sys.executable)
    (folder / "pyvenv.cfg").write_text("home = /usr/bin\ninclude-system-site-packages = false\n")
    for package in packages:
        (folder / "lib" / "python3.11" / "site-packages" / package).mkdir(parents=True)


def test_an_empty_project_has_no_checks(tree: Path) -> None:
    """Nothing is invented."""
    assert found(tree) == {}


def test_sources_without_tests_have_no_checks(tree: Path) -> None:
    """Python alone is no reason to run a test runner."""
    write(tree, {"shop.py": "x = 1\n", "pyproject.toml": "[project]\nname = 'x'\n"})
    assert found(tree) == {}


def test_pytest_is_run_by_the_projects_own_environment(tree: Path) -> None:
    """The environment beside the code comes first, named relatively, so that the command is the same everywhere."""
    write(tree, {"tests/test_a.py": "def test_a(): pass\n"})
    make_environment(tree / ".venv", "pytest")
    assert found(tree) == {"pytest": f".venv/bin/python -m pytest {PYTEST_FLAGS}"}


def test_an_environment_without_pytest_is_passed_over(tree: Path) -> None:
    """The next interpreter that has pytest is taken."""
    write(tree, {"tests/test_a.py": "def test_a(): pass\n"})
    make_environment(tree / ".venv", "attrs")
    assert python_command(tree) == ".venv/bin/python"
    assert ".venv" not in found(tree)["pytest"]


def test_an_active_environment_on_the_path_is_called_by_a_plain_word(tree: Path, tmp_path: Path) -> None:
    """No absolute path gets into a command where a word does."""
    make_environment(tmp_path / "env", "pytest")
    (tmp_path / "env" / "bin" / "python3").symlink_to(sys.executable)
    env = {"VIRTUAL_ENV": str(tmp_path / "env"), "PATH": str(tmp_path / "env" / "bin")}
    assert python_with("pytest", tree, env) == "python3"
    away = {**env, "PATH": "/nonexistent"}
    assert python_with("pytest", tree, away) == f"{tmp_path}/env/bin/python"


def test_the_products_own_python_is_the_last_resort(tree: Path) -> None:
    """Without any other interpreter there is still one."""
    assert python_command(tree, {"PATH": "/nonexistent"}) == sys.executable


def test_unittest_is_taken_where_no_python_has_pytest(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tests written for unittest run with what every Python has."""
    make_environment(tmp_path / "bare")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "bare" / "bin" / "python"))
    programs(tmp_path / "bin", monkeypatch)
    make_environment(tree / ".venv")
    write(tree, {"tests/test_a.py": "import unittest\n", "tests/__init__.py": ""})
    assert found(tree) == {"unittest": ".venv/bin/python -m unittest discover -t . -s tests"}
    write(tree, {"tests/test_a.py": "def test_a(): pass\n"})
    assert found(tree) == {}


@pytest.mark.parametrize(
    ("script", "command"),
    [
        ("node --test", "node --test --test-reporter=spec"),
        ("node --test test/", "node --test --test-reporter=spec test/"),
        ("node --test --test-reporter=tap", "node --test --test-reporter=tap"),
        ("node --test && echo done", "npm test"),
        ("jest", "npm test"),
    ],
)
def test_a_test_script_is_taken(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, command: str
) -> None:
    """A script that only starts node is run without npm and with a fixed format; any other as its author meant it."""
    programs(tmp_path / "bin", monkeypatch, "node", "npm")
    write(tree, {"package.json": json.dumps({"scripts": {"test": script}})})
    assert list(found(tree).values()) == [command]


@pytest.mark.parametrize(
    ("lock", "command"),
    [("pnpm-lock.yaml", "pnpm test"), ("yarn.lock", "yarn test"), ("bun.lock", "bun run test"), ("x", "npm test")],
)
def test_the_lock_file_names_the_package_manager(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lock: str, command: str
) -> None:
    """The project's own package manager starts the script."""
    programs(tmp_path / "bin", monkeypatch, "node", "npm", "pnpm", "yarn", "bun")
    write(tree, {"package.json": json.dumps({"scripts": {"test": "jest"}}), lock: ""})
    assert list(found(tree).values()) == [command]


@pytest.mark.parametrize("content", ['{"scripts": {"test": "echo \\"Error: no test specified\\""}}', "{", "[]"])
def test_a_package_without_a_real_test_script_has_none(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str
) -> None:
    """npm's placeholder and damaged files are no checks; test files still are."""
    programs(tmp_path / "bin", monkeypatch, "node", "npm")
    write(tree, {"package.json": content})
    assert found(tree) == {}
    write(tree, {"test/sum.test.mjs": ""})
    assert found(tree) == {"node --test": "node --test --test-reporter=spec"}


def test_every_ecosystem_of_a_project_is_found(tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Several side by side give a check each, in a fixed order; make is not asked when they are known."""
    write(tree, {
        "Cargo.toml": "", "go.mod": "", "pom.xml": "", "build.gradle": "", "Makefile": "test:\n", "a.test.js": "",
    })  # fmt: skip
    programs(tmp_path / "bin", monkeypatch, "node", "cargo", "go", "mvn", "gradle", "make")
    assert list(found(tree)) == ["node --test", "cargo test", "go test", "maven", "gradle"]
    programs(tmp_path / "other", monkeypatch, "cargo")
    assert list(found(tree)) == ["cargo test"]


@pytest.mark.parametrize(
    ("text", "there"), [("test:\n\tcc x.c\n", True), ("test: all\n", True), ("test := 1\n", False), ("tests:\n", False)]
)
def test_a_make_target_is_the_last_choice(tree: Path, text: str, there: bool) -> None:
    """Only a target that is called test counts."""
    if shutil.which("make"):
        write(tree, {"Makefile": text})
        assert found(tree) == ({"make test": "make test"} if there else {})


def test_installed_packages_are_not_searched_for_tests(tree: Path) -> None:
    """Tests of dependencies are not the project's."""
    write(tree, {"node_modules/x/a.test.js": "", ".venv/test_a.py": "", "build/test_b.py": ""})
    assert found(tree) == {}


def test_projects_below_the_top_are_run_in_their_folders(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A repository of several projects: each is found, the outermost ones only, samples and installed ones never."""
    programs(tmp_path / "bin", monkeypatch, "node", "npm", "cargo")
    script = json.dumps({"scripts": {"test": "jest"}})
    write(tree, {
        "web/package.json": script, "web/a.test.js": "", "web/inner/package.json": script,
        "my app/package.json": script, "node_modules/m/package.json": script,
        "native/Cargo.toml": "", "examples/x/Cargo.toml": "", "a/b/c/d/Cargo.toml": "",
    })  # fmt: skip
    assert found(tree) == {
        "npm test in my app": "cd 'my app' && npm test",
        "npm test in web": "cd web && npm test",
        "cargo test in native": "cd native && cargo test --no-fail-fast",
    }
    write(tree, {"package.json": script})
    assert list(found(tree)) == ["npm test", "cargo test in native"]


def test_python_below_the_top_is_run_in_its_folder(tree: Path) -> None:
    """A backend imports its own packages from its own folder; at the top nothing of it could be found."""
    write(tree, {"back/pyproject.toml": "", "back/app/__init__.py": "", "back/tests/test_a.py": ""})
    name, command = found(tree).popitem()
    assert name == "pytest in back" and command.startswith("cd back && ") and "-m pytest" in command
    write(tree, {"pyproject.toml": ""})
    assert list(found(tree)) == ["pytest"]


def test_a_makefile_at_the_top_speaks_for_what_lies_below(tree: Path) -> None:
    """Where the top has a test target and no ecosystem of its own, its author has said how all of it is tested."""
    write(tree, {"Makefile": "test:\n\tcd back && pytest\n", "back/pyproject.toml": "", "back/tests/test_a.py": ""})
    assert found(tree) == {"make test": "make test"}
