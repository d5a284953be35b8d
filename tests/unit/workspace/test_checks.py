"""Checks on real projects, in real lanes, in the real sandbox: what they did is evidence."""

import shutil
import sys
from pathlib import Path

import pytest

from tests import needs
from workspace import targets
from workspace.checks import Check, CheckRunner, Evidence
from workspace.detect import detect
from workspace.lanes import Lane, open_lane
from workspace.red import red_reason
from workspace.run import Run
from workspace.sandbox import choose_sandbox
from workspace.snapshot import take

Files = dict[str, str]

PYTHON: Files = {
    "shop/__init__.py": "",
    "shop/money.py": "def add(a, b):\n    return a - b\n",
    "tests/test_money.py": "from shop.money import add\n\ndef test_add():\n    assert add(1, 2) == 3\n\n"
    "def test_zero():\n    assert add(0, 0) == 0\n",
}

UNITTEST: Files = {
    "money.py": "def add(a, b):\n    return a - b\n",
    "tests/__init__.py": "",
    "tests/test_money.py": "import unittest\nfrom money import add\n\nclass Sums(unittest.TestCase):\n"
    "    def test_add(self):\n        self.assertEqual(add(1, 2), 3)\n"
    "    def test_zero(self):\n        self.assertEqual(add(0, 0), 0)\n",
}

NODE: Files = {
    "package.json": '{"type": "module", "scripts": {"test": "node --test"}}',
    "money.js": "export const add = (a, b) => a - b;\n",
    "test/money.test.js": "import {test, describe} from 'node:test';\nimport assert from 'node:assert';\n"
    "import {add} from '../money.js';\ndescribe('money', () => {\n  test('adds', () => assert.equal(add(1, 2), 3));\n"
    "  test('zero', () => assert.equal(add(0, 0), 0));\n});\n",
}

CARGO: Files = {
    "Cargo.toml": '[package]\nname = "money"\nversion = "0.1.0"\nedition = "2021"\n',
    "src/lib.rs": "pub fn add(a: i32, b: i32) -> i32 {\n    a - b\n}\n",
    "tests/sums.rs": "#[test]\nfn adds() {\n    assert_eq!(money::add(1, 2), 3);\n}\n#[test]\nfn zero() {\n"
    "    assert_eq!(money::add(0, 0), 0);\n}\n",
}

GO: Files = {
    "go.mod": "module example.com/money\n\ngo 1.21\n",
    "money.go": "package money\n\nfunc Add(a, b int) int { return a - b }\n",
    "money_test.go": 'package money\n\nimport "testing"\n\nfunc TestAdd(t *testing.T) {\n\tif Add(1, 2) != 3 {\n'
    '\t\tt.Errorf("Add(1, 2) = %d", Add(1, 2))\n\t}\n}\n\n'
    "func TestZero(t *testing.T) {\n\tif Add(0, 0) != 0 {\n\t\tt.Fail()\n\t}\n}\n",
}


class Bench:
    """A run over a project, its lane, and its runner."""

    def __init__(self, folder: Path, files: Files) -> None:
        self.root = folder / "project"
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        self._run = Run.create(folder / "home", self.root, "a test", {})
        self.base = take(self._run).commit
        self.lane: Lane = open_lane(self._run, "run")
        self.lane.checkout(self.base)
        self._runner = CheckRunner(self._run, choose_sandbox(unsafe=False))

    def run(self, command: str, *, commit: str = "", timeout: float = 100) -> Evidence:
        """What a command does on a commit."""
        return self._runner.run(command, self.lane, when="before", commit=commit or self.base, timeout=timeout)

    def other(self, name: str) -> Lane:
        """Another lane of the run, on the snapshot."""
        lane = open_lane(self._run, name)
        lane.checkout(self.base)
        return lane

    def text(self, evidence: Evidence) -> str:
        """The output behind an evidence."""
        return self._run.artefacts.text(evidence["output"])

    def tree(self) -> str:
        """The tree of the snapshot."""
        return self._run.repository.tree_of(self.base)

    def repaired(self) -> str:
        """A commit in which every subtraction is an addition."""
        for file in filter(Path.is_file, self.lane.path.rglob("*")):
            file.write_text(file.read_text().replace("a - b", "a + b"))
        return self.lane.commit("repaired", [self.base])


