"""Toolchains: where the user's compilers and interpreters lie, and what of it a command in the sandbox may see."""

import functools
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from workspace.interpreters import base_of, pyenv_version

SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/opt", "/nix/store", "/gnu/store")
"""Folders of the system that hold programs and libraries, and no secrets."""

TOOLS = ("node", "npm", "pnpm", "yarn", "bun", "deno", "go", "java", "mvn", "gradle", "make", "uv", "ruff", "mypy")
"""Programs whose real place is looked up when the one on the PATH is only a link to it."""


@dataclass(frozen=True)
class Toolchains:
    """What lies outside the system's own folders and is needed to run programs of the PATH."""

    path: tuple[str, ...]
    """The PATH inside, shims replaced by what they stand for."""
    readable: tuple[Path, ...]
    """Folders and files to show, read-only."""
    env: Mapping[str, str]
    """Variables that tell the tools where their things are."""


@functools.cache
def toolchains(path: str, home: Path, python: str) -> Toolchains:
    """The toolchains of a PATH; ``python`` is an interpreter that is usable in any case, at the end of the PATH."""
    folders = [Path(entry) for entry in path.split(os.pathsep) if os.path.isabs(entry)]
    shown: dict[Path, None] = {}
    inside: dict[str, None] = {}
    for folder in [*folders, Path(python).parent]:
        real = unshimmed(folder, home)
        if not os.access(real, os.R_OK | os.X_OK):
            continue
        inside[str(real)] = None
        shown.update(dict.fromkeys(needed_by(real, home)))
    for tool in TOOLS:
        if found := shutil.which(tool, path=os.pathsep.join(inside)):
            shown.update(dict.fromkeys(needed_by(Path(found).resolve().parent, home)))
    env = {name: str(value) for name, value in homes(home).items()}
    return Toolchains(tuple(inside), tuple(p for p in shown if not in_system(p) and os.access(p, os.R_OK)), env)


def unshimmed(folder: Path, home: Path) -> Path:
    """The folder of programs that a folder of pyenv's shims stands for; any other folder as it is."""
    if folder.name == "shims" and (version := pyenv_version(folder.parent)):
        return folder.parent / "versions" / version / "bin"
    return folder


def needed_by(folder: Path, home: Path) -> Iterator[Path]:
    """What must be visible for the programs of a folder to run."""
    if in_system(folder):
        return
    prefix = folder.parent
    if prefix == home / ".cargo":
        yield from cargo_needs(home)
    elif folder.name == "bin" and prefix != home / ".local" and not home.is_relative_to(prefix):
        yield prefix
        yield from base_of(prefix)
    else:
        yield folder


def cargo_needs(home: Path) -> Iterator[Path]:
    """Cargo's programs and sources without its credentials, and the compilers behind its proxies."""
    cargo = home / ".cargo"
    yield from (cargo / name for name in ("bin", "registry", "git"))
    config = cargo / "config.toml"
    if os.access(config, os.R_OK) and "token" not in config.read_text("utf-8", "replace"):
        yield config
    yield home / ".rustup"


def homes(home: Path) -> dict[str, Path]:
    """Where tools look for what was installed or fetched before; only what is there."""
    places = {
        "CARGO_HOME": home / ".cargo",
        "RUSTUP_HOME": home / ".rustup",
        "GOMODCACHE": home / "go" / "pkg" / "mod",
    }
    return {name: place for name, place in places.items() if os.access(place, os.R_OK)}


def in_system(path: Path) -> bool:
    """True for what the sandbox shows anyway."""
    return any(path.is_relative_to(folder) for folder in SYSTEM)
