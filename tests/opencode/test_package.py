"""The package as npm publishes it: small, without anything that runs by itself, and tied to no machine."""

import json
import re
import subprocess
import tarfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from orchestrator.opencode.places import specification
from tests.opencode.world import PLUGIN

pytestmark = pytest.mark.opencode


@pytest.fixture
def files(tarball: Path) -> Mapping[str, bytes]:
    """What the package holds."""
    with tarfile.open(tarball) as archive:
        return {m.name.removeprefix("package/"): archive.extractfile(m).read() for m in archive}  # type: ignore[union-attr]


def test_it_is_small_and_holds_what_it_needs(files: Mapping[str, bytes], tarball: Path) -> None:
    """The built plugin, a readme and the licence."""
    assert tarball.stat().st_size < 60_000
    assert {name.split("/")[0] for name in files} == {"dist", "package.json", "README.md", "LICENSE"}
    assert len(files["dist/index.js"].splitlines()) < 400


def test_it_depends_on_nothing_and_runs_nothing_by_itself(files: Mapping[str, bytes]) -> None:
    """OpenCode ignores install scripts; there is none."""
    package = json.loads(files["package.json"])
    assert "dependencies" not in package and not {"install", "postinstall", "preinstall"} & set(package["scripts"])
    assert package["exports"]["./server"] == package["main"] == "./dist/index.js"
    assert f"{package['name']}@{package['version']}" == specification()


def test_it_imports_only_what_every_host_has(files: Mapping[str, bytes]) -> None:
    """Node's own modules and its own files; no path of a machine."""
    for name, text in files.items():
        if name.endswith(".js"):
            found = re.findall(r"""^import\b[^"']*["']([^"']+)|import\(["']([^"']+)""", text.decode(), re.MULTILINE)
            modules = [static or dynamic for static, dynamic in found]
            assert all(module.startswith(("node:", "./", "../")) for module in modules), (name, modules)
        assert not re.search(rb"/(?:home|root|Users|work)/", text), name


def test_it_exports_one_object_and_nothing_else() -> None:
    """A second export would be called as a plugin of its own by OpenCode 1."""
    look = "import * as m from './dist/index.js'; console.log(JSON.stringify([Object.keys(m), Object.keys(m.default)]))"
    said = subprocess.run(
        ["node", "--input-type=module", "-e", look], cwd=PLUGIN, capture_output=True, text=True
    ).stdout
    assert json.loads(said) == [["default"], ["id", "server", "setup"]]
