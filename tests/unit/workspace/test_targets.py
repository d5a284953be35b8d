"""How one test alone is run, and where a new one goes."""

from pathlib import Path

import pytest

from tests import needs
from workspace import targets
from workspace.checks import Check
from workspace.detect import NODE_TEST, PYTEST_FLAGS


def narrowed(command: str, *test_ids: str) -> str | None:
    """The command for these tests of a check."""
    return targets.test_command_for(Check(name="x", command=command, kind="test", origin="given"), test_ids)


@pytest.mark.parametrize(
    ("command", "ids", "expected"),
    [
        (f"python3 -m pytest {PYTEST_FLAGS}", ["a.py::t[x y]"], f"python3 -m pytest {PYTEST_FLAGS} 'a.py::t[x y]'"),
        ("pytest -q tests/ -k fast", ["a.py::t"], "pytest -q -k fast a.py::t"),
        ("python3 -m unittest -v", ["t.A.b"], "python3 -m unittest t.A.b"),
        ("python3 -m unittest discover -s t", ["A.b"], "python3 -m unittest discover -s t -k '*A.b' -k '*A.b.*'"),
        ("python -m unittest discover -s t", ["t_m.A.b"], "python -m unittest discover -s t -p t_m.py -k '*t_m.A.b'"),
        ("python -m unittest discover -s t -p 'x*.py'", ["m"], "python -m unittest discover -s t -p 'x*.py' -p m.py"),
        ("python3 -m unittest discover -t . -s tests", ["tests.test_a.A.b"], "python3 -m unittest tests.test_a.A.b"),
        ("python3 -m unittest discover", ["test_a.A.b", "test_c"], "python3 -m unittest test_a.A.b test_c"),
        ("cargo test --no-fail-fast", ["tests::a", "b"], "cargo test --no-fail-fast -- --exact tests::a b"),
        ("go test ./...", ["x.org/m/p.TestA/b c", "x.org/m/p.TestB"], "go test -run '^(TestA|TestB)$' x.org/m/p"),
        ("go test ./...", ["x.org/m/p"], None),
        (NODE_TEST, ["adds (1)"], "node --test '--test-name-pattern=(?:adds\\ \\(1\\))$' --test-reporter=spec"),
        (NODE_TEST, ["test/a.test.js"], f"{NODE_TEST} test/a.test.js"),
        (NODE_TEST, ["test/a.test.js", "adds"], None),
        ("npm test", ["adds"], None),
        ("cd web/api && pytest", ["a.py::t"], "cd web/api && pytest a.py::t"),
        ("cd $HOME && pytest", ["a.py::t"], None),
        ("cd web && npm test", ["a"], None),
        ("cd web; pytest", ["a.py::t"], None),
        ("pytest 'unclosed", ["a.py::t"], None),
        ("pytest", [], None),
        ("", ["a"], None),
    ],
)
def test_a_check_is_narrowed_to_some_of_its_tests(command: str, ids: list[str], expected: str | None) -> None:
    """Known runners take names back; a command that cannot be narrowed safely is left alone."""
    assert narrowed(command, *ids) == expected


def test_a_hostile_test_name_stays_one_word() -> None:
    """A name out of a program's output cannot become a command."""
    assert narrowed("pytest -q", "a.py::t[; rm -rf ~]") == "pytest -q 'a.py::t[; rm -rf ~]'"


def target(tree: Path, files: dict[str, str] | None = None) -> targets.TestTarget | None:
    """Where a test of task T-1 goes in a project of these files."""
    for name, text in (files or {}).items():
        path = tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return targets.new_test_target(tree, root=tree, name="Split an amount")


def test_python_tests_go_beside_the_others(tmp_path: Path) -> None:
    """pytest runs the one file."""
    made = target(tmp_path, {"test/test_a.py": "", "shop.py": ""})
    assert made is not None
    assert (made.path, made.language, made.framework) == ("test/test_split_an_amount.py", "python", "pytest")
    assert made.command.endswith(f"-m pytest {PYTEST_FLAGS} {made.path}")


