"""Files of a project, without what is installed, built or hidden."""

import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

SKIPPED = frozenset({"node_modules", "venv", "target", "dist", "build", "vendor", "__pycache__", "site-packages"})
"""Folders that hold no sources of the project."""

MOST = 20_000
"""Most files that are looked at: enough for every project whose tests end in time."""


def files_below(tree: Path) -> Iterator[Path]:
    """The files below a folder, in a fixed order."""
    return islice(_walked(tree), MOST)


def _walked(tree: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(tree):
        folders[:] = sorted(name for name in folders if name not in SKIPPED and not name.startswith("."))
        yield from (Path(folder, name) for name in sorted(names))