@pytest.mark.parametrize(
    ("files", "program", "failure"),
    [
        (PYTHON, "python3", "tests/test_money.py::test_add"),
        (NODE, "node", "adds"),
        (CARGO, "cargo", "adds"),
        pytest.param(GO, "go", "example.com/money.TestAdd", marks=[pytest.mark.slow, needs.go]),
    ],
    ids=["pytest", "node", "cargo", "go"],
)
def test_an_ecosystem_from_detection_to_green(tmp_path: Path, files: Files, program: str, failure: str) -> None:
    """Detected, red with the right name and reason, narrowed to that test, the same text twice, green when repaired."""
    assert shutil.which(program), f"{program} is needed for this test"
    bench = Bench(tmp_path, files)
    (check,) = detect(bench.lane.path, root=bench.root)
    red = bench.run(check["command"])
    assert (red["passed"], red["failures"], red["tree"]) == (False, [failure], bench.tree())
    assert red_reason(bench.text(red)) == "assertion"
    assert bench.run(check["command"])["output"] == red["output"]
    assert str(tmp_path) not in bench.text(red)
    alone = targets.test_command_for(check, red["failures"])
    assert alone is not None
    assert bench.run(alone)["failures"] == [failure]
    green = bench.run(check["command"], commit=bench.repaired())
    assert (green["passed"], green["exit_code"], green["failures"]) == (True, 0, [])


@pytest.mark.parametrize(
    ("command", "package", "failure"),
    [
        ("python3 -m unittest discover -t . -s tests", True, "tests.test_money.Sums.test_add"),
        ("python3 -m unittest discover -s tests", False, "test_money.Sums.test_add"),
        ("python3 -m unittest tests.test_money", True, "tests.test_money.Sums.test_add"),
    ],
)
def test_unittest_from_command_to_green(tmp_path: Path, command: str, package: bool, failure: str) -> None:
    """The same for the runner that every Python has, wherever discovery starts."""
    files = {name: text for name, text in UNITTEST.items() if package or name != "tests/__init__.py"}
    bench = Bench(tmp_path, files)
    red = bench.run(command)
    assert red["failures"] == [failure]
    check = Check(name="unittest", command=command, kind="test", origin="given")
    alone = targets.test_command_for(check, red["failures"])
    assert alone is not None
    again = bench.run(alone)
    assert again["failures"] == red["failures"] and "Ran 1 test" in bench.text(again)
    green = bench.repaired()
    assert bench.run(command, commit=green)["passed"] and bench.run(alone, commit=green)["passed"]


def test_a_unittest_module_that_cannot_be_imported_turns_green_by_its_own_name(tmp_path: Path) -> None:
    """The name that stands for the whole module while it is broken finds its tests when it is not."""
    files = {name: text for name, text in UNITTEST.items() if name != "tests/__init__.py"}
    bench = Bench(tmp_path, {**files, "money.py": "def sub(a, b):\n    return a - b\n"})
    command = "python3 -m unittest discover -s tests"
    red = bench.run(command)
    assert red["failures"] == ["test_money"] and red_reason(bench.text(red)) == "missing_name"
    alone = targets.test_command_for(Check(name="u", command=command, kind="test", origin="given"), red["failures"])
    assert alone is not None and not bench.run(alone)["passed"]
    (bench.lane.path / "money.py").write_text("def add(a, b):\n    return a + b\n")
    assert bench.run(alone, commit=bench.lane.commit("repaired", [bench.base]))["passed"]


@pytest.mark.parametrize("package", [True, False])
def test_a_unittest_module_alone_is_not_judged_by_a_broken_one_beside_it(tmp_path: Path, package: bool) -> None:
    """Discovery loads every module, so one that cannot be imported must not make the others red."""
    broken = {"tests/test_sub.py": "import unittest\nfrom money import sub\n"}
    files = {name: text for name, text in UNITTEST.items() if package or name != "tests/__init__.py"}
    bench = Bench(tmp_path, {**files, **broken})
    command = f"python3 -m unittest discover{' -t .' if package else ''} -s tests"
    red = bench.run(command)
    broken_name, name = sorted(red["failures"], key=len)
    assert broken_name.endswith("test_sub") and name.endswith("test_money.Sums.test_add")
    alone = targets.test_command_for(Check(name="u", command=command, kind="test", origin="given"), [name])
    assert alone is not None and not bench.run(alone)["passed"]
    assert bench.run(alone, commit=bench.repaired())["passed"]