def test_an_empty_folder_gets_python(tmp_path: Path) -> None:
    """A project from nothing can be tested from the start."""
    made = target(tmp_path)
    assert made is not None and made.path == "tests/test_split_an_amount.py"


def test_a_name_that_is_taken_gets_a_number(tmp_path: Path) -> None:
    """A file of the user's is never written over."""
    made = target(tmp_path, {"tests/test_split_an_amount.py": "", "shop.py": ""})
    assert made is not None and made.path == "tests/test_split_an_amount_2.py"


def test_javascript_says_which_modules_it_uses(tmp_path: Path) -> None:
    """The framework tells whoever writes the test how to import."""
    made = target(tmp_path, {"package.json": '{"type": "module"}', "a.js": "", "b.js": ""})
    assert made is not None
    assert (made.path, made.command) == ("test/split_an_amount.test.js", f"{NODE_TEST} test/split_an_amount.test.js")
    assert "ES modules" in made.framework


def test_typescript_needs_a_runner_that_understands_it(tmp_path: Path) -> None:
    """With vitest or jest there is a target; plain node cannot run it."""
    assert target(tmp_path, {"a.ts": "", "tsconfig.json": "{}"}) is None
    made = target(tmp_path, {"node_modules/.bin/vitest": ""})
    assert made is not None
    assert made.command == "node_modules/.bin/vitest run test/split_an_amount.test.ts"


def test_rust_tests_know_their_crate(tmp_path: Path) -> None:
    """An integration test of the library; of the program where there is none."""
    manifest = '[package]\nversion = "1"\nname = "calc-lib"\n[dependencies]\nname = "x"\n'
    made = target(tmp_path, {"Cargo.toml": manifest, "src/lib.rs": ""})
    assert made is not None
    assert (made.path, made.command) == ("tests/split_an_amount.rs", "cargo test --test split_an_amount")
    assert made.framework == "cargo integration test of the crate calc_lib"
    (tmp_path / "src" / "lib.rs").rename(tmp_path / "src" / "main.rs")
    made = target(tmp_path)
    assert made is not None and 'env!("CARGO_BIN_EXE_calc-lib")' in made.framework


@needs.go
def test_go_tests_lie_in_the_package_with_most_code(tmp_path: Path) -> None:
    """The test is inside the package, and its names tell it from the others."""
    made = target(tmp_path, {"go.mod": "module x\n", "main.go": "package main\n",
                               "calc/a.go": "package calc\n", "calc/b.go": "package calc\n"})  # fmt: skip
    assert made is not None
    assert (made.path, made.command) == ("calc/split_an_amount_test.go", "go test -run '^TestSplitAnAmount' ./calc")
    assert made.framework == "testing, package calc; names begin with TestSplitAnAmount"


def test_no_target_where_nothing_can_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the language's tools no test is promised."""
    monkeypatch.setenv("PATH", "/nonexistent")
    assert target(tmp_path, {"go.mod": "module x\n", "main.go": "package main\n"}) is None


@needs.go
def test_a_test_of_a_project_below_the_top_is_run_in_its_folder(tmp_path: Path) -> None:
    """A repository of several projects: the test goes to the project of its language."""
    made = target(tmp_path, {"api/go.mod": "module x\n", "api/main.go": "package main\n", "README.md": ""})
    assert made is not None
    assert (made.path, made.command) == ("api/split_an_amount_test.go", "cd api && go test -run '^TestSplitAnAmount' .")
    python = {f"back/{name}": "" for name in ("pyproject.toml", "a.py", "b.py", "tests/test_a.py")}
    made = target(tmp_path, python)
    assert made is not None
    assert made.path == "back/tests/test_split_an_amount.py"
    assert made.command.startswith("cd back && ") and made.command.endswith(" tests/test_split_an_amount.py")
