"""Borrowed: dependency folders of the user's, which lanes link to instead of copying them."""

import json
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from workspace.errors import RunBroken
from workspace.records import atomic_write
from workspace.versions import damaged

NAMES = ("node_modules", ".venv", "venv", "vendor")
"""Where package managers put what a project depends on."""


def find(root: Path, files: Iterable[str]) -> list[str]:
    """The dependency folders beside these files that none of them lies in, sorted; paths relative to ``root``."""
    known = {PurePosixPath(file) for file in files}
    folders = {PurePosixPath(".")}.union(*(file.parents for file in known))
    candidates = sorted(folder / name for folder in folders for name in NAMES)
    return [str(path) for path in candidates if path not in folders | known and (root / path).is_dir()]


def save(folder: Path, names: list[str]) -> None:
    """Keep the list in a run's folder."""
    atomic_write(folder / "borrowed.json", json.dumps(names).encode("utf-8", "surrogatepass"))


def load(folder: Path) -> tuple[str, ...]:
    """The list in a run's folder; empty before the snapshot."""
    try:
        return tuple(json.loads((folder / "borrowed.json").read_bytes().decode("utf-8", "surrogatepass")))
    except FileNotFoundError:
        return ()
    except ValueError as error:
        raise RunBroken(damaged(folder / "borrowed.json", str(error))) from error
