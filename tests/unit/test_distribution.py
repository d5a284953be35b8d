"""What is given away: every file that the program needs, the licences, and nothing that lay about by chance."""

import shutil
import subprocess
import sys
import tarfile
import tomllib
from collections.abc import Mapping
from email import message_from_bytes
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PACKAGES = tuple(PROJECT["tool"]["maturin"]["python-packages"])
STRAY = (
    "graph/__pycache__/build.cpython-311.pyc",
    "graph/old.so",
    "nodes/.ipynb_checkpoints/coder.py",
    "orchestrator/.mypy_cache/x.json",
    "tools/_native.abi3.so",
    "workspace/git.py.orig",
)
"""Files as work leaves them behind; a folder without git has no list of what to ignore."""


def listed() -> list[str]:
    """Every file that belongs to the repository, new ones included."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return [name for name in names if (ROOT / name).is_file()]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, bytes]:
    """The source distribution, made outside git from a folder in which strays lie about: names and contents."""
    folder = tmp_path_factory.mktemp("sources")
    for name in listed():
        if name.startswith((*(f"{package}/" for package in PACKAGES), "rust_tools/", "LICENSE")) or "/" not in name:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    for name in STRAY:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"stray")
    maturin = Path(sys.executable).parent / "maturin"
    subprocess.run([maturin, "sdist", "--out", folder / "out"], cwd=folder, capture_output=True, check=True)
    (made,) = (folder / "out").iterdir()
    with tarfile.open(made) as tar:
        return {m.name.partition("/")[2]: tar.extractfile(m).read() for m in tar if m.isfile()}  # type: ignore[union-attr]


def test_all_of_the_packages_is_in_it_and_nothing_else(archive: Mapping[str, bytes]) -> None:
    """Prompts, pinned lists, templates, types and the schema as well; no strays, no tests, no documentation."""
    wanted = {name for name in listed() if name.partition("/")[0] in PACKAGES}
    python = {name for name in archive if not name.startswith("rust_tools/") and "/" in name}
    assert python - {"LICENSES/Apache-2.0.txt"} == wanted
    assert {name for name in archive if "/" not in name} == {
        "LICENSE",
        "NOTICE",
        "PKG-INFO",
        "README.md",
        "pyproject.toml",
    }
    assert not [name for name in archive if name.endswith((".so", ".pyc")) or "/." in name]


def test_the_native_module_can_be_built_from_it(archive: Mapping[str, bytes]) -> None:
    """The workspace, its lock file and both crates."""
    crates = {
        name for name in listed() if name.startswith("rust_tools/crates/") and name.endswith((".rs", ".scm", ".toml"))
    }
    assert crates <= set(archive)
    assert {"rust_tools/Cargo.toml", "rust_tools/Cargo.lock"} <= set(archive)


def test_its_metadata_name_licences_and_floor(archive: Mapping[str, bytes]) -> None:
    """A package index shows what holds: the licence texts of what is inside, the oldest Python, every extra."""
    told = message_from_bytes(archive["PKG-INFO"])
    assert set(told.get_all("License-File", [])) == {"LICENSE", "NOTICE", "LICENSES/Apache-2.0.txt"}
    assert (told["License-Expression"], told["Requires-Python"]) == ("MIT", ">=3.11")
    assert set(told.get_all("Provides-Extra", [])) == set(PROJECT["project"]["optional-dependencies"])
    assert "Six agents" in told["Summary"] and str(told.get_payload()).startswith("# OpenCode Orchestrator")


def test_one_version_for_all_parts(archive: Mapping[str, bytes]) -> None:
    """The Python packages, the native module and the plugin are released together."""
    crates = tomllib.loads(archive["rust_tools/Cargo.toml"].decode())["workspace"]["package"]["version"]
    plugin = (ROOT / "plugin/package.json").read_text("utf-8")
    assert crates == PROJECT["project"]["version"] and f'"version": "{crates}"' in plugin


def test_what_ci_installs_is_pinned_with_hashes() -> None:
    """Every direct dependency is in the lock file; no line of it is without a hash."""
    lock = (ROOT / ".ci/requirements.txt").read_text("utf-8")
    pinned = [line for line in lock.splitlines() if "==" in line and not line.startswith("#")]
    assert len(pinned) > 50 and all(line.endswith("\\") for line in pinned)
    for wanted in PROJECT["project"]["dependencies"]:
        name = wanted.split(">")[0].split("=")[0].split("[")[0]
        assert any(line.startswith(f"{name}==") for line in pinned), f"{name} is not in it: make lock"


def test_every_extra_for_users_is_in_the_instructions() -> None:
    """What is not for the project's own work has a line in the table of INSTALL.md, and nothing else has."""
    ours = {"test", "docs", "release", "browser", "fleet-test"}
    table = (ROOT / "docs/INSTALL.md").read_text("utf-8").partition("## Extras")[2].partition("```")[0]
    told = {line.split("`")[1] for line in table.splitlines() if line.startswith("| `")}
    assert told == set(PROJECT["project"]["optional-dependencies"]) - ours
