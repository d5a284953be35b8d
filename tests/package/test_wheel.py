"""The wheel by itself: built once, installed into clean environments outside the repository, and used from there."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.modelserver.load import find
from tests.modelserver.server import Server

pytestmark = [pytest.mark.package, pytest.mark.timeout(3600)]

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "examples/sample"


def interpreters() -> list[str]:
    """The Pythons of this machine, one of each version: on the PATH (shims that lead nowhere are none), or pyenv's."""
    found = []
    for version in ("3.11", "3.12", "3.13", "3.14"):
        name = f"python{version}"
        places = [shutil.which(name), *sorted(map(str, Path.home().glob(f".pyenv/versions/{version}.*/bin/{name}")))]
        works = (
            place
            for place in places
            if place and subprocess.run([place, "-c", ""], capture_output=True).returncode == 0
        )
        found += [place for place in [next(works, None)] if place]
    return found


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel: the one that ``WHEEL`` names, else built from the source distribution, as pip does without wheels."""
    if given := os.environ.get("WHEEL"):
        return Path(given).resolve()
    out = tmp_path_factory.mktemp("dist")
    maturin = Path(sys.executable).parent / "maturin"
    subprocess.run([maturin, "sdist", "--out", out], cwd=ROOT, check=True, capture_output=True)
    (source,) = out.glob("*.tar.gz")
    env = {"CARGO_TARGET_DIR": str(ROOT / "rust_tools/target"), **os.environ}
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--wheel-dir", out, source]
    subprocess.run(command, env=env, check=True, capture_output=True)
    return next(out.glob("*.whl"))


@pytest.fixture(scope="module", params=interpreters())
def installed(request: pytest.FixtureRequest, wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clean environment of one Python with the wheel in it: the folder of its commands."""
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([request.param, "-m", "venv", folder], check=True)
    subprocess.run([folder / "bin/pip", "install", "-q", wheel], check=True)
    return folder / "bin"


@pytest.fixture
def model() -> Iterator[Server]:
    """A scripted model that can repair the sample."""
    with Server(list(find("sample"))) as server:
        yield server


def run(installed: Path, folder: Path, *arguments: str, **env: str) -> "subprocess.CompletedProcess[str]":
    """A command of the installed package, as somebody who has nothing else."""
    clean = {"PATH": f"{installed}:/usr/bin:/bin", "HOME": str(folder.parent), "LANG": "C.UTF-8", **env}
    return subprocess.run(
        [installed / "orchestrator", *arguments], cwd=folder, env=clean, capture_output=True, text=True, check=False
    )


def test_one_wheel_serves_every_python(wheel: Path) -> None:
    """The stable ABI from 3.11 on; types, prompts and licences inside; no test, no path of this machine."""
    assert "-cp311-abi3-" in wheel.name
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        record = next(archive.read(name).decode() for name in names if name.endswith("/RECORD"))
        texts = [archive.read(name) for name in names if name.endswith((".py", ".md", ".json", "METADATA"))]
    assert {"tools/_native.abi3.so", "tools/_native.pyi", "prompts/coder.md"} <= set(names)
    assert "orchestrator/orchestrator.schema.json" in names
    assert {f"orchestrator/fleet/{name}" for name in ("schema.sql", "fence.sql", "roles.sql")} <= set(names)
    assert any(name.endswith("licenses/NOTICE") for name in names)
    assert not [name for name in names if name.startswith(("tests/", "bench/", "docs/", "examples/", "upkeep/"))]
    assert all(f"{name}," in record for name in names)
    assert not [text for text in texts if str(ROOT).encode() in text]


def test_the_command_works_without_the_repository(installed: Path, tmp_path: Path) -> None:
    """Version, help, doctor, the native tools, the schema, completion; nothing is missing but a model."""
    folder = tmp_path / "project"
    shutil.copytree(SAMPLE, folder)
    assert run(installed, folder, "--version").stdout.startswith("orchestrator 0.")
    found = json.loads(run(installed, folder, "doctor", "--json").stdout)["findings"]
    assert {each["name"] for each in found if each["state"] == "missing"} <= {"model", "sandbox"}
    assert "def " in run(installed, folder, "tools", "call", "search", '{"patterns": ["def round"]}').stdout
    assert run(installed, folder, "completion", "bash").returncode == 0
    module = subprocess.run([installed / "python", "-m", "orchestrator", "--version"], cwd=folder, capture_output=True)
    assert module.returncode == 0


@pytest.mark.parametrize("command", [("uv", "tool", "install"), ("pipx", "install")])
def test_it_installs_as_a_tool_of_its_own(command: tuple[str, ...], wheel: Path, tmp_path: Path) -> None:
    """With uv and with pipx, each into an environment that nobody has to know of."""
    program = Path(sys.executable).parent / command[0]
    if not program.exists():
        pytest.skip(f"{command[0]} is not there (extra: release)")
    home, bin_ = tmp_path / "home", tmp_path / "bin"
    home.mkdir()
    places = {"UV_TOOL_DIR": home / "uv", "UV_TOOL_BIN_DIR": bin_, "PIPX_HOME": home / "pipx", "PIPX_BIN_DIR": bin_}
    env = {**os.environ, **{name: str(place) for name, place in places.items()}}
    subprocess.run([program, *command[1:], wheel], env=env, check=True, capture_output=True)
    assert run(bin_, home, "--version").stdout.startswith("orchestrator 0.")


def test_a_run_ends_verified(installed: Path, tmp_path: Path, model: Server) -> None:
    """`auto` on the sample, in an environment that holds the wheel, what it needs, and pytest for the sample."""
    folder = tmp_path / "project"
    shutil.copytree(SAMPLE, folder)
    subprocess.run([installed / "pip", "install", "-q", "pytest"], check=True)
    env = {"OPENAI_BASE_URL": model.base_url, "OPENAI_API_KEY": "none", "ORCHESTRATOR_MODEL": "sample"}

    done = run(installed, folder, "auto", "Make the failing tests pass.", "--json", **env)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["outcome"] == "verified"
