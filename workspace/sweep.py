"""Sweeping: what a killed process has left half written in a run's folder is removed before the run goes on."""

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from workspace.run import Run


def sweep(run: Run) -> None:
    """Remove partial files and locks; the caller holds the run's lock, so that nobody is still writing them."""
    for path in leftovers(run.folder):
        with suppress(OSError):
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()


def leftovers(folder: Path) -> Iterator[Path]:
    """Everything below a run's folder that bears the name of something unfinished; what lanes hold is theirs."""
    yield from named(folder, (".", "tmp"))
    yield from folder.glob("*.lock")
    yield from folder.glob("lanes/*/*.lock")
    for part, begins in (("artefacts", "."), ("repo.git/refs", "."), ("repo.git/objects", "tmp_")):
        for place, _, names in os.walk(folder / part):
            yield from (Path(place, name) for name in names if name.startswith(begins))


def named(folder: Path, begins: tuple[str, ...]) -> Iterator[Path]:
    """The entries of a folder whose names begin so."""
    yield from (path for path in folder.iterdir() if path.name.startswith(begins))
