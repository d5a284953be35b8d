"""Targets: how one test alone is run, and where a new one goes."""

import re
import shlex
import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from workspace.checks import Check
from workspace.detect import (
    NODE_TEST,
    PYTHON_MANIFESTS,
    is_python_below,
    package,
    projects_below,
    pytest_command,
    within,
)
from workspace.files import files_below
from workspace.interpreters import python_command


@dataclass(frozen=True)
class TestTarget:
    """Where a new test goes and how it alone is run."""

    path: str
    language: str
    command: str
    framework: str
    """What the test is written with, for whoever writes it."""


def test_command_for(check: Check, test_ids: Sequence[str]) -> str | None:
    """The command that runs only these tests of a check; None where the runner or the command is not known."""
    start = re.match(r"cd [\w./-]+ && ", check["command"])
    folder = start[0] if start else ""
    command = check["command"].removeprefix(folder)
    try:
        words = shlex.split(command)
    except ValueError:
        return None
    if not words or not test_ids or re.search(r"[&|;<>$`\n]", command):
        return None
    alone = command_for(words, test_ids)
    return f"{folder}{alone}" if alone else None


def command_for(words: Sequence[str], test_ids: Sequence[str]) -> str | None:
    """The same for a command in words that is run in the current folder."""
    if "pytest" in words:
        return shlex.join([*pytest_options(words), *test_ids])
    if "unittest" in words:
        return unittest_command(words, test_ids)
    if words[:2] == ["cargo", "test"]:
        return shlex.join([*words[: words.index("--") if "--" in words else None], "--", "--exact", *test_ids])
    if words[:2] == ["go", "test"]:
        return go_command(test_ids)
    if words[0] == "node" and "--test" in words:
        return node_command(words, test_ids)
    return None


def pytest_options(words: Sequence[str]) -> list[str]:
    """A command of pytest without the paths that it names: the tests take their place."""
    start = list(words).index("pytest") + 1
    kept = list(words[:start])
    for before, word in zip(words[start - 1 :], words[start:], strict=False):
        if word.startswith("-") or before in ("-p", "-k", "-m", "-c", "-o", "-W", "-n", "-r"):
            kept.append(word)
    return kept


def unittest_command(words: Sequence[str], test_ids: Sequence[str]) -> str:
    """Tests by their names; where discovery makes names begin in another folder, those of their one module.

    Discovery loads every module, and one that cannot be imported fails whatever tests are wanted. So it is left out
    where names begin in the current folder, and else kept to one module where that is enough.
    """
    if "discover" not in words or begins_here(words[words.index("discover") + 1 :]):
        return shlex.join([*words[: words.index("unittest") + 1], *test_ids])
    modules = {module_of(name) for name in test_ids}
    if len(modules) == 1 and (module := modules.pop()):
        patterns = [part for name in test_ids if name != module for part in ("-k", f"*{name}")]
        return shlex.join([*words, "-p", f"{module}.py", *patterns])
    # The second pattern is for a module that could not be imported and is known by its own name alone.
    patterns = [part for name in test_ids for part in ("-k", f"*{name}", "-k", f"*{name}.*")]
    return shlex.join([*words, *patterns])


def begins_here(options: Sequence[str]) -> bool:
    """True where unittest's discovery names tests from the current folder on, as far as its options tell."""
    for name in ("-t", "--top-level-directory"):
        if name in options[:-1]:
            return options[options.index(name) + 1] == "."
    return all(word.startswith("-") and not word.startswith(("-s", "--start", "--top")) for word in options)


def module_of(name: str) -> str:
    """The module of a test of unittest, by the way in which classes are spelt; empty where that does not tell."""
    parts = name.split(".")
    if len(parts) > 2 and parts[-2][:1].isupper():
        return parts[-3]
    return name if len(parts) == 1 else ""


def go_command(test_ids: Sequence[str]) -> str | None:
    """``package.TestName/part`` by package and name; parts run with their whole test. None for a whole package."""
    packages: dict[str, None] = {}
    tests: dict[str, None] = {}
    for name in test_ids:
        match = re.fullmatch(r"(?:(.+)\.)?(Test\w+|Example\w*|Fuzz\w+)(?:/.*)?", name)
        if match is None:
            return None
        packages[match[1] or "./..."] = None
        tests[match[2]] = None
    return shlex.join(["go", "test", "-run", f"^({'|'.join(tests)})$", *packages])


def node_command(words: Sequence[str], test_ids: Sequence[str]) -> str | None:
    """Tests by their names; files that could not even be loaded by their paths. None for a mixture."""
    files = [name for name in test_ids if re.fullmatch(r"[\w./-]+\.[cm]?[jt]sx?", name)]
    if files:
        options = [word for word in words if word.startswith("-")]
        return shlex.join([words[0], *options, *files]) if len(files) == len(test_ids) else None
    # Not anchored at its beginning: newer versions put the names of the suites before that of the test.
    names = "|".join(re.escape(name) for name in test_ids)
    return shlex.join([*words[:2], f"--test-name-pattern=(?:{names})$", *words[2:]])


def new_test_target(tree: Path, *, root: Path, name: str) -> TestTarget | None:
    """Where a new test goes, in the language of most of the project; None where no test can run.

    Its file is called after ``name``, and never like one that is there already.
    """
    word = re.sub(r"^tests?_", "", re.sub(r"\W+", "_", name).strip("_").lower())[:LONGEST_NAME].strip("_") or "task"
    for number in range(1, MOST_OF_A_NAME + 1):
        target = target_called(word if number == 1 else f"{word}_{number}", tree, root)
        if target is None or not (tree / target.path).exists():
            return target
    return None


