"""Workbench: the folder that tools work on."""

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from tools._native import CancelToken, Index, recover_edits

Protection = Callable[[str], str]
"""Why a path may not be changed, in a word or two; empty where it may."""


@dataclass(frozen=True)
class Workbench:
    """One folder, its index, and what may be changed in it."""

    index: Index
    root: Path
    journal: Path
    """Folder outside the root in which a change is noted before it is made, so that a killed process leaves no half."""
    protected: Protection
    token: CancelToken | None = None
    """Stops what is under way."""

    @contextmanager
    def cancellable(self) -> Iterator["Workbench"]:
        """The same workbench; whatever it still does when the block is left is stopped."""
        token = CancelToken()
        try:
            yield replace(self, token=token)
        finally:
            token.cancel()


def open_workbench(root: Path, *, journals: Path, protected: Protection) -> Workbench:
    """Index a folder, after ending a change that a killed process left half done.

    ``journals`` holds one journal for each root. Raises OSError where the root cannot be read, EditConflict where that
    change can be neither completed nor undone.
    """
    journal = journals / hashlib.sha256(os.fsencode(root)).hexdigest()[:16]
    recover_edits(root, journal)
    return Workbench(Index(root), root, journal, protected)