def test_a_check_leaves_the_lane_as_the_commit(tmp_path: Path) -> None:
    """What a command writes, changes or deletes in the tree is gone afterwards, and never part of another check."""
    bench = Bench(tmp_path, PYTHON)
    bench.run("echo x > new; echo x > shop/money.py; rm tests/test_money.py; mkdir -p .hidden/deep")
    files = {str(f.relative_to(bench.lane.path)): f.read_text() for f in bench.lane.path.rglob("*") if f.is_file()}
    assert files == PYTHON
    (bench.lane.path / "left").write_text("by somebody")
    assert "left" not in bench.text(bench.run("ls"))


def test_the_cache_of_a_tasks_lane_is_not_the_runs(tmp_path: Path) -> None:
    """What code of a task leaves in a cache cannot make the last check of the run green."""
    bench = Bench(tmp_path, PYTHON)
    bench.run("mkdir -p $GOCACHE && echo x > $GOCACHE/planted")
    bench.lane = bench.other("t1")
    assert bench.run("test ! -e $GOCACHE/planted && mkdir -p $GOCACHE && echo x > $GOCACHE/of-a-task")["passed"]
    bench.lane = bench.other("run")
    assert bench.run("test -e $GOCACHE/planted && test ! -e $GOCACHE/of-a-task")["passed"]


def test_a_project_without_pytest_is_not_given_our_plugins(tmp_path: Path) -> None:
    """Our own interpreter runs its tests, and none of the plugins that happen to lie in our environment."""
    bench = Bench(tmp_path, PYTHON)
    assert "hypothesis" not in bench.text(bench.run(f"{sys.executable} -m pytest --version -VV --trace-config"))
    assert "1 failed" in bench.text(bench.run(f"{sys.executable} -m pytest -q -p no:cacheprovider"))


def test_the_users_tree_is_never_touched(tmp_path: Path) -> None:
    """A command cannot reach the folder that the run was started in."""
    bench = Bench(tmp_path, PYTHON)
    assert not bench.run(f"echo x > {bench.root}/shop/money.py")["passed"]
    assert (bench.root / "shop" / "money.py").read_text() == PYTHON["shop/money.py"]


def test_a_check_that_does_not_end_is_stopped_and_says_so(tmp_path: Path) -> None:
    """Time is a reason of its own, whatever was printed before."""
    bench = Bench(tmp_path, PYTHON)
    evidence = bench.run("echo E   assert 1 == 2; sleep 300", timeout=1)
    assert evidence["timed_out"] and not evidence["passed"]
    assert red_reason(bench.text(evidence)) == "timeout"


def test_an_environment_of_the_users_is_borrowed_and_tests_the_lane(tmp_path: Path) -> None:
    """A package that is installed in editable form is found in the lane, not in the user's folder."""
    files = {f"src/{n}" if n.startswith("shop") else n: t for n, t in PYTHON.items()}
    root = tmp_path / "project"
    environment = root / ".venv"
    packages = environment / "lib" / "python3.11" / "site-packages"
    (environment / "bin").mkdir(parents=True)
    packages.mkdir(parents=True)
    (environment / "bin" / "python").symlink_to(Path(sys.executable).resolve())
    (environment / "pyvenv.cfg").write_text(f"home = {Path(sys.executable).resolve().parent}\n")
    (packages / "installed.py").write_text("")
    (packages / "shop.pth").write_text(f"{root}/src\n")
    bench = Bench(tmp_path, files)
    evidence = bench.run(".venv/bin/python -c 'import installed, shop.money; print(shop.money.__file__)'")
    assert bench.text(evidence) == "src/shop/money.py\n"
    assert not bench.run("touch .venv/mark")["passed"] and not (environment / "mark").exists()