def target_called(word: str, tree: Path, root: Path) -> TestTarget | None:
    """The target of this name."""
    sizes = Counter(LANGUAGES.get(file.suffix, "") for file in files_below(tree))
    languages = [name for name, _ in sizes.most_common() if name]
    for language in languages or ["python"]:
        make, manifests = TARGETS[language]
        below = projects_below(tree, manifests)
        if not (language == "python" and is_python_below(tree)) and (target := make(tree, root, word)):
            return target
        for folder in below:
            if target := make(tree / folder, root / folder, word):
                return replace(target, path=f"{folder}/{target.path}", command=within(folder, target.command))
    return None


def python_target(tree: Path, root: Path, word: str) -> TestTarget:
    """pytest, or unittest where no interpreter has pytest."""
    folder = next((name for name in ("tests", "test") if (tree / name).is_dir()), "tests")
    path = f"{folder}/test_{word}.py"
    if command := pytest_command(root):
        return TestTarget(path, "python", f"{command} {path}", "pytest")
    return TestTarget(path, "python", f"{python_command(root)} -m unittest {path}", "unittest")


def javascript_target(tree: Path, root: Path, word: str) -> TestTarget | None:
    """vitest or jest where the project has them installed, else node's own runner."""
    folder = next((name for name in ("test", "tests", "__tests__") if (tree / name).is_dir()), "test")
    for runner, start in (("vitest", "vitest run"), ("jest", "jest")):
        if (tree / "node_modules" / ".bin" / runner).exists():
            suffix = "ts" if (tree / "tsconfig.json").is_file() else "js"
            path = f"{folder}/{word}.test.{suffix}"
            return TestTarget(path, LANGUAGES[f".{suffix}"], f"node_modules/.bin/{start} {path}", runner)
    if not shutil.which("node"):
        return None
    path = f"{folder}/{word}.test.js"
    modules = "ES modules, import" if package(tree).get("type") == "module" else "CommonJS, require"
    return TestTarget(path, "javascript", f"{NODE_TEST} {path}", f"node:test and node:assert; {modules}")


def typescript_target(tree: Path, root: Path, word: str) -> TestTarget | None:
    """As for JavaScript, where a runner is installed that understands TypeScript."""
    target = javascript_target(tree, root, word)
    return target if target and target.framework in ("vitest", "jest") else None


def rust_target(tree: Path, root: Path, word: str) -> TestTarget | None:
    """An integration test: of the library, or of the program where there is no library."""
    manifest = tree / "Cargo.toml"
    name = re.search(r"^\[package\][^\[]*?^name\s*=\s*\"([^\"]+)\"", read(manifest), re.M | re.S)
    if name is None or not shutil.which("cargo"):
        return None
    path = f"tests/{word}.rs"
    is_library = (tree / "src" / "lib.rs").is_file()
    crate = f"crate {name[1].replace('-', '_')}" if is_library else f'program env!("CARGO_BIN_EXE_{name[1]}")'
    return TestTarget(path, "rust", f"cargo test --test {word}", f"cargo integration test of the {crate}")


def go_target(tree: Path, root: Path, word: str) -> TestTarget | None:
    """A file in the package that has most of the code; its tests are known by the beginning of their names."""
    if not (tree / "go.mod").is_file() or not shutil.which("go"):
        return None
    sources = [f for f in files_below(tree) if f.suffix == ".go" and not f.name.endswith("_test.go")]
    if not sources:
        return None
    folder = Counter(f.parent for f in sources).most_common(1)[0][0]
    first = next(f for f in sources if f.parent == folder)
    name = re.search(r"^package\s+(\w+)", read(first), re.M)
    place = folder.relative_to(tree).as_posix()
    prefix = f"Test{''.join(part.capitalize() for part in word.split('_'))}"
    path = f"{word}_test.go" if place == "." else f"{place}/{word}_test.go"
    where = "." if place == "." else f"./{place}"
    framework = f"testing, package {name[1] if name else 'main'}; names begin with {prefix}"
    return TestTarget(path, "go", f"go test -run '^{prefix}' {where}", framework)


def read(file: Path) -> str:
    """A file's text; empty where it cannot be read."""
    try:
        return file.read_text("utf-8", "replace")
    except OSError:
        return ""


LONGEST_NAME = 40
"""Most characters of the name of a new test's file, without what its runner wants."""

MOST_OF_A_NAME = 9
"""Most files that are told apart by a number."""

LANGUAGES = {
    ".py": "python", ".js": "javascript", ".mjs": "javascript", ".cjs": "javascript", ".jsx": "javascript",
    ".ts": "typescript", ".tsx": "typescript", ".rs": "rust", ".go": "go",
}  # fmt: skip
"""Language by suffix, where a test can be written in it."""

TARGETS: dict[str, tuple[Callable[[Path, Path, str], TestTarget | None], tuple[str, ...]]] = {
    "python": (python_target, PYTHON_MANIFESTS),
    "javascript": (javascript_target, ("package.json",)),
    "typescript": (typescript_target, ("package.json",)),
    "rust": (rust_target, ("Cargo.toml",)),
    "go": (go_target, ("go.mod",)),
}
"""Each language with the files that lie at the top of its projects."""
