"""A twin: the folder of a new run that begins with what another run has kept, made aside and moved in whole."""

import os
import shutil
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from workspace.prune import MAKING
from workspace.records import sync_folder
from workspace.run import Run

KEPT = ("artefacts", "repo.git/objects", "repo.git/refs")
"""Folders that a twin has in common with the other run: their files never change once they are written."""


@contextmanager
def twin(run: Run, home: Path, settings: Mapping[str, Any], *, root: Path | None = None) -> Iterator[Run]:
    """Make a run that holds the objects and artefacts of another one, to be filled; it is there once the block ends.

    Raises RootUnusable. What an interruption leaves behind is emptied by a later pruning.
    """
    name = str(uuid.uuid4())
    aside = home / "runs" / f"{MAKING}{name}"
    try:
        made = Run.create(aside, root or run.root, run.request, settings, run_id=name, parent=run.id)
        for part in KEPT:
            shared(run.folder / part, made.folder / part)
        with suppress(FileNotFoundError):
            shutil.copyfile(run.folder / "borrowed.json", made.folder / "borrowed.json")
        yield made
        os.rename(made.folder, home / "runs" / name)
        sync_folder(home / "runs")
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def shared(old: Path, new: Path) -> None:
    """Give a folder's files a second place: links where the disk has them, else copies; refs are always copies."""
    for place, _, names in os.walk(old):
        there = new / Path(place).relative_to(old)
        there.mkdir(parents=True, exist_ok=True)
        for name in names:
            if name.startswith((".", "tmp_")):
                continue  # somebody is still writing it
            copy(Path(place, name), there / name, link=old.name != "refs")


def copy(old: Path, new: Path, *, link: bool) -> None:
    """Give a file a second place."""
    if link:
        with suppress(OSError):
            os.link(old, new)
            return
    with suppress(FileExistsError):
        shutil.copyfile(old, new)
